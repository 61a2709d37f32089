"""audit verify shared among processes: the answer of one, whatever is damaged, and no process left behind."""

import json
import shutil
import signal
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.acts.audit_range import Range, RangeAudit
from registry.acts.audit_tree import Recomputed, recompute_tree
from registry.acts.audit_workers import Worker, choose_jobs, workers
from registry.store.database import connect, create_database
from registry.store.ledger import Entry, Ledger
from registry.trust import merkle
from schemas.errors import StoreError
from schemas.ledger import origin_subject
from tui.cli import main

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LEAVES = 3_000

EDITS = {
    "nothing": "SELECT 1",
    "a leaf has other bytes": "UPDATE leaf SET data = x'7b7d' WHERE seq = 1700",
    "a leaf has the bytes of another": "UPDATE leaf SET data = (SELECT data FROM leaf WHERE seq = 5) "
    "WHERE seq = 1700",
    "a leaf is text": "UPDATE leaf SET data = CAST(data AS TEXT) WHERE seq = 2000",
    "two leaves are numbers": "UPDATE leaf SET data = seq WHERE seq IN (300, 2900)",
    "a leaf in the middle is gone": "DELETE FROM leaf WHERE seq = 1700",
    "many leaves are gone": "DELETE FROM leaf WHERE seq BETWEEN 200 AND 2500",
    "the first leaf is gone": "DELETE FROM leaf WHERE seq = 0",
    "the end is gone": "DELETE FROM leaf WHERE seq >= 2048",
    "every leaf is gone": "DELETE FROM leaf",
    "a leaf lies far behind the end": "INSERT INTO leaf SELECT 1 << 50, data FROM leaf WHERE seq = 3",
    "a leaf lies before the first": "INSERT INTO leaf SELECT -7, data FROM leaf WHERE seq = 3",
    "a tile is other": "UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0 AND position = 9",
    "a hash over a tile is other": "UPDATE tile SET hashes = zeroblob(32) WHERE level = -1 AND position = 9",
    "a tile is a number": "UPDATE tile SET hashes = 7 WHERE position = 4",
    "a tile is gone": "DELETE FROM tile WHERE position = 3",
    "every body is other": "UPDATE body SET bytes = x'00'",
    "the index is empty": "DELETE FROM leaf_subject",
    "a table is gone": "DROP TABLE leaf_subject",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 3,000 leaves, every one with a body and a place in the index."""
    path = tmp_path_factory.mktemp("log") / "registry.db"
    create_database(path)
    connection = connect(path)
    connection.execute("BEGIN")
    about = (origin_subject("x"),)
    Ledger(connection).append([Entry("approval", b"%d" % n, about) for n in range(LEAVES)], NOW)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture
def database(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "registry.db"))


def edit(database: Path, statement: str) -> None:
    connection = sqlite3.connect(database)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute(statement)
    connection.commit()
    connection.close()


def recompute(database: Path, jobs: int, heads: tuple[int, ...] = ()) -> Recomputed:
    connection = connect(database, read_only=True)
    try:
        with workers(database, jobs - 1) as helpers:
            audit = RangeAudit(connection)
            return recompute_tree(audit, heads, helpers=helpers, where=database.parent, width=256)
    finally:
        connection.close()


def said(database: Path, jobs: int) -> object:
    """Return everything an audit by so many processes finds, or the error it ends with."""
    try:
        found = recompute(database, jobs, (1, 256, 257, 1699, 1701, 2048, 3000, 9000))
    except StoreError as error:
        return (type(error), error.message, error.hint)
    return (found.frontier.to_bytes(), found.roots, found.problems, found.bodies, found.absent)


@pytest.mark.parametrize("name", EDITS)
def test_two_processes_find_what_one_finds(database: Path, name: str) -> None:
    edit(database, EDITS[name])

    alone = said(database, 1)

    assert said(database, 2) == alone
    assert (alone[2:] == ([], LEAVES, 0)) == (name == "nothing")  # type: ignore[index]


def test_the_roots_at_signed_heads_are_those_of_the_leaves(made: Path) -> None:
    connection = connect(made, read_only=True)
    hashes = [merkle.leaf_hash(data) for data in Ledger(connection).leaf_datas()]
    connection.close()
    heads = (1, 255, 256, 257, 1000, 2816, 2999, 3000)

    found = recompute(made, 3, heads)

    assert found.roots == {size: merkle.root(hashes[:size]) for size in heads}
    assert found.frontier.root() == merkle.root(hashes)


def test_a_gap_is_named_and_the_tree_ends_before_it(database: Path) -> None:
    edit(database, "DELETE FROM leaf WHERE seq = 1700")

    found = recompute(database, 2)

    assert found.frontier.size == 1700
    assert found.problems == [
        "leaf 1700: LEAF_MISSING: it is gone, and leaves behind it are here",
        "TILE_MISMATCH: 11 tiles are kept, the leaves fill 6",
    ]


def test_a_process_that_dies_is_an_error_in_words(made: Path) -> None:
    with workers(made, 1) as (worker,):
        worker.process.kill()
        worker.process.wait()
        worker.asked.append((0, Range(0, 256)))
        with pytest.raises(StoreError) as caught:
            worker.answer()

    assert caught.value.message == (
        "the process that checked leaves 0 to 255 was ended by signal 9 before it answered"
    )
    assert caught.value.hint == "muniment audit verify --jobs 1"


def test_the_processes_end_with_the_block(made: Path) -> None:
    started: list[Worker] = []
    with pytest.raises(KeyboardInterrupt), workers(made, 2) as helpers:  # noqa: PT012
        started += helpers
        raise KeyboardInterrupt
    assert [worker.process.returncode for worker in started] == [-signal.SIGKILL] * 2


def test_a_process_ends_when_nobody_is_there_to_ask(made: Path) -> None:
    worker = Worker(made)
    worker.pipe.close()
    assert worker.process.wait(timeout=30) == 0


@pytest.mark.parametrize(
    ("size", "processors", "jobs"),
    [(200_001, 2, 2), (200_000, 2, 1), (1_000_000, 1, 1), (1_000_000, None, 1), (0, 8, 1)],
)
def test_two_processes_are_for_long_logs_on_machines_that_have_them(size, processors, jobs):
    assert choose_jobs(size, processors) == jobs


def test_the_threshold_is_a_parameter() -> None:
    assert choose_jobs(11, 2, many=10) == 2


def test_the_command_answers_alike_with_any_number_of_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MUNIMENT_REGISTRY", str(tmp_path / "registry"))
    assert main(["init", "--as", "alice", "--no-passphrase"]) == 0
    answers = []
    for jobs in ("1", "2", "3"):
        capsys.readouterr()
        assert main(["audit", "verify", "--jobs", jobs, "--json"]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0]["problems"] == []
    assert answers[1:] == answers[:1] * 2
    assert main(["audit", "verify", "--jobs", "0"]) == 2
