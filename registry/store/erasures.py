"""Bodies that were erased on purpose: which, by which record, and how their bytes leave the files."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from registry.store.columns import find_digest
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Leaf, parse_leaf
from schemas.statement import parse_envelope, parse_statement

TYPE = "redaction"


class Erased(msgspec.Struct, frozen=True):
    """Which leaf says that a body was erased, and why."""

    seq: int
    reason: str

    def __str__(self) -> str:
        return f"erased at leaf {self.seq} ({self.reason})"


class Erasures:
    """The table `redaction`, believed only as far as the log says the same."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, digest: Digest) -> Erased | None:
        """Return what the log says about the erasure of `digest`; None when it says nothing."""
        row = self._connection.execute(
            "SELECT leaf.data FROM redaction JOIN leaf USING (seq) WHERE redaction.digest = ?", (digest,)
        ).fetchone()
        leaf = None if row is None else _leaf(row[0])
        if leaf is None or leaf.type != TYPE or digest not in leaf.subjects:
            return None
        return Erased(leaf.seq, self._reason(leaf))

    def write(self, digest: Digest, seq: int) -> None:
        """Drop the bytes of `digest`, as the record at leaf `seq` says."""
        self._connection.execute("INSERT INTO redaction (digest, seq) VALUES (?, ?)", (digest, seq))
        self._connection.execute("UPDATE body SET bytes = NULL WHERE digest = ?", (digest,))

    def without_bytes(self) -> Iterator[tuple[str, Erased | None]]:
        """Yield every body whose bytes are gone, with its erasure; None where the log knows of none."""
        rows = self._connection.execute("SELECT digest FROM body WHERE bytes IS NULL ORDER BY digest")
        for (found,) in rows.fetchall():
            digest = find_digest(found)
            yield str(found), None if digest is None else self.find(digest)

    def with_bytes(self) -> list[str]:
        """Return the digests said to be erased whose bytes are here all the same."""
        rows = self._connection.execute(
            "SELECT digest FROM redaction JOIN body USING (digest) WHERE bytes IS NOT NULL ORDER BY digest"
        )
        return [str(row[0]) for row in rows]

    def _reason(self, leaf: Leaf) -> str:
        row = self._connection.execute("SELECT bytes FROM body WHERE digest = ?", (leaf.body,)).fetchone()
        try:
            said = parse_statement(parse_envelope(_bytes(row and row[0])).payload)
            return str(said.predicate.get("reason"))[:80]
        except VerificationError:
            return "for a reason that cannot be read"


def zero_deleted(connection: sqlite3.Connection) -> None:
    """Let what this connection deletes from now on be overwritten in the file."""
    connection.execute("PRAGMA secure_delete = ON")


def sweep(connection: sqlite3.Connection) -> bool:
    """Write the file anew without what was deleted, and empty the write-ahead log.

    False when another process uses the file or the disk is full: then old bytes may still stand in it.
    """
    zero_deleted(connection)
    try:
        emptied = _empty_log(connection)
        # Pages moved about before deletions were overwritten may hold copies of what is gone since.
        connection.execute("VACUUM")
        return emptied and _empty_log(connection)
    except sqlite3.OperationalError:
        return False


def _empty_log(connection: sqlite3.Connection) -> bool:
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy


def _leaf(data: Any) -> Leaf | None:
    try:
        return parse_leaf(_bytes(data))
    except VerificationError:
        return None


def _bytes(value: Any) -> bytes:
    # A damaged row is no word of the log; an audit names the damage itself.
    return value if isinstance(value, bytes) else b""
