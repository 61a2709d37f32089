"""A registry of an earlier program: refused with the command that upgrades it, and upgraded with a backup."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from registry.store.database import REVISIONS, connect, open_database, revision_of, upgrade
from schemas.errors import StoreError
from tests.store.revisions import make_at


@pytest.fixture
def first(tmp_path: Path) -> Path:
    path = tmp_path / "first.db"
    make_at(path, "0001")
    with closing(connect(path)) as connection:
        connection.execute("INSERT INTO checkpoint VALUES (3, 'a note')")
    return path


def test_a_registry_of_the_first_revision_is_refused_with_the_command_that_upgrades_it(first):
    with pytest.raises(StoreError, match=f"revision 0001, this program writes {REVISIONS[-1]}") as refused:
        open_database(first)
    assert refused.value.hint == "muniment migrate"


def test_an_upgrade_keeps_what_was_there_and_adds_the_tables_of_confirmations(first):
    upgrade(first)

    assert revision_of(first) == REVISIONS[-1]
    with closing(open_database(first)) as opened:
        assert opened.execute("SELECT size, note FROM checkpoint").fetchall() == [(3, "a note")]
        assert opened.execute("SELECT count(*) FROM cosignature").fetchone() == (0,)
        assert opened.execute("SELECT count(*) FROM timestamp_token").fetchone() == (0,)


def test_an_upgraded_registry_has_the_tables_of_a_new_one(first, database):
    upgrade(first)

    assert _schema(first) == _schema(database)


def test_migrate_twice_changes_nothing(first):
    upgrade(first)
    before = _schema(first)
    upgrade(first)

    assert _schema(first) == before


@pytest.mark.parametrize("table", ["cosignature", "timestamp_token"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET size = 4"])
def test_confirmations_are_never_changed_or_deleted(connection, table, statement):
    connection.execute("INSERT INTO checkpoint VALUES (3, 'a note')")
    connection.execute("INSERT INTO cosignature (size, witness, line) VALUES (3, 'w', 'line')")
    connection.execute("INSERT INTO timestamp_token (size, token) VALUES (3, x'00')")

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement.format(table))


def test_a_line_on_a_head_that_is_not_kept_is_refused(connection):
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO cosignature (size, witness, line) VALUES (9, 'w', 'line')")


def _schema(path: Path) -> list[tuple[str, str]]:
    with closing(connect(path)) as connection:
        return connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name"
        ).fetchall()
