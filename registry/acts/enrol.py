"""Enrolling people and services: a trust root of the next version, signed by the thresholds of both.

The key is made here, or was made elsewhere and proves that its holder asks.
"""

import re
import secrets
from pathlib import Path

import msgspec

from registry.acts.actor import Actor
from registry.acts.new_key import KeyOffer, NewKey, obtain_key
from registry.acts.people import check_name
from registry.acts.propose import Proposal, enact, propose_root
from registry.acts.roles import check_role
from registry.acts.service_key import SERVICE
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.trust.state import State
from registry.trust.trust_root import Key, Person, Role, Service, TrustRoot
from schemas.errors import Conflict, NotFound, Usage

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
    name = check_name(registry, name, person)
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
    new = obtain_key(registry, state, offer, service_file(name), name)
    grown = msgspec.structs.replace(root, services=(*root.services, Service(name, (new.key,))))
    return _enrolment(state, grown, new, name, name, {})


def propose_further_key(registry: Registry, called: str, offer: KeyOffer) -> Enrolment:
    """Return the enrolment of one more key of an enrolled person or service."""
    state = read_state(registry)
    holder = find_holder(registry, state, called)
    new = obtain_key(registry, state, offer, holder.file, holder.name)
    grown = with_key(get_trust_root(state), holder.id, new.key)
    return _enrolment(state, grown, new, holder.id, holder.name, {})


class Holder(msgspec.Struct, frozen=True):
    """An enrolled person or service: id, name, and what a key file of theirs is called."""

    id: str
    name: str
    file: str


def find_holder(registry: Registry, state: State, called: str) -> Holder:
    """Return the person or the service called `called`; raise NotFound when neither is enrolled."""
    root = get_trust_root(state)
    if any(service.id == called for service in root.services):
        return Holder(called, called, service_file(called))
    person = registry.names.get_person(called)
    if all(enrolled.id != person for enrolled in root.persons):
        raise NotFound(f"{called!r} is not in the trust root in force", hint="muniment key list")
    return Holder(person, registry.names.name_of(person), person)


def is_service(registry: Registry, called: str) -> bool:
    """Say whether `called` is an enrolled service, whose key no passphrase locks."""
    return any(service.id == called for service in get_trust_root(read_state(registry)).services)


def service_file(name: str) -> str:
    """Return what the key file of the service `name` is called."""
    return SERVICE if name == SERVICE else f"{SERVICE}-{name}"


def with_key(root: TrustRoot, holder: str, key: Key) -> TrustRoot:
    """Return `root` with one more key of the person or service `holder`."""
    return msgspec.structs.replace(
        root,
        persons=tuple(Person(p.id, p.roles, _grown(p.id, p.keys, holder, key)) for p in root.persons),
        services=tuple(Service(s.id, _grown(s.id, s.keys, holder, key)) for s in root.services),
    )


def _grown(member: str, keys: tuple[Key, ...], holder: str, key: Key) -> tuple[Key, ...]:
    return (*keys, key) if member == holder else keys


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
