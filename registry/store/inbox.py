"""Items that are durable and wait for the service key's seal (RECORDS section 3)."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

import msgspec

from registry.store.columns import blob, count, find_digest, text
from schemas.digest import Digest
from schemas.errors import StoreError
from schemas.ledger import time_text

_SIZE = 32


class Waiting(msgspec.Struct, frozen=True):
    """One item of the inbox; its digest is None when the row holds none."""

    id: int
    kind: str
    digest: Digest | None


class Inbox:
    """The tables `inbox` and `seal_items`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, kind: str, item: Digest, now: datetime) -> None:
        """Remember that the body `item` waits for a seal."""
        self._connection.execute(
            "INSERT INTO inbox (kind, digest, received_at) VALUES (?, ?, ?)", (kind, item, time_text(now))
        )

    def waiting(self, kind: str, limit: int = 10_000) -> list[Waiting]:
        """Return what waits, oldest first."""
        rows = self._connection.execute(
            "SELECT id, kind, digest FROM inbox WHERE kind = ? AND state = 'waiting' ORDER BY id LIMIT ?",
            (kind, limit),
        )
        return [Waiting(row[0], row[1], find_digest(row[2])) for row in rows]

    def count(self) -> tuple[int, str | None]:
        """Return how many items wait, posted events with them, and since when the oldest does."""
        row = self._connection.execute(
            "SELECT count(*), min(received_at) FROM (SELECT received_at FROM inbox WHERE state = 'waiting' "
            "UNION ALL SELECT received_at FROM received)"
        ).fetchone()
        return row[0], None if row[1] is None else text(row[1], "the time of an item that waits")

    def mark(self, items: list[Waiting], state: str) -> None:
        """Say that `items` are `sealed` or `quarantined`."""
        self._connection.executemany(
            "UPDATE inbox SET state = ? WHERE id = ?", [(state, item.id) for item in items]
        )

    def add_sealed(self, seq: int, digests: Iterable[bytes]) -> None:
        """Keep the digests that the seal at `seq` proves, in order."""
        self._connection.execute("INSERT INTO seal_items VALUES (?, ?)", (seq, b"".join(digests)))

    def seals(self, before: int) -> list[int]:
        """Return the leaves below `before` that are seals, in order."""
        rows = self._connection.execute("SELECT seq FROM seal_items WHERE seq < ? ORDER BY seq", (before,))
        return [count(row[0], "the index of seals") for row in rows]

    def sealed(self, seq: int) -> list[Digest]:
        """Return the digests that the seal at `seq` proves, in order."""
        row = self._connection.execute("SELECT digests FROM seal_items WHERE seq = ?", (seq,)).fetchone()
        data = b"" if row is None else blob(row[0], f"the items of the seal at leaf {seq}")
        if len(data) % _SIZE:
            raise StoreError(
                f"the items of the seal at leaf {seq} are damaged", hint="restore them from a backup"
            )
        return [Digest.from_hex(data[at : at + _SIZE].hex()) for at in range(0, len(data), _SIZE)]
