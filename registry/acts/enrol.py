"""Enrolling people and services: a trust root of the next version, signed by the thresholds of both.

The key is made here, or was made elsewhere and proves that its holder asks.
"""

import re
import secrets
from pathlib import Path

import msgspec

from registry.acts.actor import Actor
from registry.acts.new_key import KeyOffer, NewKey, obtain_key
from registry.acts.propose import Proposal, enact, propose_root
from registry.acts.roles import check_role
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.trust.state import State
from registry.trust.trust_root import Key, Person, Role, Service, TrustRoot
from schemas.errors import Conflict, Usage

_SERVICE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Enrolment(msgspec.Struct, frozen=True):
    """Who is to be enrolled by `proposal`; `key` is where their key lies, None when it lies elsewhere."""

    person: str
    name: str
    keyid: str
    key: Path | None
    proposal: Proposal


class Enrolled(msgspec.Struct, frozen=True):
    """A person who may now act; `key` is where their key lies, None when it lies elsewhere."""

    person: str
    name: str
    keyid: str
    key: Path | None
    seq: int


def propose_person(
    registry: Registry, name: str, roles: tuple[Role, ...], offer: KeyOffer, *, recovery: bool = False
) -> Enrolment:
    """Return the enrolment of `name` with `roles`; `recovery` names them as who keeps a key offline."""
    for role in roles:
        check_role(role)
    if name in registry.names.all().values():
        raise Conflict(
            f"{name!r} is enrolled already", hint=f"muniment key add {name} enrols a further key of theirs"
        )
    state, person = read_state(registry), "p-" + secrets.token_hex(8)
    new = obtain_key(registry, state, offer, person, name)
    root = get_trust_root(state)
    grown = msgspec.structs.replace(
        root,
        persons=(*root.persons, Person(person, roles, (new.key,))),
        recovery=(*root.recovery, person) if recovery else root.recovery,
    )
    return _enrolment(state, grown, new, person, name, {person: name})


def propose_service(registry: Registry, name: str, offer: KeyOffer) -> Enrolment:
    """Return the enrolment of the service `name`: it signs what no person does and fills no role."""
    if not _SERVICE.fullmatch(name):
        raise Usage(f"{name!r} is no name of a service", hint="use a-z 0-9 . _ -, at most 64 characters")
    state = read_state(registry)
    root = get_trust_root(state)
    if any(service.id == name for service in root.services):
        raise Conflict(f"the service {name!r} is enrolled already", hint="muniment root show")
    new = obtain_key(registry, state, offer, f"service-{name}", name)
    grown = msgspec.structs.replace(root, services=(*root.services, Service(name, (new.key,))))
    return _enrolment(state, grown, new, name, name, {})


def propose_further_key(registry: Registry, called: str, offer: KeyOffer) -> Enrolment:
    """Return the enrolment of one more key of an enrolled person."""
    state, person, name = find_member(registry, called)
    new = obtain_key(registry, state, offer, person.id, name)
    return _enrolment(state, with_key(get_trust_root(state), person, new.key), new, person.id, name, {})


def find_member(registry: Registry, called: str) -> tuple[State, Person, str]:
    """Return the state, the enrolled person called `called` and their display name."""
    state, person = read_state(registry), registry.names.get_person(called)
    found = next((p for p in get_trust_root(state).persons if p.id == person), None)
    if found is None:
        raise Conflict(f"{called!r} is not in the trust root in force", hint="muniment key list")
    return state, found, registry.names.name_of(person)


def with_key(root: TrustRoot, person: Person, key: Key) -> TrustRoot:
    """Return `root` with one more key of `person`."""
    grown = Person(person.id, person.roles, (*person.keys, key))
    return msgspec.structs.replace(
        root, persons=tuple(grown if p.id == person.id else p for p in root.persons)
    )


def enrol_person(
    registry: Registry, root_person: Actor, name: str, roles: tuple[Role, ...], passphrase: bytes | None
) -> Enrolled:
    """Make a key for `name` in the registry's key folder and enrol it with `roles`, by one signature."""
    made = propose_person(registry, name, roles, KeyOffer(passphrase))
    done = enact(registry, root_person, made.proposal)
    return Enrolled(made.person, name, made.keyid, made.key, done.leaves[0])


def _enrolment(
    state: State, grown: TrustRoot, new: NewKey, person: str, name: str, names: dict[str, str]
) -> Enrolment:
    proposal = propose_root(state, grown, names, made=new.files)
    return Enrolment(person, name, new.key.keyid, new.path, proposal)
