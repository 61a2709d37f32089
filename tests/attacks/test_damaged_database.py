"""A disk, or somebody with the file, damages the database: every command answers in words."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from registry.acts.gate import answer_gate
from registry.acts.writing import writing
from registry.registry import open_registry
from registry.rules.receipt import parse_receipt
from schemas.asset import VersionRef
from schemas.errors import StoreError, VerificationError
from tui.cli import main

SEVEN = VersionRef("main", "credit-risk", 7)
WHERE = ["credit-risk@7", "--env", "production"]

DAMAGE = {
    "a leaf is a number": "UPDATE leaf SET data = 9007199254740993 WHERE seq = 4",
    "a leaf is text": "UPDATE leaf SET data = CAST(data AS TEXT) WHERE seq = 4",
    "a leaf is not a leaf": "UPDATE leaf SET data = x'7b7d' WHERE seq = 4",
    "a leaf is gone": "DELETE FROM leaf WHERE seq = 4",
    "a subject is bytes": "UPDATE leaf_subject SET subject = CAST(subject AS BLOB) WHERE seq = 4",
    "a body is a number": "UPDATE body SET bytes = 9007199254740993",
    "a body is text": "UPDATE body SET bytes = 'text'",
    "a body is a fraction": "UPDATE body SET bytes = 0.5",
    "the digest of a body is bytes": "UPDATE body SET digest = x'ff' WHERE rowid = 3",
    "the size of the head is text": "UPDATE head SET size = 'twelve'",
    "the size of the head is negative": "UPDATE head SET size = -1",
    "the edge of the tree is a number": "UPDATE head SET frontier = 9007199254740993",
    "the edge of the tree is cut": "UPDATE head SET frontier = x'00'",
    "the time of the head is no time": "UPDATE head SET time = 'soon'",
    "the time of the head is bytes": "UPDATE head SET time = x'ff'",
    "a signed head is bytes": "UPDATE checkpoint SET note = x'ff'",
    "a signed head is not UTF-8": "UPDATE checkpoint SET note = CAST(x'ff' AS TEXT)",
    "the origin is bytes": "UPDATE registry_fact SET value = x'ff'",
    "the origin is not UTF-8": "UPDATE registry_fact SET value = CAST(x'ff' AS TEXT)",
    "a manifest is no digest": "UPDATE governed_version SET manifest = 'sha256:x'",
    "a manifest is bytes": "UPDATE governed_version SET manifest = x'ff'",
    "a version is text": "UPDATE governed_version SET version = 'seven', name = x'ff'",
    "a person's name is bytes": "UPDATE person_name SET name = CAST(name || x'ff' AS BLOB)",
    "a sealed item is no digest": "UPDATE seal_items SET digests = x'00'",
    "an item that waits is no digest": "UPDATE inbox SET digest = x'ff', state = 'waiting'",
    "an item's time is bytes": "UPDATE inbox SET received_at = x'ff', state = 'waiting'",
    "an event that waits is a number": "INSERT INTO received (raw, sender, received_at) "
    "VALUES (9007199254740993, 'me', '2026-11-23T12:00:00Z')",
    "the revision is not UTF-8": "UPDATE alembic_version SET version_num = CAST(x'ff' AS TEXT)",
    "a table is gone": "DROP TABLE checkpoint",
    "another table is gone": "DROP TABLE seal_items",
}

BESIDE = {
    "a sealed item is no digest",
    "an item that waits is no digest",
    "an event that waits is a number",
    "another table is gone",
}
"""Damage to what no answer of the gate rests on: seals are about answers given before."""

ASKED = [
    ["gate", *WHERE, "--no-record"],
    ["gate", *WHERE, "--full", "--json"],
    ["status"],
    ["audit", "verify"],
    ["audit", "log"],
    ["audit", "checkpoint"],
    ["bundle", "export", "credit-risk@7", "-o", "bundle.zip"],
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry whose version 7 rita approved and whose gate was asked once."""
    home = tmp_path_factory.mktemp("damaged") / "registry"
    weights, policy = home.parent / "weights.bin", home.parent / "policy.yaml"
    policy.write_text("semantics: 1\napproval:\n  - roles: {risk-approver: 1}\nchecks: []\n")
    weights.write_bytes(b"weights")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUNIMENT_REGISTRY", str(home))
        said = [
            ["init", "--as", "alice", "--no-passphrase"],
            ["key", "enrol", "rita", "--role", "risk-approver", "--no-passphrase"],
            ["policy", "sign", str(policy), "--as", "alice"],
            ["register", "credit-risk@7", "--artifact", str(weights), "--as", "alice"],
            ["request", *WHERE, "--as", "alice"],
            ["approve", *WHERE, "--role", "risk-approver", "--as", "rita", "--reason", "checked drift"],
            ["audit", "checkpoint"],
        ]
        assert [main(words) for words in said] == [0] * len(said)
        assert main(["gate", *WHERE]) == 0
        assert main(["audit", "checkpoint"]) == 0
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "registry"
    shutil.copytree(made, copy)
    monkeypatch.setenv("MUNIMENT_REGISTRY", str(copy))
    monkeypatch.chdir(tmp_path)
    return copy


def edit(home: Path, statement: str) -> None:
    """Drop what guards against accidents, as somebody with the file can, and run `statement`."""
    connection = sqlite3.connect(home / "registry.db")
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute(statement)
    connection.commit()
    connection.close()


def ask(words: list[str], capsys: pytest.CaptureFixture[str]) -> int:
    """Run a command that must answer in words, and return its exit code."""
    code = main(words)
    said = capsys.readouterr()
    assert "internal error" not in said.err, (words, said.err)
    assert "Traceback" not in said.err, (words, said.err)
    return code


def test_the_undamaged_registry_answers(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [ask(words, capsys) for words in ASKED] == [0] * len(ASKED)


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_database_is_answered_in_words_and_allows_nothing(
    home: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(home, DAMAGE[name])
    codes = [ask(words, capsys) for words in ASKED]
    assert set(codes) <= {0, 1, 2, 3, 5, 6}, codes
    assert (codes[0] == 0) == (name in BESIDE), codes


@pytest.mark.parametrize(
    "name",
    [
        "a leaf is a number",
        "the edge of the tree is cut",
        "a signed head is not UTF-8",
        "the origin is bytes",
    ],
)
def test_damage_to_what_every_answer_rests_on_is_exit_code_6(
    home: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(home, DAMAGE[name])
    assert ask(["audit", "verify"], capsys) == 6
    assert ask(["gate", *WHERE, "--full"], capsys) == 6


@pytest.mark.parametrize("at", [18, 100, 120, 4100, 8200, 20_000, 40_000])
def test_flipped_bytes_of_the_file_are_answered_in_words(
    home: Path, at: int, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "registry.db"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    data = bytearray(file.read_bytes())
    data[at : at + 64] = b"\xff" * 64
    file.write_bytes(data)
    codes = [ask(words, capsys) for words in ASKED]
    assert set(codes) <= {0, 1, 2, 3, 5, 6}, codes


def test_a_damaged_schema_is_answered_in_words(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    connection = sqlite3.connect(home / "registry.db")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET sql = CAST(x'ff435245' AS TEXT) WHERE name = 'leaf'")
    connection.commit()
    connection.close()
    assert [ask(words, capsys) for words in ASKED] == [6] * len(ASKED)


def test_an_error_while_rows_are_read_becomes_words(home: Path) -> None:
    edit(home, "UPDATE checkpoint SET note = CAST(x'ff' AS TEXT)")
    with pytest.raises(StoreError, match="cannot be used"), open_registry(home) as registry:
        registry.ledger.checkpoints()


def test_the_tables_refuse_a_value_of_another_type(home: Path) -> None:
    connection = sqlite3.connect(home / "registry.db")
    for statement in (
        "INSERT INTO leaf VALUES (99, 5)",
        "INSERT INTO leaf_subject VALUES (x'ff', 1)",
        "INSERT INTO body VALUES ('sha256:x', 5)",
        "INSERT INTO checkpoint VALUES (99, x'ff')",
        "UPDATE head SET size = 'twelve'",
        "UPDATE governed_version SET version = 'seven'",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
            connection.execute(statement)
    connection.close()


def test_a_bad_item_is_quarantined_and_a_good_one_sealed(home: Path) -> None:
    with open_registry(home) as registry:
        good = answer_gate(registry, SEVEN, None, "production").receipt
        for item in (good, b"\xff", b"{}", good + b" "):
            registry.inbox.put("receipts", registry.ledger.put_body(item), registry.clock())
        registry.connection.execute(
            "INSERT INTO inbox (kind, digest, received_at) VALUES ('receipts', 'nothing', '')"
        )
        with writing(registry):
            pass
        rows = registry.connection.execute("SELECT state FROM inbox ORDER BY id DESC LIMIT 5").fetchall()
    assert [state for (state,) in reversed(rows)] == ["sealed", *["quarantined"] * 4]


@pytest.mark.parametrize(
    "change",
    [
        {"treeSize": "1"},
        {"treeSize": -1},
        {"treeSize": True},
        {"signedSize": None},
        {"time": "soon"},
        {"environment": ["x"]},
        {"verdict": "perhaps"},
        {"mismatch": 0},
        {"subject": {"manifest": "sha256:x", "name": "main/credit-risk@7"}},
        {"subject": {"manifest": 1}},
        {"subject": []},
    ],
)
def test_what_no_gate_writes_is_no_receipt(home: Path, change: dict[str, object]) -> None:
    with open_registry(home) as registry:
        good = answer_gate(registry, SEVEN, None, "production").receipt
    assert parse_receipt(good).name == "main/credit-risk@7"
    bad = json.dumps(json.loads(good) | change, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(VerificationError):
        parse_receipt(bad)


def test_a_linked_folder_inside_an_artifact_is_refused(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "model" / "weights").write_bytes(b"w")
    (tmp_path / "elsewhere" / "code.py").write_bytes(b"x")
    (tmp_path / "model" / "code").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    words = ["register", "credit-risk@8", "--artifact", str(tmp_path / "model"), "--as", "alice"]
    assert ask(words, capsys) == 2
