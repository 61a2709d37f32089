"""One range of the log re-hashed and checked, apart from all others: what several processes share.

Ranges begin at borders of tiles, so that a range gives whole tiles and the hashes over them, which a
tree takes up without looking at a leaf again.
"""

import sqlite3
from collections.abc import Sequence

import msgspec

from registry.acts.audit_tiles import find_tile_problems
from registry.store.ledger import Ledger
from registry.store.whole_log import WholeLog
from registry.trust.merkle import HASH_BYTES, Frontier, leaf_hashes
from registry.trust.tiles import WIDTH, tile_tops
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import RECORD_TYPES, Leaf, parse_leaf


class Range(msgspec.Struct, frozen=True):
    """Places of the log, the first at the border of a tile, and the sizes of the signed heads behind them."""

    start: int
    stop: int
    heads: tuple[int, ...] = ()


class Rehashed(msgspec.Struct, frozen=True, tag="rehashed"):
    """What the leaves of a range give, up to the first that is missing, and what is wrong with them.

    `tops` are the hashes over its full tiles, joined; `tail` the edge of the tree over the leaves behind
    them, and `edges` the same below each signed head.
    """

    start: int
    tops: bytes
    tail: bytes
    edges: dict[int, bytes]
    tiles: tuple[str, ...]
    problems: tuple[str, ...] = ()
    bodies: int = 0
    absent: int = 0


class RangeAudit:
    """Re-hashes ranges of one log and compares their tiles; looks into each leaf unless told not to."""

    def __init__(self, connection: sqlite3.Connection, *, leaves: bool = True) -> None:
        self.ledger = Ledger(connection)
        self.log = WholeLog(connection)
        self._leaves = leaves

    def audit(self, wanted: Range) -> Rehashed:
        """Return what the leaves of `wanted` give."""
        hashes, leaves = self._read(wanted)
        tops, tiles = self._audit_tiles(wanted.start // WIDTH, hashes)
        heads = [size for size in wanted.heads if size - wanted.start <= len(hashes)]
        edges = {size: _edge(hashes, size - wanted.start) for size in heads}
        tail = _edge(hashes, len(hashes))
        found = Rehashed(wanted.start, b"".join(tops), tail, edges, tuple(tiles))
        return self._check_leaves(found, leaves) if self._leaves else found

    def _read(self, wanted: Range) -> tuple[list[bytes], list[tuple[int, bytes]]]:
        """Return the hashes of the leaves in a row, and every leaf with its place when leaves are checked."""
        datas = self.log.datas(wanted.start, wanted.stop)
        places: Sequence[int] = range(wanted.start, wanted.stop)
        in_a_row = len(datas)
        if in_a_row != len(places):
            places = self.log.places(wanted.start, wanted.stop)
            in_a_row = next((at for at, place in enumerate(places) if place != wanted.start + at), in_a_row)
        hashes = leaf_hashes(datas[:in_a_row])
        return hashes, list(zip(places, datas, strict=True)) if self._leaves else []

    def _audit_tiles(self, first: int, hashes: list[bytes]) -> tuple[list[bytes], list[str]]:
        tops = tile_tops(hashes)
        stop = first + len(tops)
        tiles, stored_tops = self.log.tiles(first, stop), self.log.tops(first, stop)
        joined, wide = b"".join(hashes), WIDTH * HASH_BYTES
        problems: list[str] = []
        for at, top in enumerate(tops):
            hashed, position = joined[at * wide : (at + 1) * wide], first + at
            stored = tiles.get(position), stored_tops.get(position)
            problems += find_tile_problems(0, position, (hashed, top), stored)
        return tops, problems

    def _check_leaves(self, found: Rehashed, leaves: list[tuple[int, bytes]]) -> Rehashed:
        problems: list[str] = []
        bodies = absent = 0
        for seq, data in leaves:
            try:
                leaf = parse_leaf(data)
            except VerificationError as error:
                problems.append(f"leaf {seq}: {error.message}")
                continue
            problems += self._find_leaf_problems(seq, leaf)
            body = self.ledger.stored_body(leaf.body)
            if body is None:
                absent += 1
                if self.ledger.erasures.find(leaf.body) is None:
                    said = "the record is gone, and none says it was erased"
                    problems.append(f"leaf {seq}: BODY_MISSING: {said}")
            elif Digest.of(body) == leaf.body:
                bodies += 1
            else:
                said = "the stored record is not the one that was logged"
                problems.append(f"leaf {seq}: BODY_DIGEST: {said}")
        return msgspec.structs.replace(found, problems=tuple(problems), bodies=bodies, absent=absent)

    def _find_leaf_problems(self, seq: int, leaf: Leaf) -> list[str]:
        problems = []
        if leaf.seq != seq:
            problems.append(f"leaf {seq}: LEAF_SEQ: it says it is {leaf.seq}")
        if self.ledger.indexed_subjects(seq) != _index_of(leaf):
            said = "the index of subjects is not what the leaf says"
            problems.append(f"leaf {seq}: INDEX_MISMATCH: {said}")
        return problems


def _index_of(leaf: Leaf) -> frozenset[str]:
    return frozenset(leaf.subjects) if RECORD_TYPES[leaf.type].decides else frozenset()


def _edge(hashes: list[bytes], size: int) -> bytes:
    """Return the edge of the tree over the leaves behind the last full tile below `size`."""
    frontier = Frontier()
    frontier.extend(hashes[size // WIDTH * WIDTH : size])
    return frontier.to_bytes()
