"""muniment import openlineage --jobs: the same registry, whichever process reads."""

import json
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from importers.openlineage.files import OpenLineageFiles
from registry.acts.audit import verify_log
from registry.acts.init import found_registry
from registry.acts.take_in import ImportReport
from registry.child import Child
from registry.registry import open_registry
from schemas.errors import NotFound, SourceError
from tests.benchmarks.lineage_corpus import write_corpus
from tui import reading_ahead
from tui.reading_ahead import LARGE, import_with

TABLES = (
    "event",
    "node",
    "run",
    "run_io",
    "edge",
    "run_derivation",
    "alias",
    "facet",
    "declared",
    "quarantine",
)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12,000 events, so that there are two batches, and a line that is none."""
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    write_corpus(path, 12_000)
    with path.open("ab") as file:
        file.write(b"no event\n{}\n")
    return path


def imported(home: Path, source: str | Path, jobs: int | None) -> tuple[ImportReport, dict[str, list[Any]]]:
    found_registry(home, "alice", None)
    with open_registry(home) as registry:
        report = import_with(registry, OpenLineageFiles(str(source)), None, jobs)
        assert verify_log(registry).problems == ()
    with closing(sqlite3.connect(home / "registry.db")) as connection:
        rows = {t: connection.execute(f"SELECT * FROM {t}").fetchall() for t in TABLES}  # noqa: S608 - ours
    return report, rows


def test_two_processes_and_one_make_the_same_registry(events: Path, tmp_path: Path):
    one, rows = imported(tmp_path / "one", events, 1)
    two, same = imported(tmp_path / "two", events, 2)

    assert one.taken.taken == 12_000
    assert (two.taken, two.leaf is None) == (one.taken, False)
    assert same == rows


def test_the_closing_leaf_has_the_digest_of_the_whole_file_either_way(events: Path, tmp_path: Path):
    digests = []
    for jobs in (1, 2):
        source = OpenLineageFiles(str(events))
        found_registry(tmp_path / str(jobs), "alice", None)
        with open_registry(tmp_path / str(jobs)) as registry:
            import_with(registry, source, None, jobs)
        digests.append(source.file_digest)

    assert digests[0] == digests[1]
    assert digests[0] is not None


def test_a_second_import_with_two_processes_changes_nothing(events: Path, tmp_path: Path):
    imported(tmp_path / "registry", events, 1)

    with open_registry(tmp_path / "registry") as registry:
        again = import_with(registry, OpenLineageFiles(str(events)), None, 2)

    assert (again.taken.taken, again.taken.sealed, again.leaf) == (0, 0, None)


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_not_there_is_said_the_same_way(tmp_path: Path, jobs: int):
    with pytest.raises(NotFound, match="nowhere: there is no such file or folder"):
        imported(tmp_path / "registry", tmp_path / "nowhere", jobs)


def test_a_reader_that_is_killed_is_named_and_the_next_import_goes_on(
    events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found_registry(tmp_path / "registry", "alice", None)

    def kill_after_the_first(done: int, _: int) -> None:
        if done:
            os.kill(readers[0], signal.SIGKILL)

    readers: list[int] = []
    start = Child.__init__

    def noting(self: Child, *words: Any) -> None:
        start(self, *words)
        readers.append(self.process.pid)

    monkeypatch.setattr(Child, "__init__", noting)
    with (
        open_registry(tmp_path / "registry") as registry,
        pytest.raises(SourceError, match="the process that reads the events was ended by signal 9"),
    ):
        import_with(registry, OpenLineageFiles(str(events)), kill_after_the_first, 2)

    with open_registry(tmp_path / "registry") as registry:
        rest = import_with(registry, OpenLineageFiles(str(events)), None, 1)
    assert 0 < rest.taken.duplicate < 12_002
    assert rest.taken.taken + 10_000 >= 12_000


@pytest.mark.parametrize(
    ("size", "processors", "jobs"),
    [(LARGE, 8, 1), (LARGE + 1, 8, 2), (LARGE + 1, 1, 1), (LARGE + 1, None, 1)],
)
def test_by_default_a_large_file_is_read_by_a_process_of_its_own(
    tmp_path: Path, size: int, processors: int | None, jobs: int
):
    path = tmp_path / "events.jsonl"
    with path.open("wb") as file:
        file.truncate(size)

    assert reading_ahead._choose(str(path), processors) == jobs
    assert reading_ahead._choose(str(tmp_path), processors) == 1


def test_the_command_takes_jobs(founded, tmp_path: Path):
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-02T03:04:05Z",
        "run": {"runId": "3b452093-782c-4ef2-9c0c-aafe2aa6f34d"},
        "job": {"namespace": "ns", "name": "train"},
    }
    (tmp_path / "e.jsonl").write_text(json.dumps(event))

    done = founded("import", "openlineage", tmp_path / "e.jsonl", "--jobs", 2, "--json")
    refused = founded("import", "openlineage", tmp_path / "e.jsonl", "--jobs", 3)

    assert (done.code, done.json["taken"]) == (0, 1)
    assert refused.code == 2


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_tells_about_how_many_events_there_are(events: Path, tmp_path: Path, jobs: int):
    heard: list[tuple[int, int]] = []
    found_registry(tmp_path / "registry", "alice", None)

    with open_registry(tmp_path / "registry") as registry:
        import_with(registry, OpenLineageFiles(str(events)), lambda *said: heard.append(said), jobs)

    (first, about), last = heard
    assert first == 10_000
    assert 11_000 < about < 13_500
    assert last[0] == last[1]
