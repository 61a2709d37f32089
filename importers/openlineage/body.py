"""The body of one posted request: read whole, decompressed within a bound."""

import zlib
from collections.abc import AsyncIterator, Callable

import msgspec

KEPT = 64 << 10
"""Bytes of a body over the limit that are kept to look at."""

_MEMBERS = 64
_DRAINED = 8
_JSON = frozenset(
    (
        "",
        "application/json",
        "text/json",
        "text/plain",
        "application/octet-stream",
        # What curl sends with -d when nobody says otherwise.
        "application/x-www-form-urlencoded",
    )
)


class Body(msgspec.Struct, frozen=True):
    """The bytes, and the status and reason when they cannot be read as JSON at all."""

    raw: bytes
    status: int | None = None
    reason: str | None = None


async def read_body(
    chunks: AsyncIterator[bytes],
    headers: tuple[str, str],
    limit: int,
    reserve: Callable[[int], None],
) -> Body:
    """Return the body of a request with the Content-Type and Content-Encoding of `headers`.

    `reserve` is told of every byte held before it is held, and raises when there is no room.
    """
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size <= limit:
            reserve(len(chunk))
            parts.append(chunk)
        elif size > _DRAINED * limit:
            # Up to here it is read and dropped: a sender that is cut off would only see a broken line.
            break
    wire = b"".join(parts)
    if size > limit:
        return Body(wire[:KEPT], 413, f"larger than {limit} bytes")
    kind, coding = _plain(headers[0]), headers[1].strip().lower()
    if kind not in _JSON and not kind.endswith("+json"):
        return Body(wire, 415, f"Content-Type: expected application/json, found {kind[:60]}")
    if coding in ("", "identity"):
        return Body(wire)
    if coding not in ("gzip", "x-gzip"):
        return Body(wire, 415, f"Content-Encoding: expected gzip or none, found {coding[:60]}")
    return _unpacked(wire, limit, reserve)


def _unpacked(wire: bytes, limit: int, reserve: Callable[[int], None]) -> Body:
    parts: list[bytes] = []
    room, rest = limit, wire
    for _ in range(_MEMBERS):
        # 31: a gzip frame, nothing else.
        member = zlib.decompressobj(wbits=31)
        try:
            part = member.decompress(rest, room + 1)
        except zlib.error as error:
            return Body(wire, 400, f"damaged gzip: {error}")
        reserve(len(part))
        parts.append(part)
        room -= len(part)
        if room < 0:
            return Body(b"".join(parts)[:KEPT], 413, f"larger than {limit} bytes when decompressed")
        if not member.eof:
            return Body(wire, 400, "damaged gzip: it ends in the middle")
        rest = member.unused_data
        if not rest:
            return Body(b"".join(parts))
    return Body(wire, 400, f"damaged gzip: more than {_MEMBERS} members")


def _plain(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
