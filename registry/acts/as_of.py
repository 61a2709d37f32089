"""Statuses as they were at a time gone by: decided from the leaves up to then and nothing since."""

from bisect import bisect_right
from typing import Any

import msgspec

from registry.acts.heads import newest_granting_head
from registry.acts.state import read_whole_state
from registry.acts.statuses import environments_of, status_row
from registry.registry import Registry
from schemas.errors import NotFound, Usage
from schemas.ledger import time_text


class AsOf(msgspec.Struct, frozen=True):
    """The portfolio at `time`, when the log held `size` leaves, `signed` of them under a head that grants."""

    time: str
    size: int
    signed: int
    items: tuple[dict[str, Any], ...]


def list_statuses_at(registry: Registry, time: str) -> AsOf:
    """Return one row per version and environment as the log stood at `time` (leaf times are claimed)."""
    now = time_text(registry.clock())
    if time > now:
        raise Usage(f"{time} is yet to come: it is {now}", hint="name a time gone by, or muniment status")
    ledger = registry.ledger
    size = bisect_right(range(ledger.head().size), time, key=lambda seq: ledger.leaf(seq).time)
    if size == 0:
        raise NotFound(f"the log did not exist at {time}: it begins at {ledger.leaf(0).time}")
    state = read_whole_state(registry, stop=size)
    signed = newest_granting_head(registry, state, size).size
    rows = [
        status_row(registry, state, ref, manifest, environment, time, signed)
        for ref, manifest in sorted(state.names.items(), key=lambda item: str(item[0]))
        for environment in environments_of(state, manifest) or ("",)
    ]
    return AsOf(time, size, signed, tuple(rows))
