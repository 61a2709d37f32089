"""The tree's hashes in rows of 256 (C2SP tlog-tiles): which are full, and proofs read from them.

A tile at (level, index) holds 256 hashes of complete subtrees of `256**level` leaves each. Tiles are
written once, when full; what lies right of the last full tile is computed again from the leaves.
"""

from collections.abc import Callable, Sequence

import msgspec

from registry.trust.merkle import HASH_BYTES, GetHash, node_hash
from schemas.errors import VerificationError

WIDTH = 256
HEIGHT = 8
GetTile = Callable[[int, int], bytes | None]
GetLeafHash = Callable[[int], bytes]


class Tile(msgspec.Struct, frozen=True):
    """One full tile: 256 hashes, joined."""

    level: int
    index: int
    hashes: bytes


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
            made.append(Tile(level, (first + at) // WIDTH, b"".join(full)))
            above.append(fold_row(full))
        level, start, new = level + 1, start // WIDTH, above
    return tuple(made)


def tile_reader(get_tile: GetTile, get_leaf_hash: GetLeafHash) -> GetHash:
    """Return a `get_hash` for proofs that reads full tiles and, right of them, leaf hashes."""
    known: dict[tuple[int, int], bytes] = {}

    def get_hash(level: int, index: int) -> bytes:
        if level == 0 and get_tile(0, index // WIDTH) is None:
            return get_leaf_hash(index)
        key = (level, index)
        if key not in known:
            known[key] = _from_tile(level, index) or node_hash(
                get_hash(level - 1, 2 * index), get_hash(level - 1, 2 * index + 1)
            )
        return known[key]

    def _from_tile(level: int, index: int) -> bytes | None:
        row, up = divmod(level, HEIGHT)
        span = 1 << up
        first = index * span
        hashes = get_tile(row, first // WIDTH)
        if hashes is None:
            # A subtree as high as a whole tile is the fold of the tile below it.
            below = get_tile(row - 1, index) if up == 0 and row else None
            return fold_row(_unpack(below)) if below is not None else None
        at = first % WIDTH
        return fold_row(_unpack(hashes)[at : at + span])

    return get_hash


def _unpack(hashes: bytes) -> list[bytes]:
    if len(hashes) != WIDTH * HASH_BYTES:
        raise VerificationError(
            "TREE_MALFORMED", f"expected a tile of {WIDTH} hashes, found {len(hashes)} bytes"
        )
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def fold_row(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over a row of hashes whose count is a power of two."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]
