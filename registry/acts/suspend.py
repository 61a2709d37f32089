"""Suspending a key by one root person, and reinstating it by the root threshold."""

import msgspec

from registry.acts.actor import Actor
from registry.acts.find_keyid import find_keyid
from registry.acts.propose import Proposal, log_signed, origin_statement
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.trust.dsse import sign_statement
from registry.trust.state import State
from schemas.errors import Conflict, Refused


class Suspended(msgspec.Struct, frozen=True):
    """A key that signs nothing until it is reinstated."""

    keyid: str
    seq: int


def suspend_key(registry: Registry, actor: Actor, key: str) -> Suspended:
    """Let the key called `key` sign nothing; raise Refused when nobody could reinstate it."""
    state = read_state(registry)
    keyid = find_keyid(registry, state, key)
    if keyid in state.revoked or keyid in state.suspended:
        word = "revoked" if keyid in state.revoked else "suspended"
        raise Conflict(f"the key {keyid[:16]} is {word} already", hint="muniment root show")
    _refuse_lockout(state, keyid)
    statement = origin_statement(registry, "key-suspended", keyid=keyid)
    done = log_signed(registry, (sign_statement(statement, actor.signer),), {})
    return Suspended(keyid, done.leaves[0])


def propose_reinstatement(registry: Registry, key: str) -> tuple[str, Proposal]:
    """Return the key called `key` and the proposal that it may sign again."""
    state = read_state(registry)
    keyid = find_keyid(registry, state, key)
    if keyid not in state.suspended:
        raise Conflict(f"the key {keyid[:16]} is not suspended", hint="muniment root show")
    return keyid, Proposal((origin_statement(registry, "key-reinstated", keyid=keyid),))


def _refuse_lockout(state: State, keyid: str) -> None:
    # Suspended keys help to reinstate, but never a key alone itself: somebody else has to be left.
    root = get_trust_root(state)
    holders = {k: person for k, person in root.root_holders().items() if k not in state.revoked}
    if keyid in holders and not set(holders) - {keyid}:
        raise Refused(
            f"the key {keyid[:16]} is the only one with the role root: nobody could reinstate it",
            hint="muniment key recovery -o FOLDER first",
        )
