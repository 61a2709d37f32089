"""migrate: a registry of an earlier program is brought up to date, after a backup of all of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from registry.store.database import REVISIONS, open_database, revision_of
from schemas.errors import StoreError
from tests.store.revisions import make_at


@pytest.fixture
def earlier(founded, tmp_path: Path):
    """The registry as the first released revision had it, its last records still in the write-ahead log."""
    path = tmp_path / "registry" / "registry.db"
    now = path.rename(tmp_path / "now.db")
    make_at(path, "0001")
    holder = sqlite3.connect(path)  # an open reader keeps SQLite from folding the write-ahead log in
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        holder.execute("SELECT * FROM alembic_version").fetchall()
        connection.execute("ATTACH ? AS now", (str(now),))
        for (table,) in connection.execute(
            "SELECT name FROM now.sqlite_master WHERE type = 'table'"
        ).fetchall():
            count = connection.execute(f"SELECT count(*) FROM now.{table}").fetchone()[0]  # noqa: S608 - ours
            if count and table != "alembic_version":
                connection.execute(f"INSERT INTO {table} SELECT * FROM now.{table}")  # noqa: S608 - likewise
    yield founded
    holder.close()


def test_commands_name_migrate_until_it_has_run(earlier):
    refused = earlier("audit", "log")

    assert refused.code != 0
    assert "next: muniment migrate" in refused.err


def test_it_backs_up_everything_and_upgrades(earlier, tmp_path: Path):
    done = earlier("migrate", "--json")

    backup = Path(done.json["backup"])
    assert (done.code, done.json["from"], done.json["to"]) == (0, "0001", REVISIONS[-1])
    assert revision_of(backup) == "0001"
    assert backup.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT count(*) FROM leaf").fetchone()[0] >= 2
    assert earlier("audit", "verify").code == 0


def test_a_second_time_it_changes_nothing(earlier):
    earlier("migrate")

    again = earlier("migrate", "--json")

    assert (again.code, again.json["backup"]) == (0, None)


def test_a_backup_that_is_there_is_not_written_over(earlier, tmp_path: Path):
    (tmp_path / "registry" / "registry.0001.backup").write_text("mine")

    refused = earlier("migrate")

    assert refused.code == 2
    assert "a backup is already here" in refused.err
    with pytest.raises(StoreError, match="revision 0001"):
        open_database(tmp_path / "registry" / "registry.db")
