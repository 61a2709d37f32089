"""The tree's hashes in rows of 256 (C2SP tlog-tiles): which are full, and proofs read from them.

A tile at (level, index) holds 256 hashes of complete subtrees of `256**level` leaves each. Tiles are
written once, when full, with the one hash over them; what lies right of the last full tile is computed
again: at level 0 from the leaves, above from the hashes over the tiles below.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import msgspec

from registry.trust.merkle import HASH_BYTES, GetHash, fold_row, join_pairs
from schemas.errors import VerificationError

WIDTH = 256
HEIGHT = 8
_KEPT = 512


class Tile(msgspec.Struct, frozen=True):
    """One full tile: 256 hashes, joined, and the hash over all of them."""

    level: int
    index: int
    hashes: bytes
    top: bytes


class TileSource(Protocol):
    """Where tiles are kept."""

    def tile(self, level: int, index: int) -> bytes | None:
        """Return the 256 hashes of a full tile, joined; None when it is not kept."""

    def tops(self, level: int, start: int, stop: int) -> dict[int, bytes]:
        """Return the hashes over the tiles `start` up to and without `stop` of a level, those kept."""

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the hashes of the leaves `start` up to and without `stop`."""


def tiles_for(old_size: int, new_leaf_hashes: Sequence[bytes], get_hash: GetHash) -> tuple[Tile, ...]:
    """Return the tiles that become full when `new_leaf_hashes` follow `old_size` leaves, lowest level first.

    `get_hash(8 * level, i)` is asked only for hashes that existed before and lie in no full tile.
    """
    made: list[Tile] = []
    level, start, new = 0, old_size, list(new_leaf_hashes)
    while (start + len(new)) // WIDTH > start // WIDTH:
        first = start // WIDTH * WIDTH
        row = [get_hash(HEIGHT * level, i) for i in range(first, start)] + new
        above: list[bytes] = []
        for at in range(0, len(row) // WIDTH * WIDTH, WIDTH):
            full = row[at : at + WIDTH]
            above.append(fold_row(full))
            made.append(Tile(level, (first + at) // WIDTH, b"".join(full), above[-1]))
        level, start, new = level + 1, start // WIDTH, above
    return tuple(made)


def tile_tops(row: Sequence[bytes]) -> list[bytes]:
    """Return the hash over each full tile of a row that begins with one; those behind have no part in it."""
    tops = list(row[: len(row) // WIDTH * WIDTH])
    for _ in range(HEIGHT):
        tops = join_pairs(tops)
    return tops


def tile_reader(source: TileSource, size: int) -> GetHash:
    """Return a `get_hash` for proofs in the tree over `size` leaves."""

    @lru_cache(maxsize=_KEPT)
    def pyramid(row: int, index: int) -> list[Sequence[bytes]]:
        # A tile's hashes and, as far as they were asked for, the levels above them: a proof takes one
        # hash of every level, so that each is computed once.
        return [hashes_of(row, index)]

    def hashes_of(row: int, index: int) -> list[bytes]:
        start = index * WIDTH
        stop = min(start + WIDTH, size >> HEIGHT * row)
        kept = source.tile(row, index)
        if kept is not None:
            return _split(kept)
        if row == 0:
            return source.leaf_hashes(start, stop)
        tops = source.tops(row - 1, start, stop)
        return [tops.get(i) or fold_row(hashes_of(row - 1, i)) for i in range(start, stop)]

    def get_hash(level: int, index: int) -> bytes:
        row, up = divmod(level, HEIGHT)
        first = index << up
        levels = pyramid(row, first // WIDTH)
        while len(levels) <= up:
            levels.append(join_pairs(levels[-1]))
        return levels[up][(first % WIDTH) >> up]

    return get_hash


def _split(hashes: bytes) -> list[bytes]:
    if len(hashes) != WIDTH * HASH_BYTES:
        raise VerificationError(
            "TREE_MALFORMED", f"expected a tile of {WIDTH} hashes, found {len(hashes)} bytes"
        )
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
