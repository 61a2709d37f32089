"""Edwards25519 in plain integers (RFC 8032, section 5.1): slow, for signatures nobody should make."""

import hashlib
from functools import lru_cache
from typing import NamedTuple

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


class Point(NamedTuple):
    """A point in affine coordinates."""

    x: int
    y: int


_Extended = tuple[int, int, int, int]
"""X, Y, Z and T with x = X/Z, y = Y/Z and xy = T/Z: adding takes no division."""
IDENTITY = Point(0, 1)


def add(a: Point, b: Point) -> Point:
    """Return the sum of two points."""
    return _affine(_sum(_extended(a), _extended(b)))


def times(scalar: int, point: Point) -> Point:
    """Return a multiple of a point."""
    found, power = _extended(IDENTITY), _extended(point)
    while scalar:
        if scalar & 1:
            found = _sum(found, power)
        power, scalar = _sum(power, power), scalar >> 1
    return _affine(found)


def _extended(point: Point) -> _Extended:
    return point.x, point.y, 1, point.x * point.y % P


def _affine(point: _Extended) -> Point:
    inverse = pow(point[2], -1, P)
    return Point(point[0] * inverse % P, point[1] * inverse % P)


def _sum(one: _Extended, two: _Extended) -> _Extended:
    a, b = (one[1] - one[0]) * (two[1] - two[0]), (one[1] + one[0]) * (two[1] + two[0])
    c, d = 2 * D * one[3] * two[3], 2 * one[2] * two[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def negative(point: Point) -> Point:
    """Return the point that adds up to nothing with `point`."""
    return Point(-point.x % P, point.y)


def x_of(y: int, odd: int) -> int | None:
    """Return the x beside y whose lowest bit is `odd`; None where y is no point's."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    for root in (x, x * ROOT % P):
        if root * root % P == square:
            return root if root & 1 == odd else -root % P
    return None


def encode(point: Point) -> bytes:
    """Return the 32 bytes of a point, in their one spelling."""
    return (point.y | (point.x & 1) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Point | None:
    """Return the point spelled by 32 bytes; None for no point, or another than its one spelling."""
    number = int.from_bytes(data, "little")
    y, odd = number & (1 << 255) - 1, number >> 255
    x = x_of(y, odd) if y < P else None
    found = None if x is None else Point(x, y)
    return found if found is not None and encode(found) == data else None


BASE_Y = 4 * pow(5, -1, P) % P
BASE = Point(x_of(BASE_Y, 0) or 0, BASE_Y)


def torsion() -> list[Point]:
    """Return the eight points whose order divides eight."""
    y = 2
    while True:
        x = x_of(y, 0)
        point = IDENTITY if x is None else times(L, Point(x, y))
        if times(4, point) != IDENTITY:
            return [times(n, point) for n in range(8)]
        y += 1


def secret(seed: bytes) -> tuple[int, bytes]:
    """Return the scalar and the prefix of a private key."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (1 << 254) - 8 | 1 << 254
    return scalar, digest[32:]


def challenge(r: bytes, a: bytes, message: bytes) -> int:
    """Return the k of a signature."""
    return int.from_bytes(hashlib.sha512(r + a + message).digest(), "little") % L


def signed(r: bytes, s: int) -> bytes:
    """Return a signature of its two halves."""
    return r + s.to_bytes(32, "little")


@lru_cache(maxsize=1024)
def holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say what a strict verifier says: one spelling, no low order, a reduced scalar, no cofactor."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    a, point = decode(public), decode(r)
    if len(signature) != 64 or s >= L or a is None or point is None:
        return False
    if IDENTITY in (times(8, a), times(8, point)):
        return False
    return times(s, BASE) == add(point, times(challenge(r, public, message), a))
