"""Opening a registry's file: current, or refused in one line that says what to do."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from registry.store import tables
from registry.store.database import connect, create_database, open_database
from schemas.errors import Conflict, StoreError, StoreTooNew

METADATA = tables.Node.metadata


def test_a_new_file_opens(database):
    open_database(database).close()


def test_a_missing_file_is_no_registry(tmp_path: Path):
    with pytest.raises(StoreError, match="there is no registry here"):
        open_database(tmp_path / "nowhere.db")


def test_a_file_of_a_newer_version_is_refused(database):
    connection = connect(database)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(StoreTooNew, match="9999 is newer"):
        open_database(database)


def test_a_text_file_is_no_registry(tmp_path: Path):
    (tmp_path / "registry.db").write_text(
        "these are my notes, and they are long enough to look like a file\n" * 9
    )

    with pytest.raises(StoreError, match="not a SQLite file"):
        open_database(tmp_path / "registry.db")


def test_another_programs_database_is_no_registry(tmp_path: Path):
    other = sqlite3.connect(tmp_path / "registry.db")
    other.execute("CREATE TABLE t (x)")
    other.close()

    with pytest.raises(StoreError, match="not a registry"):
        open_database(tmp_path / "registry.db")


def test_a_truncated_file_is_refused_in_words(database, tmp_path: Path):
    cut = tmp_path / "cut.db"
    shutil.copy(database, cut)
    cut.write_bytes(cut.read_bytes()[:5000])

    with pytest.raises(StoreError):
        open_database(cut)


def test_a_file_that_is_there_is_not_made_again(database):
    with pytest.raises(Conflict, match="already here"):
        create_database(database)


def test_a_reader_cannot_write(database):
    reader = open_database(database, read_only=True)

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("INSERT INTO registry_fact VALUES ('origin', 'x')")
    reader.close()


# The comparison does not read an index over an expression; a test of its own asks for that one.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_the_released_tables_are_those_the_program_declares(database):
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as opened:
        context = MigrationContext.configure(opened)
        declared = set(METADATA.tables)
        differences = [d for d in compare_metadata(context, METADATA) if not _is_ledger(d, declared)]
    engine.dispose()

    assert differences == []


def _is_ledger(difference, declared) -> bool:
    """The ledger's own tables are plain SQL and declared nowhere else."""
    kind, thing = difference[0], difference[1]
    named = getattr(thing, "table", thing)
    return kind in ("remove_table", "remove_index") and named.name not in declared
