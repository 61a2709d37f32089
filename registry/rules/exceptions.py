"""The exceptions made for a version in an environment, in words: break-glasses and overridden rejections."""

import msgspec

from registry.rules.answers import Glass, Status
from registry.trust.reviews import Overridden
from schemas.digest import Digest


class Exceptional(msgspec.Struct, frozen=True):
    """One exception: `kind` is break-glass or override, `word` what became of it, `until` when it ends."""

    kind: str
    leaf: int
    time: str
    said: str
    word: str
    reason: Digest
    person: str
    role: str = ""
    until: str = ""


def list_exceptions(found: Status) -> tuple[Exceptional, ...]:
    """Return every exception that was made, in log order."""
    made = (*map(_of_glass, found.break_glass), *map(_of_override, found.overridden))
    return tuple(sorted(made, key=lambda row: row.leaf))


def _of_glass(glass: Glass) -> Exceptional:
    event = glass.event
    return Exceptional(
        kind="break-glass",
        leaf=event.by.seq,
        time=event.by.time,
        said=f"BREAK GLASS {glass.said}",
        word=glass.word,
        reason=event.reason,
        person=event.person,
        role=event.role,
        until=event.expires_at,
    )


def _of_override(overridden: Overridden) -> Exceptional:
    rejection, override = overridden.rejection, overridden.override
    return Exceptional(
        kind="override",
        leaf=override.by.seq,
        time=override.by.time,
        said=(
            f"the rejection by {rejection.person} as {rejection.role} (leaf {rejection.by.seq}) "
            f"was overridden by the root threshold (leaf {override.by.seq})"
        ),
        word="stands",
        reason=override.reason,
        person=override.by.person or "",
    )
