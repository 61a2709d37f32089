"""The RFC 6962 tree over leaf hashes: roots, inclusion and consistency proofs. SHA-256 only.

`get_hash(level, index)` in this file returns the hash of the complete subtree over the leaves
`index * 2**level` up to `(index + 1) * 2**level`.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Self

from schemas.errors import VerificationError

HASH_BYTES = 32
MAX_PROOF = 64
EMPTY_ROOT = hashlib.sha256(b"").digest()
GetHash = Callable[[int, int], bytes]
_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf, `H(00 || data)`."""
    return hashlib.sha256(b"\x00" + data).digest()


def leaf_hashes(datas: Iterable[bytes]) -> list[bytes]:
    """Return the hash of each leaf."""
    # leaf_hash spelled out, as in join_pairs.
    return [_sha256(b"\x00" + data).digest() for data in datas]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node, `H(01 || left || right)`."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def join_pairs(row: Sequence[bytes]) -> list[bytes]:
    """Return the hashes over each two neighbours; an odd last one has no part in it."""
    # node_hash spelled out, for the call would be a fifth of the time over millions of leaves; two by two
    # from one iterator, since picking by index costs more than it looks. Slices of the row joined, views of
    # it and map() over operators were measured and are slower: what remains is two joins and the hash.
    nodes = iter(row)
    return [_sha256(b"\x01" + left + right).digest() for left, right in zip(nodes, nodes, strict=False)]


def fold_row(row: Sequence[bytes]) -> bytes:
    """Return the hash over a full row, whose length is a power of two."""
    while len(row) > 1:
        row = join_pairs(row)
    return row[0]


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over `leaf_hashes`; over none it is SHA-256 of nothing."""
    frontier = Frontier()
    frontier.extend(leaf_hashes)
    return frontier.root()


class Frontier:
    """The right edge of a growing tree: the complete subtrees that tile it, largest first."""

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._peaks: list[bytes] = []

    @property
    def size(self) -> int:
        """How many leaves were appended."""
        return self._size

    def append(self, hash_of_leaf: bytes) -> None:
        """Add one leaf by its hash."""
        _check_hash(hash_of_leaf)
        size, peaks, node = self._size, self._peaks, hash_of_leaf
        while size & 1:
            node = node_hash(peaks.pop(), node)
            size >>= 1
        peaks.append(node)
        self._size += 1

    def extend(self, hashes: Iterable[bytes], level: int = 0) -> None:
        """Add complete subtrees of `2**level` leaves by their hashes, in order: single leaves at level 0.

        There must be no smaller subtree to their left.
        """
        row, below = list(hashes), self._size & ((1 << level) - 1)
        if below:
            raise ValueError(f"expected a multiple of {1 << level} leaves, found {self._size}")
        _check_hash(*row)
        left, self._size = self._size >> level, self._size + (len(row) << level)
        smallest_first: list[bytes] = []
        while row or left:
            # Level by level: an odd subtree at the left end joins in, an odd one at the right end stays.
            if left & 1:
                row.insert(0, self._peaks.pop())
            if len(row) & 1:
                smallest_first.append(row.pop())
            row, left = join_pairs(row), left >> 1
        self._peaks += reversed(smallest_first)

    def joined(self, right: "Frontier") -> "Frontier":
        """Return the edge of this tree continued by a smaller one that lies whole behind its last peak."""
        if self.size & ((1 << right.size.bit_length()) - 1):
            raise ValueError(f"{right.size} leaves are no tree of their own behind {self.size}")
        size = (self.size + right.size).to_bytes(8, "big")
        return Frontier.from_bytes(size + self.to_bytes()[8:] + right.to_bytes()[8:])

    def root(self) -> bytes:
        """Return the root over everything appended so far."""
        if not self._peaks:
            return EMPTY_ROOT
        node = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            node = node_hash(peak, node)
        return node

    def copy(self) -> "Frontier":
        """Return an independent frontier of the same tree."""
        return Frontier.from_bytes(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the size as eight bytes, big-endian, and the peaks."""
        return self._size.to_bytes(8, "big") + b"".join(self._peaks)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the frontier spelled by `to_bytes`; raise VerificationError for anything else."""
        size = int.from_bytes(data[:8], "big")
        if len(data) != 8 + HASH_BYTES * size.bit_count():
            raise VerificationError(
                "TREE_MALFORMED", f"{len(data)} bytes cannot be the edge of {size} leaves"
            )
        made = cls()
        made._size = size
        made._peaks = [data[at : at + HASH_BYTES] for at in range(8, len(data), HASH_BYTES)]
        return made


def hash_reader(leaf_hashes: Sequence[bytes]) -> GetHash:
    """Return a `get_hash` over leaf hashes held in memory, which remembers what it computed."""
    levels: list[Sequence[bytes]] = [leaf_hashes]

    def get_hash(level: int, index: int) -> bytes:
        while len(levels) <= level:
            levels.append(join_pairs(levels[-1]))
        return levels[level][index]

    return get_hash


def range_hash(start: int, end: int, get_hash: GetHash) -> bytes:
    """Return the RFC 6962 hash of the leaves `start` to `end`, where `start` begins a subtree of the tree."""
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(get_hash(level, start >> level))
        start += 1 << level
    if not parts:
        return EMPTY_ROOT
    node = parts.pop()
    while parts:
        node = node_hash(parts.pop(), node)
    return node


def inclusion_proof(size: int, index: int, get_hash: GetHash) -> tuple[bytes, ...]:
    """Return the path from leaf `index` to the root over `size` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"expected an index below {size}, found {index}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_hash(middle, end, get_hash))
            end = middle
        else:
            path.append(range_hash(start, middle, get_hash))
            start = middle
    return tuple(reversed(path))


def verify_inclusion(
    hash_of_leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes
) -> None:
    """Return when `proof` leads from the leaf to the root; raise INCLUSION_INVALID otherwise."""
    if not 0 <= index < size or len(proof) > MAX_PROOF:
        raise VerificationError("INCLUSION_INVALID", f"index {index} is not in a tree of {size} leaves")
    _check_hash(hash_of_leaf, *proof, expected_root)
    node, last, at = hash_of_leaf, size - 1, index  # RFC 9162 section 2.1.3.2
    for step in proof:
        if last == 0:
            raise VerificationError("INCLUSION_INVALID", "the path is too long")
        if at & 1 or at == last:
            node = node_hash(step, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, step)
        at, last = at >> 1, last >> 1
    if last != 0 or node != expected_root:
        raise VerificationError("INCLUSION_INVALID", f"leaf {index} is not under this root of {size} leaves")


def consistency_proof(old: int, new: int, get_hash: GetHash) -> tuple[bytes, ...]:
    """Return the proof that the tree of `new` leaves begins with the tree of `old`."""
    if not 0 < old <= new:
        raise ValueError(f"expected 0 < old <= new, found {old} and {new}")
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_hash(middle, end, get_hash))
            end = middle
        else:
            path.append(range_hash(start, middle, get_hash))
            start, whole = middle, False
    if not whole:
        path.append(range_hash(start, end, get_hash))
    return tuple(reversed(path))


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Return when the tree of `new` leaves continues the one of `old`; raise CONSISTENCY_INVALID otherwise.

    Size 0 is refused: every tree continues the empty one, so a proof of it would prove nothing.
    """
    if not 0 < old <= new or len(proof) > MAX_PROOF:
        raise VerificationError("CONSISTENCY_INVALID", f"expected 0 < old <= new, found {old} and {new}")
    _check_hash(*proof, old_root, new_root)
    if old == new:
        if proof or old_root != new_root:
            raise VerificationError("CONSISTENCY_INVALID", f"two roots of {old} leaves differ")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]  # RFC 9162 section 2.1.4.2
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    if not path:
        raise VerificationError("CONSISTENCY_INVALID", "the path is empty")
    first = second = path[0]
    for step in path[1:]:
        if last == 0:
            raise VerificationError("CONSISTENCY_INVALID", "the path is too long")
        if at & 1 or at == last:
            first, second = node_hash(step, first), node_hash(step, second)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, step)
        at, last = at >> 1, last >> 1
    if last != 0 or first != old_root or second != new_root:
        raise VerificationError("CONSISTENCY_INVALID", f"{new} leaves do not continue these {old}")


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _check_hash(*hashes: bytes) -> None:
    for wrong in set(map(len, hashes)) - {HASH_BYTES}:
        raise VerificationError("TREE_MALFORMED", f"expected {HASH_BYTES} bytes of hash, found {wrong}")
