"""Canonical JSON: one value has one spelling, and any other spelling is refused.

The rules are RFC 8785 (JCS) narrowed to what we sign: ASCII keys, no floats, integers within
plus or minus 2^53 - 1, no lone surrogates, no duplicate keys, depth at most 32, at most 1 MiB.
"""

import json
from typing import Any

import msgspec

from schemas.errors import VerificationError

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_INTEGER = (1 << 53) - 1
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="sorted").encode
_REFUSED = object()


def canonical(value: Any, *, limit: int = MAX_BYTES) -> bytes:
    """Return the one spelling of `value`; raise VerificationError for what has none.

    A larger `limit` is for what is derived and compared, never signed.
    """
    _check(value, 0)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise VerificationError("JSON_NOT_CANONICAL", "a string holds a lone surrogate") from error
    if len(data) > limit:
        raise VerificationError("TOO_LARGE", f"{len(data)} bytes of JSON, at most {limit} are written")
    return data


def parse_canonical(data: bytes, *, limit: int = MAX_BYTES) -> Any:
    """Return the value whose one spelling is `data`; raise VerificationError for any other bytes."""
    if len(data) > limit:
        raise VerificationError("TOO_LARGE", f"{len(data)} bytes of JSON, at most {limit} are read")
    value = _parse_quickly(data)
    return _parse_slowly(data, limit) if value is _REFUSED else value


def _parse_quickly(data: bytes) -> Any:
    """Return the value of canonical bytes, or `_REFUSED` where `_parse_slowly` must look.

    msgspec decodes and spells out again in a quarter of json's time, and nearly all that is read is
    canonical. What it spells is byte for byte what `canonical` spells (a test compares them); it refuses
    more than it should rather than less, because it cannot name a fault.
    """
    try:
        value = _decode(data)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _REFUSED
    return value if is_plain(value, MAX_DEPTH) and _encode(value) == data else _REFUSED


def is_plain(value: Any, room: int) -> bool:
    """Say whether a decoded value holds nothing that canonical JSON lacks, in at most `room` levels."""
    kind = type(value)
    if kind is dict:
        if not "".join(value).isascii():
            return False
        items = value.values()
    elif kind is list:
        items = value
    else:
        return kind is not float and (kind is not int or -MAX_INTEGER <= value <= MAX_INTEGER)
    if room == 0:
        return False
    for item in items:  # noqa: SIM110 - a loop, and no call for strings: half of all reading goes here
        if type(item) is not str and not is_plain(item, room - 1):
            return False
    return True


def _parse_slowly(data: bytes, limit: int) -> Any:
    _refuse_depth(data)
    try:
        text = data.decode()
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_no_float,
            parse_int=_integer,
            parse_constant=_no_float,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise VerificationError("JSON_MALFORMED", "the bytes are not one JSON value") from error
    if canonical(value, limit=max(limit, MAX_BYTES)) != data:
        raise VerificationError("JSON_NOT_CANONICAL", "the bytes are JSON but not in canonical form")
    return value


def _refuse_depth(data: bytes) -> None:
    # Brackets inside strings only make this stricter for text that is nearly all brackets.
    depth = deepest = 0
    inside = escaped = False
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    for byte in data:
        if inside:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                inside = False
        elif byte == 0x22:
            inside = True
        elif byte in (0x5B, 0x7B):
            depth += 1
            deepest = max(deepest, depth)
        elif byte in (0x5D, 0x7D):
            depth -= 1
        if deepest > MAX_DEPTH:
            raise VerificationError("JSON_MALFORMED", f"nested deeper than {MAX_DEPTH}")


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise VerificationError("JSON_MALFORMED", f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise VerificationError("JSON_NOT_CANONICAL", "an integer is beyond 2^53 - 1")
    elif isinstance(value, float):
        raise VerificationError("JSON_FLOAT", "signed JSON holds no floats; write a decimal string")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise VerificationError("JSON_NOT_CANONICAL", "an object key is not an ASCII string")
            _check(item, depth + 1)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item, depth + 1)
    else:
        raise TypeError(f"expected a JSON value, found {type(value).__name__}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise VerificationError("JSON_DUPLICATE_KEY", "an object has the same key twice")
    return value


def _no_float(text: str) -> Any:
    raise VerificationError("JSON_FLOAT", f"signed JSON holds no floats, found {text[:40]}")


def _integer(text: str) -> int:
    if len(text) > 17:
        raise VerificationError("JSON_NOT_CANONICAL", "an integer is beyond 2^53 - 1")
    return int(text)
