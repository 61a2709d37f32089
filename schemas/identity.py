"""How an observation is known: its raw digest is proved by seals, its event id only deduplicates.

Two spellings of one JSON value (white space, key order, escapes) have one event id and two raw digests.
"""

import hashlib
import json
import zlib
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")
_decode = msgspec.json.Decoder().decode


def compact(value: Any) -> bytes:
    """Return `value` as JSON without white space, keys in UTF-8 byte order, numbers in shortest form."""
    try:
        return _ENCODER.encode(value)
    except OverflowError:
        # An integer beyond 64 bits: rare and legal. Code points and UTF-8 bytes sort alike.
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()


def event_id(raw: bytes) -> bytes:
    """Return the event id of the JSON value in `raw`, its raw digest where no value can be made of it.

    That is so where a name stands twice in an object and the value that counts for nothing is out of range.
    """
    try:
        return value_id(_decode(raw))
    except (msgspec.DecodeError, RecursionError):
        return raw_digest(raw)


def value_id(value: Any) -> bytes:
    """Return the event id of a decoded value: the SHA-256 of its compact encoding (RECORDS section 3)."""
    return hashlib.sha256(compact(value)).digest()


def raw_digest(raw: bytes) -> bytes:
    """Return the SHA-256 of exact bytes."""
    return hashlib.sha256(raw).digest()


def event_likeness(kind: object, time: str, namespace: str, name: str) -> int:
    """Return 32 bits of an event's type and time as it spells them, and of the job or dataset it is about."""
    if kind is not None and not isinstance(kind, str):
        kind = "odd"  # an object may spell its keys in any order
    return zlib.crc32(f"{kind}\n{time}\n{namespace}\n{name}".encode())


def value_likeness(compacted: bytes) -> int:
    """Return 32 bits of a compact value that tells no time of its own."""
    return zlib.crc32(compacted)
