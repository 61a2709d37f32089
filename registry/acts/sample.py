"""Drawing a sample of the log for an auditor, from the leaves that lie under a signed head."""

import msgspec

from registry.acts.heads import newest_signed_head
from registry.acts.state import read_state
from registry.acts.trail import list_trail_at
from registry.registry import Registry
from registry.rules.sampling import draw
from registry.views import AuditRow
from schemas.errors import NotFound, Unproven


class Sample(msgspec.Struct, frozen=True):
    """The rows drawn, and all that drawing them again takes."""

    seed: str
    size: int
    root: bytes
    rows: tuple[AuditRow, ...]


def draw_sample(registry: Registry, count: int, seed: str, size: int | None = None) -> Sample:
    """Draw `count` leaves of the first `size`, by default of all that are signed."""
    known = newest_signed_head(registry, read_state(registry)).size
    if not known:
        raise Unproven("the log has no signed head to draw from", hint="muniment audit checkpoint")
    if size is not None and not 0 < size <= known:
        raise NotFound(f"no {size} leaves are under a signed head, {known} are", hint=f"use --size {known}")
    size = size or known
    rows = list_trail_at(registry, draw(seed, size, count))
    return Sample(seed, size, registry.ledger.root_at(size), rows)
