"""The operator edits the database behind the registry's back: no bundle taken from it says what is not so."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from registry.bundle.verify import Answer, verify_bundle
from registry.registry import open_registry
from registry.trust.succession import anchor_of
from schemas.digest import Digest
from schemas.statement import parse_envelope
from tui.cli import main

WHERE = ["credit-risk@7", "--env", "production"]


@pytest.fixture(scope="module")
def honest_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with one version approved by rita and then withdrawn by her."""
    home = tmp_path_factory.mktemp("honest") / "registry"
    weights = home.parent / "weights.bin"
    weights.write_bytes(b"weights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUNIMENT_REGISTRY", str(home))
        said = [
            ["init", "--as", "alice", "--no-passphrase"],
            ["key", "enrol", "rita", "--role", "risk-approver", "--no-passphrase"],
            ["register", "credit-risk@7", "--artifact", str(weights), "--as", "alice"],
            ["request", *WHERE, "--as", "alice"],
            ["approve", *WHERE, "--role", "risk-approver", "--as", "rita", "--reason", "checked drift"],
            ["withdraw", *WHERE, "--as", "rita", "--reason", "the data was wrong"],
            ["audit", "checkpoint"],
        ]
        assert [main(words) for words in said] == [0] * len(said)
    return home


@pytest.fixture
def home(honest_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "registry"
    shutil.copytree(honest_home, copy)
    monkeypatch.setenv("MUNIMENT_REGISTRY", str(copy))
    return copy


def edit(home: Path, *statements: str) -> None:
    """Drop the triggers, as somebody with the file can, and run the statements."""
    connection = sqlite3.connect(home / "registry.db")
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for statement in (*(f"DROP TRIGGER {name}" for (name,) in names), *statements):
        connection.execute(statement)
    connection.commit()
    connection.close()


def leaf_of(home: Path, kind: str) -> dict[str, Any]:
    connection = sqlite3.connect(home / "registry.db")
    rows = [json.loads(data) for (data,) in connection.execute("SELECT data FROM leaf ORDER BY seq")]
    connection.close()
    found: dict[str, Any] = next(row for row in rows if row["type"] == kind)
    return found


def anchor(home: Path) -> Digest:
    with open_registry(home) as registry:
        return anchor_of(parse_envelope(registry.ledger.get_body(registry.ledger.leaf(0).body)))


def exported(home: Path) -> Answer | None:
    """Return the verifier's answer for a bundle taken now; None when the registry refuses to make one."""
    expected, target = anchor(home), home.parent / "bundle.zip"
    main(["bundle", "export", "credit-risk@7", "-o", str(target)])
    return verify_bundle(target.read_bytes(), anchor=expected) if target.exists() else None


def statuses(answer: Answer) -> list[str]:
    return [claim["status"] for claim in answer.record.get("claims", [])]


def test_the_honest_registry_exports_a_revoked_version(home: Path) -> None:
    answer = exported(home)
    assert answer is not None
    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert statuses(answer) == ["revoked"]


@pytest.mark.parametrize("kind", ["withdrawn", "approval", "review-requested", "policy-set", "trust-root"])
def test_a_record_whose_bytes_are_edited_never_passes(home: Path, kind: str) -> None:
    body = leaf_of(home, kind)["body"]
    expected = anchor(home)
    edit(
        home,
        "UPDATE body SET bytes = CAST(replace(CAST(bytes AS TEXT), 'e', 'f') AS BLOB) "  # noqa: S608
        f"WHERE digest = '{body}'",
    )
    target = home.parent / "bundle.zip"
    main(["bundle", "export", "credit-risk@7", "-o", str(target)])
    if target.exists():
        assert verify_bundle(target.read_bytes(), anchor=expected).verdict in ("FAIL", "UNPROVEN")
    assert main(["audit", "verify"]) != 0


def test_a_withdrawal_that_is_erased_leaves_the_answer_unproven(home: Path) -> None:
    edit(home, f"UPDATE body SET bytes = NULL WHERE digest = '{leaf_of(home, 'withdrawn')['body']}'")  # noqa: S608
    answer = exported(home)
    assert answer is not None
    assert answer.verdict == "UNPROVEN"


def test_a_withdrawal_hidden_from_the_index_does_not_make_a_bundle_valid(home: Path) -> None:
    edit(home, f"DELETE FROM leaf_subject WHERE seq = {leaf_of(home, 'withdrawn')['seq']}")  # noqa: S608
    answer = exported(home)
    assert answer is None or answer.verdict != "PASS" or statuses(answer) == ["revoked"]
    assert main(["gate", *WHERE, "--full", "--no-record"]) == 1


def test_a_leaf_with_another_time_is_not_the_leaf_that_was_signed(home: Path) -> None:
    seq = leaf_of(home, "approval")["seq"]
    edit(
        home,
        'UPDATE leaf SET data = CAST(replace(CAST(data AS TEXT), \'"time":"20\', \'"time":"19\') AS BLOB) '  # noqa: S608
        f"WHERE seq = {seq}",
    )
    answer = exported(home)
    assert answer is None or answer.verdict == "FAIL"


def test_a_tail_cut_off_is_noticed_by_the_registry_itself(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seq = leaf_of(home, "withdrawn")["seq"]
    edit(
        home,
        f"DELETE FROM leaf WHERE seq >= {seq}",  # noqa: S608
        f"DELETE FROM leaf_subject WHERE seq >= {seq}",  # noqa: S608
        f"DELETE FROM checkpoint WHERE size > {seq}",  # noqa: S608
    )
    capsys.readouterr()
    assert main(["audit", "verify"]) != 0
    assert main(["audit", "checkpoint"]) != 0
