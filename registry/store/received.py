"""Events that are durable as posted and wait to be projected and sealed (RECORDS section 3)."""

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec

from registry.store.columns import blob, text
from registry.store.event_ids import alike_ids
from schemas.ledger import time_text
from schemas.receiving import Posted, Receipt

_SLICE_BYTES = 32 << 20


class Kept(msgspec.Struct, frozen=True):
    """One event that waits, in order of receipt."""

    id: int
    raw: bytes
    sender: str
    reason: str | None


class Received:
    """The table `received`; nothing here commits."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, posted: Sequence[Posted], now: datetime) -> list[Receipt]:
        """Keep what is new and say for each item what became of it."""
        time = time_text(now)
        return [self._put(item, time) for item in posted]

    def waiting(self, limit: int) -> list[Kept]:
        """Return what waits, oldest first: at most `limit` events, fewer where they are large."""
        rows = self._connection.execute(
            "SELECT id, raw, sender, reason FROM received ORDER BY id LIMIT ?", (limit,)
        )
        found: list[Kept] = []
        room = _SLICE_BYTES
        for row in rows:
            raw = blob(row[1], f"event {row[0]} that waits")
            found.append(Kept(row[0], raw, row[2], row[3]))
            room -= len(raw)
            if room <= 0:
                break
        return found

    def still(self, ids: Collection[int]) -> list[int]:
        """Return which of `ids` still wait, oldest first: another process may have sealed some."""
        if not ids:
            return []
        sql = "SELECT id FROM received WHERE id BETWEEN ? AND ? ORDER BY id"
        rows = self._connection.execute(sql, (min(ids), max(ids)))
        return [row[0] for row in rows if row[0] in ids]

    def count(self) -> int:
        """Return how many events wait."""
        return int(self._connection.execute("SELECT count(*) FROM received").fetchone()[0])

    def oldest(self) -> str | None:
        """Return since when the oldest event waits."""
        row = self._connection.execute("SELECT received_at FROM received ORDER BY id LIMIT 1").fetchone()
        return None if row is None else text(row[0], "the time of an event that waits")

    def refuse(self, kept: Kept, reason: str) -> None:
        """Say why `kept` will be quarantined."""
        self._connection.execute("UPDATE received SET reason = ? WHERE id = ?", (reason, kept.id))

    def remove(self, ids: Iterable[int]) -> None:
        """Forget what has become registry state."""
        self._connection.executemany("DELETE FROM received WHERE id = ?", [(number,) for number in ids])

    def _put(self, item: Posted, now: str) -> Receipt:
        name = None if item.event_id is None else item.event_id.hex()
        # What is quarantined takes no event id: the same event, posted by one who may, is still new.
        own = None if item.reason is not None else item.event_id
        if own is not None and self._is_known(item, own):
            return Receipt("duplicate", name)
        self._connection.execute(
            "INSERT INTO received (event_id, raw, sender, reason, received_at) VALUES (?, ?, ?, ?, ?)",
            (own, item.raw, item.sender, item.reason, now),
        )
        return Receipt("accepted" if item.reason is None else "quarantined", name, item.reason)

    def _is_known(self, item: Posted, own: bytes) -> bool:
        waits = self._connection.execute("SELECT 1 FROM received WHERE event_id = ?", (own,)).fetchone()
        return waits is not None or own in alike_ids(self._connection, item.run_id, item.likeness)
