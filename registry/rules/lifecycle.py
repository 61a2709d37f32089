"""The states of a version and the one table of how it moves between them (RECORDS section 1)."""

from collections.abc import Iterable
from enum import StrEnum


class VersionState(StrEnum):
    """Where a version stands, over all environments."""

    DRAFT = "draft"
    IN_REVIEW = "in-review"
    REJECTED = "rejected"
    APPROVED = "approved"
    RETIRED = "retired"


class Event(StrEnum):
    """What moves a version; `LOST`: a quorum no longer stands, `LIFTED`: the last rejection ended."""

    REQUESTED = "requested"
    GRANTED = "granted"
    LOST = "lost"
    REJECTED = "rejected"
    LIFTED = "lifted"
    RETIRED = "retired"


_S, _E = VersionState, Event

TRANSITIONS: dict[tuple[VersionState, Event], VersionState] = {
    (_S.DRAFT, _E.REQUESTED): _S.IN_REVIEW,
    (_S.DRAFT, _E.RETIRED): _S.RETIRED,
    (_S.IN_REVIEW, _E.REQUESTED): _S.IN_REVIEW,
    (_S.IN_REVIEW, _E.GRANTED): _S.APPROVED,
    (_S.IN_REVIEW, _E.REJECTED): _S.REJECTED,
    (_S.IN_REVIEW, _E.RETIRED): _S.RETIRED,
    (_S.REJECTED, _E.REQUESTED): _S.IN_REVIEW,
    (_S.REJECTED, _E.LIFTED): _S.IN_REVIEW,
    (_S.REJECTED, _E.RETIRED): _S.RETIRED,
    (_S.APPROVED, _E.REQUESTED): _S.APPROVED,
    (_S.APPROVED, _E.LOST): _S.IN_REVIEW,
    (_S.APPROVED, _E.RETIRED): _S.RETIRED,
}
"""Every move there is; an event that is not listed for a state leaves the version where it stands."""

_ORDER = (_S.RETIRED, _S.APPROVED, _S.IN_REVIEW, _S.REJECTED, _S.DRAFT)


def advance(state: VersionState, event: Event) -> VersionState:
    """Return the state after `event`."""
    return TRANSITIONS.get((state, event), state)


def combine(states: Iterable[VersionState]) -> VersionState:
    """Return the state of a version from its state in each environment: the furthest it got."""
    found = set(states)
    return next((state for state in _ORDER if state in found), VersionState.DRAFT)
