"""What root persons are asked to sign, in plain words: the difference a statement makes."""

from collections.abc import Iterator, Mapping

from registry.trust.predicates import KeyReinstated, KeyRevoked, Overridden, parse_predicate
from registry.trust.root_draft import Step
from registry.trust.trust_root import Key, Person, Role, TrustRoot
from schemas.digest import Digest


def describe(step: Step, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return what the statement changes, one line each; `names` are display names by person."""
    predicate, kind = step.statement.predicate, step.statement.kind
    if kind == "key-revoked":
        said = parse_predicate(predicate, KeyRevoked)
        reach = f", void from leaf {said.from_index} on" if said.reason == "compromised" else ""
        return (f"revokes {_whose(step.before, said.keyid, names)}: {said.reason}{reach}",)
    if kind == "key-reinstated":
        keyid = parse_predicate(predicate, KeyReinstated).keyid
        return (f"reinstates {_whose(step.before, keyid, names)}",)
    if kind == "override":
        about = step.statement.subjects[0]
        where = parse_predicate(predicate, Overridden).environment
        what = f"overrides the rejection {step.statement.subjects[-1].digest} of {about.name} for {where}"
        return (what, f"about the manifest {about.digest}")
    return tuple(compare_roots(step.before, step.after, names)) or ("changes nothing",)


def compare_roots(before: TrustRoot, after: TrustRoot, names: Mapping[str, str]) -> Iterator[str]:
    """Yield each difference between two roots."""
    if before.root_threshold != after.root_threshold:
        yield f"root threshold {before.root_threshold} becomes {after.root_threshold}"
    if before.expires != after.expires:
        yield f"expires {after.expires or 'never'} (was {before.expires or 'never'})"
    yield from _people(before, after, names)
    yield from _services(before, after)
    for what, old, new in (
        ("log key", before.log_keys, after.log_keys),
        ("witness", before.witnesses, after.witnesses),
        ("recovery person", _named(before.recovery, names), _named(after.recovery, names)),
        ("time-stamping root", _certificates(before), _certificates(after)),
    ):
        yield from (f"removes {what} {item}" for item in old if item not in new)
        yield from (f"adds {what} {item}" for item in new if item not in old)
    if before.witness_quorum != after.witness_quorum:
        yield f"witness quorum {before.witness_quorum} becomes {after.witness_quorum}"


def role_text(role: Role) -> str:
    """Return a role as it is typed: `root`, `owner@retail`, `validator@retail/production`."""
    if role.everywhere:
        return role.role
    where = ",".join(role.namespaces)
    return f"{role.role}@{where}" + ("" if "*" in role.environments else f"/{','.join(role.environments)}")


def _people(before: TrustRoot, after: TrustRoot, names: Mapping[str, str]) -> Iterator[str]:
    old, new = {p.id: p for p in before.persons}, {p.id: p for p in after.persons}
    for person in (p for p in before.persons if p.id not in new):
        yield f"removes {_name(person, names)}, who held {_roles(person.roles)}"
    for person in after.persons:
        if person.id not in old:
            keys = ", ".join(key.keyid for key in person.keys) or "no key"
            yield f"adds {_name(person, names)} with {_roles(person.roles)}, key {keys}"
            continue
        was, who = old[person.id], _name(person, names)
        yield from (f"takes {role_text(r)} from {who}" for r in was.roles if r not in person.roles)
        yield from (f"gives {who} {role_text(r)}" for r in person.roles if r not in was.roles)
        yield from _keys(who, was.keys, person.keys)


def _services(before: TrustRoot, after: TrustRoot) -> Iterator[str]:
    old, new = {s.id: s for s in before.services}, {s.id: s for s in after.services}
    yield from (f"removes the service {name}" for name in old if name not in new)
    for service in after.services:
        was = old[service.id].keys if service.id in old else ()
        if service.id not in old:
            yield f"adds the service {service.id}"
        yield from _keys(f"the service {service.id}", was, service.keys)


def _keys(who: str, before: tuple[Key, ...], after: tuple[Key, ...]) -> Iterator[str]:
    yield from (f"takes the key {key.keyid} from {who}" for key in before if key not in after)
    yield from (f"gives {who} the key {key.keyid}" for key in after if key not in before)


def _whose(root: TrustRoot, keyid: str, names: Mapping[str, str]) -> str:
    person, service = root.person_of(keyid), root.service_of(keyid)
    if person is not None:
        return f"the key {keyid} of {_name(person, names)}"
    return f"the key {keyid}" + ("" if service is None else f" of the service {service.id}")


def _name(person: Person, names: Mapping[str, str]) -> str:
    return f"{names[person.id]} ({person.id})" if person.id in names else person.id


def _named(persons: tuple[str, ...], names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{names[p]} ({p})" if p in names else p for p in persons)


def _certificates(root: TrustRoot) -> tuple[str, ...]:
    return tuple(str(Digest.of(certificate)) for certificate in root.tsa_roots)


def _roles(roles: tuple[Role, ...]) -> str:
    return ", ".join(map(role_text, roles)) or "no role"
