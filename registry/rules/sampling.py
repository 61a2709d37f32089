"""A sample that anybody can draw again: leaves in the order of SHA-256(seed, 0x00, place in decimal)."""

import hashlib
import heapq


def draw(seed: str, size: int, count: int) -> tuple[int, ...]:
    """Return `count` of the places 0 to `size`-1 (all when there are fewer), in the order they were drawn."""
    prefix = hashlib.sha256(seed.encode() + b"\x00")

    def rank(place: int) -> bytes:
        hasher = prefix.copy()
        hasher.update(str(place).encode())
        return hasher.digest()

    return tuple(heapq.nsmallest(count, range(size), key=rank))
