"""Giving a person or a service a new key in the place of the old one: what the old one signed stands."""

from registry.acts.enrol import Enrolment, find_holder, with_key
from registry.acts.find_keyid import find_keyid
from registry.acts.new_key import KeyOffer, obtain_key
from registry.acts.own_key import live_keys
from registry.acts.propose import origin_statement, propose_root
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from schemas.errors import Refused


def propose_rotation(
    registry: Registry, called: str, offer: KeyOffer, old: str | None = None
) -> tuple[Enrolment, str]:
    """Return the enrolment of the new key with the revocation of the old one, and the old one's id.

    The revocation follows the root in the log: until the new key stands, the old one signs.
    """
    state = read_state(registry)
    holder = find_holder(registry, state, called)
    held = live_keys(state, holder.id)
    if not held:
        raise Refused(f"{holder.name} has no key in force", hint=f"muniment key add {called}")
    dead = find_keyid(registry, state, old or called)
    if dead not in held:
        raise Refused(f"the key {dead[:16]} is no key in force of {holder.name}'s", hint="muniment key list")
    if dead in state.suspended:
        raise Refused(
            f"the key {dead[:16]} is suspended: rotating would hide why",
            hint="muniment key reinstate or revoke",
        )
    new = obtain_key(registry, state, offer, holder.file, holder.name)
    root = propose_root(state, with_key(get_trust_root(state), holder.id, new.key), made=new.files)
    size = registry.ledger.head().size
    revoked = origin_statement(registry, "key-revoked", keyid=dead, reason="superseded", fromIndex=size)
    proposal = type(root)((*root.statements, revoked), root.names, root.made)
    return Enrolment(holder.id, holder.name, new.key.keyid, new.path, proposal), dead
