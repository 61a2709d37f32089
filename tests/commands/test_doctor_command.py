"""doctor: it finds what needs doing, names the next step, and changes nothing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from importers.openlineage.files import OpenLineageFiles
from registry.acts.take_in import import_source
from registry.registry import open_registry
from registry.store.selfcheck import leaves_of
from schemas.statement import parse_envelope, parse_statement


def found(run, check: str) -> list[tuple[bool, str]]:
    return [(i["todo"], i["message"]) for i in run("doctor", "--json").json["items"] if i["check"] == check]


@pytest.fixture
def healthy(founded, tmp_path: Path):
    """A registry with a recovery root, whose key lies elsewhere."""
    (tmp_path / "secret").write_text("a long passphrase")
    done = founded(
        "key", "recovery", "-o", tmp_path / "vault", "--new-passphrase-file", tmp_path / "secret",
        "--as", "alice",
    )  # fmt: skip
    assert done.code == 0, done.err
    return founded


def test_a_healthy_registry_has_nothing_to_do(healthy):
    done = healthy("doctor")

    assert done.code == 0, done.out
    assert done.out.endswith("nothing to do\n")


def test_a_new_registry_asks_for_a_recovery_root(founded):
    done = founded("doctor")

    assert done.code == 1
    assert "no recovery root" in done.out
    assert "next: muniment key recovery -o FOLDER" in done.out


def test_a_key_file_open_to_others_is_named(healthy, tmp_path: Path):
    (tmp_path / "registry" / "keys" / "service").chmod(0o644)

    assert healthy("doctor").code == 1
    assert "chmod 600" in healthy("doctor").out


def test_unsigned_leaves_are_counted(healthy, tmp_path: Path):
    (tmp_path / "registry" / "keys" / "log").rename(tmp_path / "log")
    healthy("key", "enrol", "bob", "--role", "owner", "--no-passphrase", "--as", "alice")

    assert found(healthy, "log") == [(True, "1 of 4 leaves lie under no signed head")]


def test_an_older_database_beside_newer_keys_is_named(healthy, tmp_path: Path):
    database = tmp_path / "registry" / "registry.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = database.read_bytes()
    healthy("key", "enrol", "bob", "--role", "owner", "--no-passphrase", "--as", "alice")
    for file in database.parent.glob("registry.db-*"):
        file.unlink()
    database.write_bytes(before)

    todo, message = found(healthy, "log")[0]
    assert todo
    assert "HEAD_BEHIND_LAST_SIGNED" in message


def test_a_name_that_nobody_registered_is_noticed(approved, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "registry" / "registry.db")) as connection, connection:
        connection.execute("UPDATE governed_version SET seq = 0")

    assert found(approved, "index") == [(True, "0 records are not in the index, 1 names are not in the log")]


def test_a_waiting_gate_answer_is_shown_and_is_no_fault(healthy, asked):
    asked("gate", "credit-risk@7", "--env", "production")

    todo, message = found(asked, "inbox")[0]
    assert not todo
    assert message.startswith("1 items wait for a seal, the oldest since ")


def test_an_import_that_broke_off_is_named_until_it_is_done(healthy, tmp_path: Path, training_events):
    file = tmp_path / "events.jsonl"
    file.write_text(training_events)

    def break_off(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with open_registry(tmp_path / "registry") as registry, pytest.raises(KeyboardInterrupt):
        import_source(registry, OpenLineageFiles(str(file)), break_off)
    assert healthy("doctor").code == 1
    assert "was interrupted" in found(healthy, "imports")[0][1]

    again = healthy("import", "openlineage", file)

    assert "0 taken, 4 duplicate" in again.out
    with open_registry(tmp_path / "registry") as registry:
        (*_, leaf) = leaves_of(registry.connection, "import")
        body = registry.ledger.get_body(registry.ledger.leaf(leaf).body)
    assert parse_statement(parse_envelope(body).payload).predicate["resumed"] == 4
    assert found(healthy, "imports") == [(False, "every import was closed")]
    assert healthy("audit", "verify").code == 0


def test_a_closed_import_is_no_fault(asked):
    assert found(asked, "imports") == [(False, "every import was closed")]


def test_it_changes_nothing(healthy):
    before = healthy("audit", "log", "--json").out

    healthy("doctor")

    assert healthy("audit", "log", "--json").out == before


def test_what_an_import_that_broke_off_changed_is_noted_when_it_is_done(approved, tmp_path: Path):
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-11-20T09:30:00Z",
        "run": {"runId": "0190b5f0-0000-7000-8000-000000000002"},
        "job": {"namespace": "pipeline", "name": "load_again"},
        "outputs": [{"namespace": "postgres://warehouse", "name": "credit.features"}],
    }
    file = tmp_path / "late.jsonl"
    file.write_text(json.dumps(event) + "\n")

    def break_off(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with open_registry(tmp_path / "registry") as registry, pytest.raises(KeyboardInterrupt):
        import_source(registry, OpenLineageFiles(str(file)), break_off)
    before = approved("audit", "log", "--json").out.count("dossier-changed")
    approved("import", "openlineage", file)

    assert before == 0
    assert approved("audit", "log", "--json").out.count("dossier-changed") == 1
