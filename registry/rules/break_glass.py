"""Break-glass: a person lets a denied version through for some hours and answers for it with their name.

It approves nothing: the status stays what it is, and the gate says in its first words by whose leave it
allows. The policy set must allow it twice: when it is signed, and whenever the gate is asked. So a new policy
set, or a raised tier, ends it, and a rejection always stands above it.
"""

from datetime import timedelta

from registry.rules.answers import Glass, Status
from registry.rules.in_force import loosening_rules
from registry.rules.policy import ApprovalRule
from registry.rules.standing import signers_of
from registry.trust.reviews import Broken, Review, authors_of
from registry.trust.state import BreakGlass, State, Version
from schemas.ledger import moment

LOUD = "BREAK GLASS"
"""The first words of everything that is said of a live one."""


def why_refused(state: State, found: Status, glass: BreakGlass) -> str | None:
    """Return why `glass` may not be logged where the version stands as `found`, or None when it may."""
    if glass.expires_at <= glass.by.time:
        return f"it expires at {glass.expires_at}, and its leaf is at {glass.by.time}"
    if found.rejections:
        who = ", ".join(d.person for d in found.rejections)
        return f"the rejection by {who} stands; only an override ends it"
    return _forbids(loosening_rules(state, found), glass)


def list_glasses(state: State, version: Version, reviewed: Review, found: Status) -> tuple[Glass, ...]:
    """Return every break-glass for the version with what became of it, oldest first."""
    if not reviewed.broken:
        return ()
    rules = loosening_rules(state, found)
    leaves = _rests_on(state, version, reviewed, found)
    authors = {*version.authors, *(name for a in reviewed.asked for name in authors_of(state, a.request))}
    return tuple(
        Glass(
            b.glass,
            _word(b, rules, found),
            max(leaves, b.glass.by.seq),
            by_author=b.glass.person in authors,
        )
        for b in reviewed.broken
    )


def live_glass(found: Status, signed_size: int) -> Glass | None:
    """Return the live break-glass that lasts longest; one under the signed head before one that is not."""
    live = [glass for glass in found.break_glass if glass.word == "live"]
    signed = [glass for glass in live if glass.rests_on < signed_size]
    return max(signed or live, key=lambda glass: glass.event.expires_at, default=None)


def banner(glass: Glass) -> str:
    """Return the words with which the gate's reasons begin, a colon at the end."""
    return f"{LOUD} {glass.said}:"


def alarm(found: Status) -> str:
    """Return one line about the break-glass that lives longest, empty when none does."""
    glass = live_glass(found, 1 << 62)
    return "" if glass is None else banner(glass).removesuffix(":")


def exception_notes(found: Status) -> tuple[str, ...]:
    """Return what the gate says of exceptions that open nothing here: glasses and overridden rejections."""
    said = {"live": "is live and was not needed", "rejected": "does not count over a rejection"}
    glasses = [f"the break-glass {g.said} {said[g.word]}" for g in found.break_glass if g.word in said]
    overrides = [
        f"the rejection by {o.rejection.person} (leaf {o.rejection.by.seq}) was overridden at leaf "
        f"{o.override.by.seq}"
        for o in found.overridden
    ]
    return (*glasses, *overrides)


def _word(broken: Broken, rules: tuple[ApprovalRule | None, ...], found: Status) -> str:
    if broken.ended_by is not None:
        return "ended"
    if found.at >= broken.glass.expires_at:
        return "expired"
    if found.rejections:
        return "rejected"
    return "live" if _forbids(rules, broken.glass) is None else "not-allowed"


def _forbids(rules: tuple[ApprovalRule | None, ...], glass: BreakGlass) -> str | None:
    for rule in rules:
        allowed = None if rule is None else rule.break_glass
        if allowed is None:
            return "the policy set in force allows no break-glass there"
        if glass.role not in allowed.roles:
            return f"the policy set in force allows it to {', '.join(allowed.roles)}, not to {glass.role}"
        if moment(glass.expires_at) - moment(glass.by.time) > timedelta(hours=allowed.max_hours):
            hours = f"{allowed.max_hours} {'hour' if allowed.max_hours == 1 else 'hours'}"
            return f"it would last until {glass.expires_at}, longer than {hours} from its leaf"
    return None


def _rests_on(state: State, version: Version, reviewed: Review, found: Status) -> int:
    # The registration, what ended a rejection, and a revocation that may have voided one.
    leaves = [version.by.seq]
    if reviewed.lifted_by is not None:
        leaves.append(reviewed.lifted_by)
    signers = signers_of(state, found.manifest, found.environment)
    leaves += [r.seq for r in state.revoked.values() if r.void_from is not None and r.keyid in signers]
    return max(leaves)


__all__ = ["LOUD", "Glass", "alarm", "banner", "exception_notes", "list_glasses", "live_glass", "why_refused"]
