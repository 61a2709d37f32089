"""The next trust root: what shall change about the one in force."""

import msgspec

from registry.acts.log_key import make_next_log_key, next_files
from registry.acts.propose import Proposal, propose_root
from registry.acts.roles import parse_role
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.trust.note import COSIGNER, parse_vkey
from registry.trust.root_words import role_text
from registry.trust.trust_root import Person, TrustRoot
from schemas.errors import Conflict, NotFound


class RootChange(msgspec.Struct, frozen=True, kw_only=True):
    """What to change; people by name or id, roles as `ROLE[@namespace[/environment]]`."""

    threshold: int | None = None
    expires: str | None = None
    never_expires: bool = False
    grant: tuple[tuple[str, str], ...] = ()
    ungrant: tuple[tuple[str, str], ...] = ()
    remove: tuple[str, ...] = ()
    add_log_keys: tuple[str, ...] = ()
    remove_log_keys: tuple[str, ...] = ()
    rotate_log_key: bool = False
    add_witnesses: tuple[str, ...] = ()
    remove_witnesses: tuple[str, ...] = ()
    witness_quorum: int | None = None
    add_tsa_roots: tuple[bytes, ...] = ()


def propose_change(registry: Registry, change: RootChange) -> Proposal:
    """Return the next root with `change`; raise in words when nothing changes or nobody could follow it."""
    state = read_state(registry)
    root = get_trust_root(state)
    for text, kind in _vkeys(change):
        parse_vkey(text, kind) if kind else parse_vkey(text)
    quorum = root.witness_quorum if change.witness_quorum is None else change.witness_quorum
    persons = _persons(registry, root, change)
    kept = {person.id for person in persons}
    changed = msgspec.structs.replace(
        root,
        root_threshold=change.threshold or root.root_threshold,
        expires=None if change.never_expires else change.expires or root.expires,
        persons=persons,
        services=tuple(s for s in root.services if s.id not in change.remove),
        log_keys=_list("log key", root.log_keys, change.add_log_keys, change.remove_log_keys),
        witnesses=_list("witness", root.witnesses, change.add_witnesses, change.remove_witnesses),
        witness_quorum=quorum,
        recovery=tuple(person for person in root.recovery if person in kept),
        tsa_roots=tuple(dict.fromkeys((*root.tsa_roots, *change.add_tsa_roots))),
    )
    if not change.rotate_log_key:
        return propose_root(state, changed)
    old, new = make_next_log_key(registry)
    rotated = tuple(new if key == old else key for key in changed.log_keys)
    changed = msgspec.structs.replace(changed, log_keys=rotated if new in rotated else (*rotated, new))
    return propose_root(state, changed, made=next_files(registry))


def _vkeys(change: RootChange) -> list[tuple[str, bytes | None]]:
    return [(text, None) for text in change.add_log_keys] + [
        (text, COSIGNER) for text in change.add_witnesses
    ]


def _persons(registry: Registry, root: TrustRoot, change: RootChange) -> tuple[Person, ...]:
    services = {service.id for service in root.services}
    gone = {_person(registry, root, text).id for text in change.remove if text not in services}
    roles = {person.id: list(person.roles) for person in root.persons}
    for who, text in change.ungrant:
        person, role = _person(registry, root, who), parse_role(text)
        if role not in roles[person.id]:
            held = ", ".join(role_text(r) for r in roles[person.id]) or "none"
            raise NotFound(f"{who} does not hold {text}", hint=f"roles held: {held}")
        roles[person.id].remove(role)
    for who, text in change.grant:
        person, role = _person(registry, root, who), parse_role(text)
        if role in roles[person.id]:
            raise Conflict(f"{who} holds {text} already", hint="muniment key list")
        roles[person.id].append(role)
    kept = (person for person in root.persons if person.id not in gone)
    return tuple(Person(person.id, tuple(roles[person.id]), person.keys) for person in kept)


def _person(registry: Registry, root: TrustRoot, text: str) -> Person:
    person = registry.names.get_person(text)
    found = next((p for p in root.persons if p.id == person), None)
    if found is None:
        raise NotFound(f"{text!r} is not in the trust root in force", hint="muniment key list")
    return found


def _list(
    what: str, present: tuple[str, ...], added: tuple[str, ...], removed: tuple[str, ...]
) -> tuple[str, ...]:
    for text in added:
        if text in present:
            raise Conflict(f"the {what} {text} is in the trust root already", hint="muniment root show")
    for text in removed:
        if text not in present:
            raise NotFound(f"the trust root names no {what} {text}", hint="muniment root show")
    return (*(text for text in present if text not in removed), *dict.fromkeys(added))
