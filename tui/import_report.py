"""What every import prints alike: what was quarantined, what was read with a doubt, what it cannot see."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_SHOWN = 20
NOTHING_KEPT = "a dry run: nothing was taken in, sealed or signed"


def rows(problems: Iterable[Any]) -> list[dict[str, Any]]:
    """Return problems or warnings for JSON; `count` says how often where that was more than once."""
    return [
        {"position": p.position, "reason": p.reason, **({"count": p.count} if p.count > 1 else {})}
        for p in problems
    ]


def lines(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield the first of the problems and warnings in `value`, then the blind spots."""
    for kind in ("problems", "warnings"):
        listed = value[kind]
        for row in listed[:_SHOWN]:
            often = f" ({row['count']} times)" if "count" in row else ""
            yield f"{kind[:-1]}: {row['position']}: {row['reason']}{often}"
        if len(listed) > _SHOWN:
            where = "muniment quarantine list" if kind == "problems" else "all with --json"
            count = max(len(listed), value.get("quarantined", 0)) if kind == "problems" else len(listed)
            yield f"{kind}: {count - _SHOWN} more: {where}"
    yield "What this import cannot see:"
    yield from (f"  {spot}" for spot in value["blind_spots"])
