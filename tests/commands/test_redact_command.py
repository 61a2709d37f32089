"""muniment redact: says what will be lost, logs why, and the bytes are nowhere in the files afterwards."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from registry.pages.version import version_page
from registry.registry import open_registry

WORDS = "Mrs Miller of Hull asked for it"
PAGE = "a page about Mr Barnes of Leeds. "


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "registry"


def bytes_of_files(home: Path) -> bytes:
    """Everything the database's files hold, write-ahead log included."""
    return b"".join(path.read_bytes() for path in sorted(home.glob("registry.db*")))


def leaf_of(muniment: Any, kind: str) -> dict[str, Any]:
    items = muniment("audit", "log", "--json").json["items"]
    return dict(next(i for i in reversed(items) if i["type"] == kind))


def text_of_reason(home: Path, words: str) -> str:
    """The digest under which somebody's words are kept."""
    with closing(sqlite3.connect(home / "registry.db")) as connection:
        rows = connection.execute("SELECT digest, bytes FROM body WHERE bytes IS NOT NULL").fetchall()
    return next(str(d) for d, data in rows if data.endswith(words.encode()))


@pytest.fixture
def worded(asked: Any) -> Any:
    """Bob approves in words that hold a person's name, under a condition."""
    where = ("credit-risk@7", "--env", "production", "--role", "risk-approver", "--as", "bob")
    done = asked("approve", *where, "--reason", WORDS, "--condition", "ask Mrs Miller again")
    assert done.code == 0, done.err
    return asked


def test_a_dry_run_says_what_turns_unproven_and_changes_nothing(worded: Any, home: Path) -> None:
    leaf = leaf_of(worded, "approval")
    before = bytes_of_files(home)
    done = worded("redact", leaf["seq"], "--dry-run", "--json")

    assert done.code == 0
    assert done.json["what"] == "envelope"
    assert done.json["record"] == {"leaf": leaf["seq"], "type": "approval"}
    (lost,) = done.json["unproven"]
    assert (lost["subject"], lost["environment"]) == ("retail/credit-risk@7", "production")
    assert lost["status"] == "valid-with-conditions"
    assert lost["why"] == f"the approval at leaf {leaf['seq']} is not here"
    assert (done.json["erased"], done.json["leaf"]) == (False, None)
    assert bytes_of_files(home) == before


def test_erased_words_are_nowhere_in_the_files_and_no_verdict_changes(worded: Any, home: Path) -> None:
    status = worded("status", "credit-risk@7", "--json").json["items"][0]
    digest = text_of_reason(home, WORDS)
    assert WORDS.encode() in bytes_of_files(home)

    done = worded("redact", digest, "--reason", "erasure-request", "--yes", "--json")

    assert done.code == 0, done.err
    assert (done.json["what"], done.json["unproven"], done.json["swept"]) == ("text", [], True)
    assert WORDS.encode() not in bytes_of_files(home)
    assert worded("status", "credit-risk@7", "--json").json["items"][0] == status
    assert leaf_of(worded, "redaction")["seq"] == done.json["leaf"]


def test_an_erased_approval_leaves_the_gate_unproven_in_words(worded: Any, home: Path) -> None:
    leaf = leaf_of(worded, "approval")
    done = worded("redact", leaf["seq"], "--reason", "mistake", "--yes", "--json")
    assert done.code == 0, done.err
    said = f"the approval at leaf {leaf['seq']} was erased at leaf {done.json['leaf']} (mistake)"

    gate = worded("gate", "credit-risk@7", "--env", "production", "--json")
    status = worded("status", "credit-risk@7", "--json").json["items"][0]
    log = next(i for i in worded("audit", "log", "--json").json["items"] if i["seq"] == leaf["seq"])
    queue = worded("queue", "--json")

    assert (gate.code, gate.json["verdict"], gate.json["why"]) == (3, "unproven", [said])
    assert status["unproven"] == [said]
    assert log["erased"] == log["actor"] == f"erased at leaf {done.json['leaf']} (mistake)"
    assert log["subject"] == "retail/credit-risk@7"
    assert queue.code == 0


def test_an_erased_dossier_is_told_wherever_it_is_asked_for(worded: Any, tmp_path: Path) -> None:
    dossier = worded("status", "credit-risk@7", "--json").json["items"][0]["dossier"]
    done = worded("redact", dossier, "--reason", "secret", "--yes", "--json")
    assert done.code == 0, done.err
    said = f"erased at leaf {done.json['leaf']} (secret)"

    where = ("credit-risk@7", "--env", "production")
    answers = [
        worded("dossier", *where),
        worded("dossier", *where, "--packet", tmp_path / "packet.zip"),
        worded("changes", *where),
        worded("evidence", "get", dossier),
        worded("approve", *where, "--role", "risk-approver", "--reason", "x", "--as", "bob"),
    ]

    assert [a.code for a in answers] == [3, 3, 3, 3, 3]
    assert all(said in a.err for a in answers)
    assert worded("gate", *where, "--json").json["why"] == [f"the frozen dossier was {said}"]
    assert worded("audit", "verify").code == 0


def test_an_erased_document_is_told_and_its_bytes_are_gone(founded: Any, tmp_path: Path, home: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"weights")
    (tmp_path / "report.txt").write_text(PAGE * 2_000)
    steps = (
        ("register", "credit-risk@7", "--artifact", tmp_path / "model.bin"),
        ("evidence", "add", tmp_path / "report.txt", "--for", "credit-risk@7", "--kind", "other"),
    )
    for step in steps:
        assert founded(*step).code == 0
    digest = founded("evidence", "list", "credit-risk@7", "--json").json["items"][0]["digest"]
    assert PAGE.encode() in bytes_of_files(home)

    done = founded("redact", digest, "--reason", "retention", "--yes", "--json")

    assert (done.code, done.json["what"], done.json["unproven"]) == (0, "document", [])
    assert PAGE.encode() not in bytes_of_files(home)
    got = founded("evidence", "get", digest)
    assert (got.code, got.out) == (3, "")
    assert f"erased at leaf {done.json['leaf']} (retention)" in got.err
    again = founded("evidence", "add", tmp_path / "report.txt", "--for", "credit-risk@7", "--kind", "other")
    assert again.code == 1
    assert "erased at leaf" in again.err


def test_an_audit_takes_logged_erasures_and_names_the_others(worded: Any, home: Path) -> None:
    leaf = leaf_of(worded, "approval")
    assert worded("redact", leaf["seq"], "--reason", "mistake", "--yes").code == 0
    audited = worded("audit", "verify", "--json")
    assert (audited.code, audited.json["absent"], audited.json["erased"]) == (0, 1, 1)
    doctor = worded("doctor", "--json").json["items"]
    assert [i["message"] for i in doctor if i["check"] == "erasures"] == [
        "erased bodies: 1, each by a record of the log"
    ]

    lost = text_of_reason(home, WORDS)
    with closing(sqlite3.connect(home / "registry.db")) as connection, connection:
        connection.execute("DROP TRIGGER body_only_redacted")
        connection.execute("UPDATE body SET bytes = NULL WHERE digest = ?", (lost,))

    audited = worded("audit", "verify", "--json")
    assert audited.code == 1
    assert (
        f"document {lost}: REDACTION_UNLOGGED: its bytes are gone, and no record says why"
        in (audited.json["problems"])
    )
    assert any(i["todo"] for i in worded("doctor", "--json").json["items"] if i["check"] == "erasures")


def test_an_audit_names_bytes_that_were_put_back(worded: Any, home: Path) -> None:
    digest = text_of_reason(home, WORDS)
    with closing(sqlite3.connect(home / "registry.db")) as connection:
        kept = connection.execute("SELECT bytes FROM body WHERE digest = ?", (digest,)).fetchone()[0]
    assert worded("redact", digest, "--reason", "secret", "--yes").code == 0
    with closing(sqlite3.connect(home / "registry.db")) as connection, connection:
        connection.execute("DROP TRIGGER body_only_redacted")
        connection.execute("UPDATE body SET bytes = ? WHERE digest = ?", (kept, digest))

    problems = worded("audit", "verify", "--json").json["problems"]

    assert problems == [f"document {digest}: REDACTION_UNDONE: it was erased, and its bytes are here"]


@pytest.mark.parametrize("kind", ["trust-root", "policy-set", "redaction"])
def test_what_everything_is_proved_by_is_never_erased(worded: Any, home: Path, kind: str) -> None:
    assert worded("redact", text_of_reason(home, WORDS), "--reason", "secret", "--yes").code == 0
    done = worded("redact", leaf_of(worded, kind)["seq"], "--reason", "mistake", "--yes")

    assert done.code == 1
    assert "is never erased" in done.err


def test_what_was_erased_is_not_erased_again(worded: Any, home: Path) -> None:
    digest = text_of_reason(home, WORDS)
    assert worded("redact", digest, "--reason", "secret", "--yes").code == 0
    done = worded("redact", digest, "--reason", "secret", "--yes")

    assert done.code == 2
    assert "was erased at leaf" in done.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("sha256:" + "0" * 64, "--reason", "secret", "--yes"), 5),
        (("9999", "--reason", "secret", "--yes"), 5),
        (("-1", "--reason", "secret", "--yes"), 2),
        (("everything", "--reason", "secret", "--yes"), 2),
        (("5", "--reason", "shame", "--yes"), 2),
        (("5", "--yes"), 2),
        ((), 2),
        (("5", "--sweep"), 2),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(worded: Any, words: tuple[str, ...], code: int) -> None:
    size = worded("audit", "log", "--json").json["size"]
    assert worded("redact", *words).code == code
    assert worded("audit", "log", "--json").json["size"] == size


def test_without_a_terminal_it_is_not_done_unless_said_so(worded: Any, home: Path) -> None:
    done = worded("redact", text_of_reason(home, WORDS), "--reason", "secret")

    assert done.code == 2
    assert "--yes" in done.err
    assert WORDS.encode() in bytes_of_files(home)


def test_what_an_open_review_reads_is_kept_unless_said_twice(asked: Any) -> None:
    dossier = asked("queue", "--json").json["items"][0]["dossier"]
    done = asked("redact", dossier, "--reason", "mistake")
    assert (done.code, "an open review reads it" in done.err) == (1, True)

    assert asked("redact", dossier, "--reason", "mistake", "--yes").code == 0


def test_without_the_service_key_nothing_is_erased(worded: Any, home: Path) -> None:
    digest = text_of_reason(home, WORDS)
    (home / "keys" / "service").unlink()
    done = worded("redact", digest, "--reason", "secret", "--yes")

    assert done.code == 5
    assert WORDS.encode() in bytes_of_files(home)


def test_while_another_process_reads_it_says_what_is_left_and_a_sweep_ends_it(
    worded: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.store.database._BUSY_MS", 50)
    digest = text_of_reason(home, WORDS)
    with closing(sqlite3.connect(home / "registry.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM leaf").fetchone()
        done = worded("redact", digest, "--reason", "secret", "--yes", "--json")
        assert (done.code, done.json["swept"]) == (6, False)
        assert "muniment redact --sweep" in done.err

    assert worded("redact", "--sweep").code == 0
    assert WORDS.encode() not in bytes_of_files(home)


def test_a_bundle_over_an_erased_approval_is_unproven_and_over_erased_words_is_not(
    worded: Any, home: Path, tmp_path: Path
) -> None:
    anchor = worded("root", "show", "--json").json["anchor"]
    assert worded("redact", text_of_reason(home, WORDS), "--reason", "secret", "--yes").code == 0
    assert worded("bundle", "export", "credit-risk@7", "-o", tmp_path / "one.zip").code == 0
    one = worded("bundle", "verify", tmp_path / "one.zip", "--anchor", anchor, "--json")
    assert (one.code, one.json["verdict"], "TEXT_ERASED" in one.json["codes"]) == (0, "PASS", True)

    assert worded("redact", leaf_of(worded, "approval")["seq"], "--reason", "mistake", "--yes").code == 0
    assert worded("bundle", "export", "credit-risk@7", "-o", tmp_path / "two.zip").code == 0
    two = worded("bundle", "verify", tmp_path / "two.zip", "--anchor", anchor, "--json")
    assert (two.code, two.json["verdict"]) == (3, "UNPROVEN")
    assert {"BODY_MISSING", "BODY_REDACTED"} <= set(two.json["codes"])
    assert "REDACTION_UNLOGGED" not in two.json["codes"]


def test_the_version_page_is_drawn_over_erased_bodies(worded: Any, home: Path) -> None:
    digest = text_of_reason(home, WORDS)
    manifest = worded("status", "credit-risk@7", "--json").json["items"][0]["manifest"]
    for target in (digest, manifest):
        assert worded("redact", target, "--reason", "secret", "--yes").code == 0
    with open_registry(home, read_only=True) as registry:
        page = version_page(registry, "retail/credit-risk@7", "production")

    assert page.identity.files == ()
    assert (page.approvals[0].reason, page.approvals[0].note.startswith("erased at leaf")) == (None, True)
    assert page.standing.verdict == "unproven"
