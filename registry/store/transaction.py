"""Transactions on the registry's file: one writer at a time, all of it or nothing; one state to read."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from schemas.errors import StoreBusy, StoreError


def begin(connection: sqlite3.Connection, where: object) -> None:
    """Take the write lock of the registry at `where`; raise in words when another holds it."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if "readonly" in str(error) or "unable to open" in str(error):
            raise StoreError(
                f"{where}: the registry cannot be written by this account",
                hint="check the permissions of the folder and of registry.db",
            ) from error
        raise StoreBusy(f"{where}: another process is writing", hint="try again in a moment") from error


def undo(connection: sqlite3.Connection) -> None:
    """Take back what the open transaction wrote."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


@contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Read everything in the block as it is at the first look, whatever others write meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        undo(connection)


@contextmanager
def immediate(connection: sqlite3.Connection, where: object) -> Iterator[None]:
    """Commit when the block ends, undo everything when it raises."""
    begin(connection, where)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        undo(connection)
        raise
