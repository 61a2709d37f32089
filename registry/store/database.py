"""Opening the registry's SQLite file: made, current, or refused in words.

The ledger is spoken to through DB-API in a handful of statements, so that a gate starts without SQLModel.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from schemas.errors import Conflict, StoreBusy, StoreError, StoreTooNew

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every schema revision this program knows, oldest first; the last one is current."""

_BUSY_MS = 10_000


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection in explicit-transaction mode, without looking at the schema."""
    mode = "ro" if read_only else "rw"
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        if not read_only:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error as error:
        raise StoreError(
            f"{path}: cannot be opened: {error}", hint="check the path and its permissions"
        ) from error
    return connection


def open_database(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection to a registry of the current revision; raise in words for anything else."""
    found = revision_of(path)
    if found != REVISIONS[-1]:
        raise StoreError(
            f"{path}: revision {found}, this program writes {REVISIONS[-1]}", hint="muniment migrate"
        )
    return connect(path, read_only=read_only)


def revision_of(path: Path) -> str:
    """Return the schema revision of the file; raise when it is no registry, or newer than this program."""
    if not path.exists():
        raise StoreError(
            f"{path}: there is no registry here", hint="muniment init, or name one with --registry"
        )
    with closing(connect(path, read_only=True)) as connection:
        try:
            rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        except UnicodeDecodeError as error:
            # SQLite quotes a damaged schema in its message, and that is no text either.
            raise StoreError(f"{path}: the schema is damaged", hint="restore it from a backup") from error
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StoreBusy(
                    f"{path}: another process is writing", hint="try again in a moment"
                ) from error
            raise StoreError(
                f"{path}: not a registry ({error})", hint="name a folder made by muniment init"
            ) from error
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"{path}: not a SQLite file, or damaged", hint="restore it from a backup"
            ) from error
    found = str(rows[0][0]) if len(rows) == 1 else "none"
    if found not in REVISIONS:
        raise StoreTooNew(
            f"{path}: revision {found} is newer than this program, which knows {REVISIONS[-1]}",
            hint="update muniment",
        )
    return found


def create_database(path: Path) -> None:
    """Create the file with the current schema; raise Conflict when something is there already."""
    if path.exists():
        raise Conflict(f"{path}: a registry is already here", hint="name another folder with --registry")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(path)
    connection = connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def back_up(path: Path, target: Path) -> None:
    """Write a whole copy of the file at `path` to `target`, unfolded from its write-ahead log, mode 0600."""
    if target.exists():
        raise Conflict(f"{target}: a backup is already here", hint="move it away, then try again")
    target.touch(mode=0o600)
    with closing(connect(path, read_only=True)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def upgrade(path: Path) -> None:
    """Bring the file to the current revision, each step in a transaction of its own."""
    from alembic import command  # noqa: PLC0415 - slow to import, needed only here
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}".replace("%", "%%"))
    command.upgrade(config, "head")
