"""`--dry-run`: an import says what it would do, and leaves the registry as it was, byte for byte."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.commands.loopback_mlflow import Mlflow, serving

Run = Callable[..., Any]
DATA = Path(__file__).parents[1] / "data/openlineage"
SAID_OF_THE_LOG = ("leaf", "leaves", "dry_run")


@pytest.fixture
def mlflow() -> Iterator[Mlflow]:
    with serving() as server:
        yield server


def files_below(folder: Path) -> dict[str, str]:
    """Return the digest of every file; an empty write-ahead log is as good as none."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {
        str(p.relative_to(folder)): sha256(p.read_bytes()).hexdigest()
        for p in files
        if not p.name.endswith("-shm") and not (p.name.endswith("-wal") and p.stat().st_size == 0)
    }


def without_log(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key not in SAID_OF_THE_LOG}


def test_events_are_counted_and_nothing_is_kept(founded: Run, tmp_path: Path) -> None:
    sources = (DATA / "malformed", DATA / "transports", DATA / "transports/append.jsonl")
    before = files_below(tmp_path)
    tried = founded("import", "openlineage", *sources, "--dry-run", "--json")

    assert files_below(tmp_path) == before
    assert (tried.code, tried.json["dry_run"], tried.json["leaves"]) == (0, True, [])
    assert founded("runs", "--json").json["items"] == []
    assert founded("quarantine", "list", "--json").json["items"] == []
    done = founded("import", "openlineage", *sources, "--json").json
    assert without_log(tried.json) == without_log(done)
    assert done["taken"] > 0
    assert done["quarantined"] > 0


def test_what_is_known_already_is_a_duplicate_in_a_dry_run_too(founded: Run) -> None:
    source = DATA / "dbt-duckdb-1.54/events.jsonl"
    founded("import", "openlineage", source)
    tried = founded("import", "openlineage", source, "--dry-run", "--json").json
    assert (tried["taken"], tried["duplicate"]) == (0, 22)


def test_it_ends_in_words_that_nothing_was_done(founded: Run, mlflow: Mlflow) -> None:
    events = founded("import", "openlineage", DATA / "transports", "--dry-run")
    objects = founded("import", "mlflow", mlflow.url, "--dry-run")
    for said in (events.out, objects.out):
        assert said.splitlines()[-1] == "a dry run: nothing was taken in, sealed or signed"
        assert "What this import cannot see:" in said


def test_strictness_is_the_same_in_a_dry_run(founded: Run) -> None:
    words = ("import", "openlineage", DATA / "malformed", "--dry-run")
    assert (founded(*words).code, founded(*words, "--strict").code) == (0, 1)


def test_a_model_registry_is_counted_and_nothing_is_kept(
    founded: Run, mlflow: Mlflow, tmp_path: Path
) -> None:
    before = files_below(tmp_path)
    tried = founded("import", "mlflow", mlflow.url, "--dry-run", "--json").json

    assert files_below(tmp_path) == before
    assert founded("imported", "--json").json["items"] == []
    done = founded("import", "mlflow", mlflow.url, "--json").json
    assert without_log(tried) == without_log(done)
    assert (tried["models"], tried["changed"], tried["leaf"]) == (8, 88, None)


def test_a_dry_run_tells_what_would_be_renamed_and_gone(founded: Run, mlflow: Mlflow, tmp_path: Path) -> None:
    founded("import", "mlflow", mlflow.url)
    lost = mlflow.held("model-versions").pop()
    named = [{"model": lost["name"], "version": lost["version"]}]
    before = files_below(tmp_path)
    for _ in range(3):
        # Only readings that are kept are counted: a version does not go by being tried often.
        tried = founded("import", "mlflow", mlflow.url, "--dry-run", "--json").json
        assert (tried["missing"], tried["gone"]) == (named, [])
    assert files_below(tmp_path) == before


def test_it_breaks_off_without_a_trace(founded: Run, mlflow: Mlflow, tmp_path: Path) -> None:
    before = files_below(tmp_path)
    failed = founded("import", "mlflow", "http://127.0.0.1:9", "--dry-run")
    assert failed.code == 6
    assert files_below(tmp_path) == before
    assert founded("import", "mlflow", mlflow.url, "--json").json["changed"] == 88
