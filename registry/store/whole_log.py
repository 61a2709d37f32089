"""The log in long runs, as an audit reads it: whatever is stored, gaps and strays included."""

import sqlite3

from registry.store.columns import as_bytes, blob

_MAPPED = 1 << 31
_LEAF = "a leaf of the log"


class WholeLog:
    """The leaves and lowest tiles of one log, by ranges of places."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        # Pages read where the system keeps them, not copied first: about a tenth of the time to
        # read and hash leaves. The price: a disk that fails under it ends the process, not the statement.
        connection.execute(f"PRAGMA mmap_size = {_MAPPED}")

    def end(self) -> int:
        """Return the place behind the last leaf, wherever that is."""
        return int(self._connection.execute("SELECT coalesce(max(seq) + 1, 0) FROM leaf").fetchone()[0])

    def next_place(self, start: int) -> int | None:
        """Return the place of the first leaf at `start` or behind it."""
        row = self._connection.execute("SELECT min(seq) FROM leaf WHERE seq >= ?", (start,)).fetchone()
        return None if row[0] is None else int(row[0])

    def count_strays(self) -> int:
        """Return how many leaves lie before the first place, where none can."""
        return int(self._connection.execute("SELECT count(*) FROM leaf WHERE seq < 0").fetchone()[0])

    def datas(self, start: int, stop: int) -> list[bytes]:
        """Return the exact bytes of the leaves from `start` up to and without `stop`, those that are here."""
        rows = self._connection.execute(
            "SELECT data FROM leaf WHERE seq >= ? AND seq < ? ORDER BY seq", (start, stop)
        )
        found = [data for (data,) in rows]
        # The types at once, without a call of ours for each leaf.
        return found if set(map(type, found)) <= {bytes} else [blob(data, _LEAF) for data in found]

    def places(self, start: int, stop: int) -> list[int]:
        """Return the places of the leaves from `start` up to and without `stop`, those that are here."""
        rows = self._connection.execute(
            "SELECT seq FROM leaf WHERE seq >= ? AND seq < ? ORDER BY seq", (start, stop)
        )
        return [seq for (seq,) in rows]

    def tiles(self, start: int, stop: int) -> dict[int, bytes]:
        """Return what is stored as the lowest tiles `start` up to and without `stop`, whatever it is."""
        return self._rows(0, start, stop)

    def tops(self, start: int, stop: int) -> dict[int, bytes]:
        """Return what is stored as the hashes over those tiles, whatever it is; older logs keep none."""
        return self._rows(~0, start, stop)

    def _rows(self, level: int, start: int, stop: int) -> dict[int, bytes]:
        rows = self._connection.execute(
            "SELECT position, hashes FROM tile WHERE level = ? AND position >= ? AND position < ?",
            (level, start, stop),
        )
        return {position: as_bytes(hashes) for position, hashes in rows}
