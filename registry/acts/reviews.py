"""Finding the open request and a person's own decision in the fold."""

from registry.trust.reviews import Asked, review
from registry.trust.state import Decision, Request, State
from schemas.digest import Digest


def find_open_request(state: State, manifest: Digest, environment: str) -> Request | None:
    """Return the request that decisions still count for."""
    return next((a.request for a in review(state, manifest, environment).asked if a.open), None)


def find_asked(state: State, manifest: Digest, environment: str) -> tuple[Asked, ...]:
    """Return every request that was not void, oldest first."""
    return tuple(a for a in review(state, manifest, environment).asked if a.void is None)


def find_live_decision(state: State, manifest: Digest, environment: str, person: str) -> Decision | None:
    """Return the person's latest decision that stands."""
    for decided in reversed(review(state, manifest, environment).decided):
        if decided.decision.person == person and decided.void is None and decided.ended_by is None:
            return decided.decision
    return None
