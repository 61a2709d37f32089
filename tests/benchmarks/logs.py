"""Logs to measure: real databases, filled through the ledger."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from registry.acts.init import found_registry
from registry.store.database import connect, create_database
from registry.store.ledger import Entry, Ledger
from schemas.digest import Digest

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ABOUT = (Digest.of(b"a model's manifest"), Digest.of(b"a dossier"))
_ENVELOPE = 1_100


def entries(start: int, stop: int, kind: str = "approval") -> list[Entry]:
    """Return records as large as a real approval's envelope, each different."""
    return [Entry(kind, b"%0*d" % (_ENVELOPE, number), ABOUT) for number in range(start, stop)]


def new_registry(home: Path) -> Path:
    """Found a registry, with keys that need no passphrase."""
    found_registry(home, "alice", None, clock=lambda: NOW)
    return home


def log_of(place: Path, leaves: int) -> Path:
    """Return a database with a log of so many leaves, made at the first call.

    Every leaf is of a type without an index of subjects and they share a body: only the tree is measured.
    """
    path = place / f"log-{leaves}.db"
    if not path.exists():
        create_database(path)
        connection = connect(path)
        one = Entry("import", b"x" * _ENVELOPE, ABOUT)
        for start in range(0, leaves, 10_000):
            connection.execute("BEGIN IMMEDIATE")
            Ledger(connection).append([one] * min(10_000, leaves - start), NOW)
            connection.execute("COMMIT")
        connection.close()
    return path


def opened(path: Path) -> sqlite3.Connection:
    """Open a log to read it."""
    return connect(path, read_only=True)
