"""Enrolling a person: a trust root of the next version, signed by the thresholds of both."""

import secrets
from pathlib import Path

import msgspec

from registry.acts.actor import Actor, new_nonce, subject
from registry.acts.state import get_trust_root, read_state
from registry.acts.writing import writing
from registry.registry import Registry
from registry.signing import keyfile
from registry.trust.trust_root import Key, Person, Role
from schemas.errors import Conflict, Usage
from schemas.ledger import origin_subject

GRANTABLE = ("owner", "developer", "validator", "risk-approver", "policy", "root", "auditor")


class Enrolled(msgspec.Struct, frozen=True):
    """A person who may now act, and where their key lies."""

    person: str
    name: str
    keyid: str
    key: Path
    seq: int


def enrol_person(
    registry: Registry,
    root_person: Actor,
    name: str,
    roles: tuple[Role, ...],
    passphrase: bytes | None,
) -> Enrolled:
    """Make a key for `name` in the registry's key folder and enrol it with `roles`."""
    for role in roles:
        if role.role not in GRANTABLE:
            raise Usage(f"no role is called {role.role!r}", hint=f"roles: {', '.join(GRANTABLE)}")
    if name in registry.names.all().values():
        raise Conflict(f"{name!r} is enrolled already", hint="muniment key list")
    person = "p-" + secrets.token_hex(8)
    path = registry.keys / person
    made = keyfile.create(path, passphrase, comment=person)
    try:
        with writing(registry) as writer:
            root = get_trust_root(read_state(registry))
            grown = msgspec.structs.replace(
                root,
                version=root.version + 1,
                persons=(*root.persons, Person(person, roles, (Key(made.public),))),
            )
            about = (subject(registry.origin, origin_subject(registry.origin)),)
            leaf = writer.append(
                root_person.sign("trust-root", about, grown.to_predicate(nonce=new_nonce()))
            )[0]
            _must_count(registry, leaf.seq)
            registry.names.add(person, name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Enrolled(person, name, made.keyid, path, leaf.seq)


def _must_count(registry: Registry, seq: int) -> None:
    """Raise Usage when the fold refuses the record just written, so that nothing void is committed."""
    for problem in read_state(registry).problems:
        if problem.seq == seq:
            raise Usage(f"{problem.code}: {problem.message}", hint="a person with the role root must sign")
