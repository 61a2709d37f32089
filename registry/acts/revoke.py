"""Revoking a key: dead from here on, and when compromised void from an earlier place in the log."""

from bisect import bisect_left

import msgspec

from registry.acts.actor import Actor
from registry.acts.find_keyid import find_keyid
from registry.acts.propose import Proposal, enact, origin_statement
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.trust.state import State
from schemas.errors import Refused, Usage
from schemas.ledger import time_text

REASONS = ("superseded", "left", "compromised")


class Revocation(msgspec.Struct, frozen=True):
    """A key about to be revoked: why, and from which leaf on what it signed is void when compromised."""

    keyid: str
    reason: str
    from_index: int
    proposal: Proposal


class Revoked(msgspec.Struct, frozen=True):
    """A key that no longer counts."""

    keyid: str
    reason: str
    from_index: int
    seq: int


def propose_revocation(
    registry: Registry, key: str, reason: str, from_index: int | None = None
) -> Revocation:
    """Return the revocation of the key called `key`; raise Refused when nobody could then change the root."""
    if reason not in REASONS:
        raise Usage(f"no reason is called {reason!r}", hint=f"reasons: {', '.join(REASONS)}")
    state = read_state(registry)
    keyid = find_keyid(registry, state, key)
    _refuse_lockout(state, keyid)
    start = registry.ledger.head().size if from_index is None else from_index
    statement = origin_statement(registry, "key-revoked", keyid=keyid, reason=reason, fromIndex=start)
    return Revocation(keyid, reason, start, Proposal((statement,)))


def require_reach(registry: Registry, actor: Actor, made: Revocation) -> None:
    """Raise Refused when `actor` wants to void what lies behind, which takes root persons."""
    reaches = made.reason == "compromised" and made.from_index < registry.ledger.head().size
    if reaches and actor.signer.keyid not in get_trust_root(read_state(registry)).root_holders():
        raise Refused(
            "ROLE_MISSING: only root persons void what a key signed before now",
            hint="ask them, or revoke it from here on without --since and --from-index",
        )


def find_index_at(registry: Registry, time: str) -> int:
    """Return the first leaf at or after `time`, the size of the log when there is none yet."""
    now = time_text(registry.clock())
    if time > now:
        raise Usage(f"{time} is yet to come: it is {now}", hint="name the time since when the key was stolen")
    ledger = registry.ledger
    return bisect_left(range(ledger.head().size), time, key=lambda seq: ledger.leaf(seq).time)


def revoke_key(
    registry: Registry, actor: Actor, key: str, reason: str, from_index: int | None = None
) -> Revoked:
    """Revoke the key called `key` by one signature; a compromised one is void from `from_index` on."""
    made = propose_revocation(registry, key, reason, from_index)
    require_reach(registry, actor, made)
    done = enact(registry, actor, made.proposal)
    return Revoked(made.keyid, reason, made.from_index, done.leaves[0])


def _refuse_lockout(state: State, keyid: str) -> None:
    root = get_trust_root(state)
    holders = {k: person for k, person in root.root_holders().items() if k not in state.revoked}
    left = {person for k, person in holders.items() if k != keyid}
    if keyid in holders and len(left) < root.root_threshold:
        raise Refused(
            f"the key {keyid[:16]} is needed: {root.root_threshold} root persons sign what changes the root, "
            f"without it {len(left)} are left, and nobody could be enrolled or revoked any more",
            hint="muniment key recovery -o FOLDER, or key rotate, first",
        )
