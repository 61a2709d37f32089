"""What could not be taken is kept whole, shown with its reason, and can be tried again."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.store.received import Received
from schemas.receiving import Posted

MALFORMED = Path(__file__).parents[1] / "data/openlineage/malformed"
EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-11-20T10:00:00Z",
    "run": {"runId": "0190b5f0-0000-7000-8000-000000000001"},
    "job": {"namespace": "other", "name": "load"},
}


@pytest.fixture
def held(founded):
    founded("import", "openlineage", MALFORMED)
    return founded


def test_what_is_held_is_listed_with_place_and_reason(held):
    items = held("quarantine", "list", "--json").json["items"]

    assert len(items) == 13
    assert (items[0]["position"], items[0]["reason"], items[0]["size"]) == ("01_empty_body.bin", "empty", 0)
    assert "UTF-16" in held("quarantine", "list", "--filter", "09_utf16").out


def test_a_page_goes_on_where_the_last_ended(held):
    first = held("quarantine", "list", "--limit", 5, "--json").json
    second = held("quarantine", "list", "--after", first["after"], "--json").json

    assert (len(first["items"]), len(second["items"])) == (5, 8)


def test_the_exact_bytes_come_back(held, tmp_path: Path):
    number = held("quarantine", "list", "--filter", "09_utf16", "--json").json["items"][0]["id"]

    shown = held("quarantine", "show", number, "-o", tmp_path / "raw")

    assert shown.code == 0
    assert (tmp_path / "raw").read_bytes() == (MALFORMED / "09_utf16.bin").read_bytes()


def test_an_existing_file_is_not_written_over(held, tmp_path: Path):
    (tmp_path / "raw").write_text("mine")

    assert held("quarantine", "show", 1, "-o", tmp_path / "raw").code == 6
    assert (tmp_path / "raw").read_text() == "mine"


def test_a_large_body_is_kept_whole(founded, tmp_path: Path):
    raw = b'{"eventTime": "' + b"x" * 200_000
    (tmp_path / "large.json").write_bytes(raw)
    founded("import", "openlineage", tmp_path / "large.json")

    item = founded("quarantine", "list", "--json").json["items"][0]

    assert founded("quarantine", "show", item["id"], "--json").json["kept"] == item["size"] > 200_000


def test_what_still_cannot_be_read_stays_with_its_reason(held):
    done = held("quarantine", "retry", "--all", "--json")
    strict = held("quarantine", "retry", "--all", "--strict")

    assert (done.code, strict.code) == (0, 1)
    assert (done.json["taken"], len(done.json["staying"])) == (0, 13)
    assert len(held("quarantine", "list", "--json").json["items"]) == 13


def test_an_event_that_can_be_read_by_now_is_taken_and_let_go(founded, tmp_path: Path):
    # An older reader refused it: the row is as that reader left it.
    raw = json.dumps(EVENT).encode()
    (tmp_path / "old.json").write_bytes(b"[1]")
    founded("import", "openlineage", tmp_path / "old.json")
    replace_raw(tmp_path / "registry" / "registry.db", raw)

    done = founded("quarantine", "retry", "--all", "--json").json

    assert (done["taken"], done["staying"], len(done["leaves"])) == (1, [], 1)
    assert founded("quarantine", "list", "--json").json["items"] == []
    assert founded("runs", "--json").json["items"][0]["job"]["name"] == "load"
    assert founded("audit", "verify").code == 0


def replace_raw(database: Path, raw: bytes) -> None:
    import zstandard  # noqa: PLC0415

    connection = sqlite3.connect(database)
    packed = zstandard.ZstdCompressor().compress(raw)
    connection.execute("UPDATE quarantine SET raw = ?, size = ?", (packed, len(raw)))
    connection.commit()
    connection.close()


def test_an_event_outside_its_tokens_scope_enters_when_a_person_says_so(founded, tmp_path: Path):
    hold_posted(tmp_path / "registry", json.dumps(EVENT).encode())
    number = founded("quarantine", "list", "--json").json["items"][0]["id"]
    assert founded("runs", "--json").json["items"] == []

    done = founded("quarantine", "retry", number, "--json").json

    assert (done["taken"], done["released"]) == (1, [number])


def hold_posted(home: Path, raw: bytes) -> None:
    """Post an event with a token that may not write there, and let the receiver's sealer run."""
    from importers.openlineage.decode import read_event  # noqa: PLC0415
    from registry.acts.seal_received import seal_received  # noqa: PLC0415
    from registry.registry import open_registry  # noqa: PLC0415

    with open_registry(home) as registry:
        posted = Posted(raw, None, "posted with the token ci", "ci: may not write to the namespace 'other'")
        registry.connection.execute("BEGIN IMMEDIATE")
        Received(registry.connection).put([posted], datetime.now(UTC))
        registry.connection.execute("COMMIT")
        seal_received(registry, read_event)


@pytest.mark.parametrize(
    ("words", "code"),
    [(("retry",), 2), (("retry", "1", "--all"), 2), (("retry", "999"), 5), (("show", "999"), 5)],
)
def test_a_request_that_means_nothing_is_refused(held, words, code):
    assert held("quarantine", *words).code == code
