"""The exceptions a registry made: break-glasses and overridden rejections, named in every bundle with one."""

from collections.abc import Callable
from typing import Any

from registry.bundle.findings import Findings
from registry.rules.status import Glass, Status, status
from registry.trust.reviews import Overridden
from registry.trust.state import State
from schemas.digest import Digest

CHECK = "exceptions"


def note_exceptions(state: State, findings: Findings) -> None:
    """Name every break-glass and every overridden rejection that the log's records tell of."""
    for manifest, environment in sorted(state.reviews):
        found = status(state, manifest, environment, state.time)
        where = f"{found.ref} for {environment}"
        for glass in found.break_glass:
            findings.note(CHECK, "BREAK_GLASS", f"{where}: {_glass_words(glass)}")
        for overridden in found.overridden:
            findings.note(CHECK, "REJECTION_OVERRIDDEN", f"{where}: {_override_words(overridden)}")


def exceptions_of(found: Status, text_of: Callable[[Digest], str]) -> list[dict[str, Any]]:
    """Return the exceptions made for one version in one environment, each with the reason given."""
    glasses = [
        {
            "kind": "break-glass",
            "leaf": glass.event.by.seq,
            "loggedAt": glass.event.by.time,
            "reason": text_of(glass.event.reason),
            "said": _glass_words(glass),
            "state": glass.word,
        }
        for glass in found.break_glass
    ]
    overrides = [
        {
            "kind": "override",
            "leaf": o.override.by.seq,
            "loggedAt": o.override.by.time,
            "reason": text_of(o.override.reason),
            "said": _override_words(o),
            "state": "stands",
        }
        for o in found.overridden
    ]
    return sorted((*glasses, *overrides), key=lambda row: row["leaf"])


def _glass_words(glass: Glass) -> str:
    event = glass.event
    return (
        f"BREAK GLASS until {event.expires_at} by {event.person} as {event.role} "
        f"(leaf {event.by.seq}): {glass.word}"
    )


def _override_words(overridden: Overridden) -> str:
    rejection, override = overridden.rejection, overridden.override
    return (
        f"the rejection by {rejection.person} as {rejection.role} (leaf {rejection.by.seq}) "
        f"was overridden by the root threshold (leaf {override.by.seq})"
    )
