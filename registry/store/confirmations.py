"""What others say about the log's heads: witnesses' lines and timestamp tokens.

Nothing here commits, and nothing here is believed: who reads a line verifies it.
"""

import sqlite3

from registry.store.columns import blob, count, text

_LINE, _TOKEN = "a witness's line", "a timestamp token"


class Confirmations:
    """The tables `cosignature` and `timestamp_token`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add_line(self, size: int, witness: str, line: str) -> bool:
        """Keep the line of `witness` on the head of `size` leaves; False when one of it is kept already."""
        done = self._connection.execute(
            "INSERT OR IGNORE INTO cosignature (size, witness, line) VALUES (?, ?, ?)", (size, witness, line)
        )
        return done.rowcount == 1

    def lines(self, size: int) -> tuple[str, ...]:
        """Return the witnesses' lines on the head of `size` leaves, in the order they came."""
        rows = self._connection.execute("SELECT line FROM cosignature WHERE size = ? ORDER BY id", (size,))
        return tuple(text(row[0], _LINE) for row in rows)

    def newest_size(self, witness: str) -> int:
        """Return the size of the largest head that `witness` confirms; 0 when there is none."""
        row = self._connection.execute(
            "SELECT max(size) FROM cosignature WHERE witness = ?", (witness,)
        ).fetchone()
        return 0 if row[0] is None else count(row[0], _LINE)

    def witnessed_sizes(self) -> tuple[int, ...]:
        """Return the sizes of the heads that any line is kept for, largest first."""
        rows = self._connection.execute("SELECT DISTINCT size FROM cosignature ORDER BY size DESC")
        return tuple(count(row[0], _LINE) for row in rows)

    def add_token(self, size: int, token: bytes) -> bool:
        """Keep a timestamp token over the head of `size` leaves; False when it is kept already."""
        done = self._connection.execute(
            "INSERT OR IGNORE INTO timestamp_token (size, token) VALUES (?, ?)", (size, token)
        )
        return done.rowcount == 1

    def tokens(self) -> tuple[tuple[int, bytes], ...]:
        """Return every token with the size of its head, in the order they came."""
        rows = self._connection.execute("SELECT size, token FROM timestamp_token ORDER BY size, id")
        return tuple((count(size, _TOKEN), blob(token, _TOKEN)) for size, token in rows)
