"""Random edits inside the files of a bundle: bits, bytes, lines, JSON members, pieces of another bundle."""

import json
import random
from collections.abc import Callable
from typing import Any

from registry.bundle import contents as at
from schemas.canonical import canonical
from schemas.errors import VerificationError

Files = dict[str, bytes]
Place = tuple[Any, Any]
DERIVED = (at.REPORT, at.RECORD)


def edit_files(payload: Files, other: Files, source: random.Random) -> str:
    """Change one file of a bundle in place, perhaps with a piece of the bundle `other`; say what was done."""
    name = source.choice(sorted(set(payload) - set(DERIVED)))
    kind = source.choice(sorted(_EDITS))
    edited = _EDITS[kind](payload[name], other.get(name, b""), source)
    if edited is None:
        del payload[name]
    else:
        payload[name] = edited
    return f"{kind} in {name}"


def _bit(data: bytes, _: bytes, source: random.Random) -> bytes:
    at_byte = source.randrange(len(data) or 1)
    flipped = bytes([data[at_byte] ^ 1 << source.randrange(8)]) if data else b"x"
    return data[:at_byte] + flipped + data[at_byte + 1 :]


def _insert(data: bytes, _: bytes, source: random.Random) -> bytes:
    at_byte = source.randrange(len(data) + 1)
    return data[:at_byte] + bytes([source.randrange(256)]) + data[at_byte:]


def _delete(data: bytes, _: bytes, source: random.Random) -> bytes:
    at_byte = source.randrange(len(data) or 1)
    return data[:at_byte] + data[at_byte + source.choice((1, 1, 1, 8)) :]


def _swap(data: bytes, _: bytes, source: random.Random) -> bytes:
    changed = bytearray(data)
    if changed:
        one, two = source.randrange(len(data)), source.randrange(len(data))
        changed[one], changed[two] = changed[two], changed[one]
    return bytes(changed)


def _lines(data: bytes, other: bytes, source: random.Random) -> bytes:
    """Swap, repeat or drop a line, or take one from the other bundle."""
    rows = data.split(b"\n")
    one, two = source.randrange(len(rows)), source.randrange(len(rows))
    match source.randrange(4):
        case 0:
            rows[one], rows[two] = rows[two], rows[one]
        case 1:
            rows.insert(one, rows[two])
        case 2:
            del rows[one]
        case _:
            rows[one] = source.choice(other.split(b"\n"))
    return b"\n".join(rows)


def _members(data: bytes, _: bytes, source: random.Random) -> bytes:
    """Change members of one JSON value, and spell it canonically again."""
    rows = data.split(b"\n")
    readable = [i for i, row in enumerate(rows) if row.startswith((b"{", b"["))]
    if not readable:
        return _bit(data, _, source)
    chosen = source.choice(readable)
    try:
        value = json.loads(rows[chosen])
        _change(value, source)
        rows[chosen] = canonical(value)
    except (ValueError, VerificationError):
        return _bit(data, _, source)
    return b"\n".join(rows)


def _splice(data: bytes, other: bytes, source: random.Random) -> bytes:
    """Take a run of bytes, or the whole file, from the other bundle."""
    if not other or source.randrange(4) == 0:
        return other or data
    size = source.randrange(1, 65)
    there, here = source.randrange(len(other)), source.randrange(len(data) or 1)
    return data[:here] + other[there : there + size] + data[here + size :]


def _remove(_: bytes, __: bytes, ___: random.Random) -> None:
    return None


_EDITS: dict[str, Callable[[bytes, bytes, random.Random], bytes | None]] = {
    "a bit": _bit,
    "a byte deleted": _delete,
    "a byte inserted": _insert,
    "two bytes swapped": _swap,
    "lines": _lines,
    "members": _members,
    "members again": _members,
    "a splice": _splice,
    "the file removed": _remove,
}


def _change(value: Any, source: random.Random) -> None:
    places = list(_places(value))
    if not places:
        return
    inside, step = source.choice(places)
    match source.randrange(5):
        case 0:
            del inside[step]
        case 1:
            inside[step] = source.choice(_ODD)
        case 2 if isinstance(inside[step], int):
            inside[step] += source.choice((-1, 1))
        case 3 if isinstance(inside, dict):
            inside["zeal"] = inside[step]
        case _:
            other, there = source.choice(places)
            inside[step], other[there] = other[there], inside[step]


def _places(value: Any) -> list[Place]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, item in inside for place in ((value, step), *_places(item))]


_ODD: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 2**53 - 1, "", "x", [], {}, "approve", "valid", "none", "production", "*"),
    *("sha256:" + "0" * 64, "2026-11-23T10:00:00Z", "omitted", "withheld", "redacted", "extract", "complete"),
)
