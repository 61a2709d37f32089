"""The tree's hashes in the database: full tiles, the hash over each, and leaves hashed where neither reaches.

In the table `tile` the rows of level n >= 0 are tiles; the row of level -1 - n holds the one hash over the
tile of level n at its position, so that the open edge of a long log is read and not folded again.
"""

import sqlite3
from collections.abc import Sequence

from registry.store.columns import as_bytes, blob
from registry.trust.merkle import HASH_BYTES, GetHash, leaf_hash
from registry.trust.tiles import Tile, tile_reader
from schemas.errors import StoreError, VerificationError

_LEAF = "a leaf of the log"


class Tree:
    """The tiles and leaves of one log, as `TileSource` asks for them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get_hash(self, size: int) -> GetHash:
        """Return a function that reads hashes of the tree over the first `size` leaves."""
        return tile_reader(self, size)

    def add(self, tiles: Sequence[Tile]) -> None:
        """Keep tiles that became full."""
        rows = [(t.level, t.index, t.hashes) for t in tiles] + [(~t.level, t.index, t.top) for t in tiles]
        self._connection.executemany("INSERT INTO tile (level, position, hashes) VALUES (?, ?, ?)", rows)

    def tile(self, level: int, index: int) -> bytes | None:
        """Return the 256 hashes of a full tile, joined; None when it is not kept."""
        row = self._connection.execute(
            "SELECT hashes FROM tile WHERE level = ? AND position = ?", (level, index)
        ).fetchone()
        return None if row is None else blob(row[0], f"tile {index} of level {level}")

    def tops(self, level: int, start: int, stop: int) -> dict[int, bytes]:
        """Return the hashes over the tiles `start` up to and without `stop` of a level, those kept."""
        rows = self._connection.execute(
            "SELECT position, hashes FROM tile WHERE level = ? AND position >= ? AND position < ?",
            (~level, start, stop),
        ).fetchall()
        found = {index: blob(top, f"the hash over tile {index} of level {level}") for index, top in rows}
        if any(len(top) != HASH_BYTES for top in found.values()):
            raise VerificationError("TREE_MALFORMED", f"a hash over a tile of level {level} is none")
        return found

    def stored(self, level: int, position: int) -> bytes | None:
        """Return what is stored there, whatever it is: only an audit wants that."""
        row = self._connection.execute(
            "SELECT hashes FROM tile WHERE level = ? AND position = ?", (level, position)
        ).fetchone()
        return None if row is None else as_bytes(row[0])

    def count(self) -> int:
        """Return how many tiles are stored."""
        return int(self._connection.execute("SELECT count(*) FROM tile WHERE level >= 0").fetchone()[0])

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the hashes of the leaves `start` up to and without `stop`; raise StoreError for a gap."""
        rows = self._connection.execute(
            "SELECT seq, data FROM leaf WHERE seq >= ? AND seq < ? ORDER BY seq", (start, stop)
        ).fetchall()
        seqs = [row[0] for row in rows]
        for seq in range(start, stop):
            if len(seqs) <= seq - start or seqs[seq - start] != seq:
                raise StoreError(f"leaf {seq} is missing from the log", hint="muniment audit verify")
        return [leaf_hash(blob(data, _LEAF)) for _, data in rows]
