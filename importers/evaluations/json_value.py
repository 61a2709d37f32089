"""JSON that a tool wrote, read with suspicion: one meaning a document, bounded depth, no half characters."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from schemas.errors import Malformed

MAX_DEPTH = 100
AGAIN = "export the file again"


def parse_json(name: str, data: bytes) -> Any:
    """Return the value `data` spells, with NaN and Infinity as Python writes them; or raise Malformed."""
    try:
        value = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{name}: not JSON: {error}", hint=AGAIN) from error
    _refuse_depth(name, value)
    if not is_whole(value):
        raise Malformed(f"{name}: not JSON text: half a character is in it", hint=AGAIN)
    return value


def is_whole(value: Any) -> bool:
    """Tell whether every text in `value` can be written: half a surrogate pair cannot."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


@contextmanager
def shape_of(name: str, tool: str) -> Iterator[None]:
    """Say in words that `name` is not of the tool's shape, where reading it trips over a member."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise Malformed(f"{name}: not {tool}: a member has another shape", hint=AGAIN) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            # Another reader would take the other one.
            raise ValueError(f"{key[:80]!r} stands twice in one object")
        found[key] = value
    return found


def _refuse_depth(name: str, value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for above in level
            if isinstance(above, dict | list)
            for item in (above.values() if isinstance(above, dict) else above)
            if isinstance(item, dict | list)
        ]
        if not level:
            return
    raise Malformed(f"{name}: nested deeper than {MAX_DEPTH} levels", hint=AGAIN)
