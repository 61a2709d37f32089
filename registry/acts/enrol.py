"""Enrolling a person: a trust root of the next version, signed by the thresholds of both.

The key is made here, or was made elsewhere and proves that its holder asks.
"""

import secrets
from pathlib import Path

import msgspec

from registry.acts.actor import Actor, new_nonce, subject
from registry.acts.refusing import refused
from registry.acts.state import get_trust_root, read_state
from registry.acts.writing import writing
from registry.registry import Registry
from registry.signing import keyfile
from registry.trust.keys import key_id
from registry.trust.note import COSIGNER, parse_vkey
from registry.trust.possession import verify_possession
from registry.trust.trust_root import Key, Person, Role, TrustRoot
from schemas.errors import Conflict, Refused, Usage
from schemas.ledger import origin_subject

GRANTABLE = ("owner", "developer", "validator", "risk-approver", "policy", "root", "auditor")


class Enrolled(msgspec.Struct, frozen=True):
    """A person who may now act; `key` is where their key lies, None when it lies elsewhere."""

    person: str
    name: str
    keyid: str
    key: Path | None
    seq: int


def enrol_person(
    registry: Registry,
    root_person: Actor,
    name: str,
    roles: tuple[Role, ...],
    passphrase: bytes | None,
) -> Enrolled:
    """Make a key for `name` in the registry's key folder and enrol it with `roles`."""
    _check(registry, name, roles)
    person = _new_person()
    path = registry.keys / person
    made = keyfile.create(path, passphrase, comment=person)
    try:
        seq = _enrol(registry, root_person, Person(person, roles, (Key(made.public),)), name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Enrolled(person, name, made.keyid, path, seq)


def enrol_key(
    registry: Registry, root_person: Actor, name: str, roles: tuple[Role, ...], public: bytes, proof: bytes
) -> Enrolled:
    """Enrol `name` with a key made elsewhere, whose private half signed `proof`; it is never seen here."""
    _check(registry, name, roles)
    verify_possession(proof, public, registry.origin, name)
    person = _new_person()
    seq = _enrol(registry, root_person, Person(person, roles, (Key(public),)), name)
    return Enrolled(person, name, key_id(public), None, seq)


def _check(registry: Registry, name: str, roles: tuple[Role, ...]) -> None:
    for role in roles:
        if role.role not in GRANTABLE:
            raise Usage(f"no role is called {role.role!r}", hint=f"roles: {', '.join(GRANTABLE)}")
    if name in registry.names.all().values():
        raise Conflict(f"{name!r} is enrolled already", hint="muniment key list")


def _new_person() -> str:
    return "p-" + secrets.token_hex(8)


def _enrol(registry: Registry, root_person: Actor, member: Person, name: str) -> int:
    with writing(registry) as writer:
        root = get_trust_root(read_state(registry))
        _refuse_shared(root, member.keys[0])
        grown = msgspec.structs.replace(root, version=root.version + 1, persons=(*root.persons, member))
        about = (subject(registry.origin, origin_subject(registry.origin)),)
        leaf = writer.append(root_person.sign("trust-root", about, grown.to_predicate(nonce=new_nonce())))[0]
        _must_count(registry, leaf.seq)
        registry.names.add(member.id, name)
    return leaf.seq


def _refuse_shared(root: TrustRoot, key: Key) -> None:
    taken = {parse_vkey(text).public for text in root.log_keys}
    taken |= {parse_vkey(text, COSIGNER).public for text in root.witnesses}
    if key.public in taken or key.keyid in root.public_keys():
        raise Refused(
            f"KEY_SHARED: the key {key.keyid[:16]} is enrolled already; one key is one person",
            hint="make another with muniment key new",
        )


def _must_count(registry: Registry, seq: int) -> None:
    """Raise Usage when the fold refuses the record just written, so that nothing void is committed."""
    for problem in read_state(registry).problems:
        if problem.seq == seq:
            raise refused(problem)
