"""How an observation is known: its raw digest is proved by seals, its event id only deduplicates.

Two spellings of one JSON value (white space, key order, escapes) have one event id and two raw digests.
"""

import hashlib
import json
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="deterministic")


def compact(value: Any) -> bytes:
    """Return `value` as JSON without white space, keys in UTF-8 byte order, numbers in shortest form."""
    try:
        return _ENCODER.encode(value)
    except OverflowError:
        # An integer beyond 64 bits: rare and legal. Code points and UTF-8 bytes sort alike.
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.encode()


def event_id(value: Any) -> bytes:
    """Return the SHA-256 of the compact encoding of a decoded JSON value."""
    return hashlib.sha256(compact(value)).digest()


def raw_digest(raw: bytes) -> bytes:
    """Return the SHA-256 of exact bytes."""
    return hashlib.sha256(raw).digest()
