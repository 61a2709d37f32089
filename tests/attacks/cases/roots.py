"""K: what a trust root may also hold: persons who recover it, authorities for time, several services."""

from collections.abc import Callable
from typing import Any

from registry.trust.trust_root import Key, Person, Role, Service
from schemas.statement import Statement
from tests.attacks.case import Handed, case, claimed, table
from tests.attacks.simulator import Registry, altered_root, key, person_id

Change = Callable[[dict[str, Any]], object]
RUTH = person_id("ruth")


def _with_an_approval(registry: Registry) -> Handed:
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest))
    return claimed(registry, manifest)


def _rooted(change: Change) -> Handed:
    """Hand over a registry whose second root holds ruth offline, and a change."""
    registry = Registry()
    ruth = Person(RUTH, (Role("root"),), (Key(key("ruth").public),))
    root = altered_root(registry.root, version=2, persons=(*registry.root.persons, ruth), recovery=(RUTH,))
    statement = root.to_statement(nonce="0" * 32)
    change(statement.predicate)
    registry.append(Statement("trust-root", statement.subjects, statement.predicate), "alice")
    return _with_an_approval(registry)


@case("K90", "PASS", "", "a trust root names who recovers it")
def recovery_named() -> Handed:
    return _rooted(lambda _: None)


@case("K91", "PASS", "", "the person who recovers the root replaces everybody else's keys")
def recovered() -> Handed:
    registry = Registry()
    ruth = Person(RUTH, (Role("root"),), (Key(key("ruth").public),))
    registry.root = altered_root(
        registry.root, version=2, persons=(*registry.root.persons, ruth), recovery=(RUTH,)
    )
    registry.add_root(registry.root, "alice")
    renewed = Person(person_id("alice"), registry.root.persons[0].roles, (Key(key("alice-2").public),))
    persons = (renewed, *registry.root.persons[1:])
    registry.add_root(altered_root(registry.root, version=3, persons=persons), "ruth")
    return _with_approval_by_new_key(registry)


def _with_approval_by_new_key(registry: Registry) -> Handed:
    manifest = registry.register(signer="alice-2")
    registry.decide(manifest, registry.request(manifest, "alice-2"))
    return claimed(registry, manifest)


@case("K92", "PASS", "EXPORTER_UNKNOWN", "an export by a service that only a third registry enrolled")
def exporter_of_another_registry() -> Handed:
    registry = Registry()
    services = (Service("service", (Key(key("another service").public),)),)
    registry.root = altered_root(registry.root, services=services)
    registry.leaves, registry.envelopes = [], []
    registry.add_root(registry.root, "alice")
    registry.add_policy(1, {"risk-approver": 1})
    return _with_an_approval(registry)


CHANGES: dict[str, tuple[str, Change]] = {
    "a person nobody enrolled": ("ROOT_RECOVERY", lambda p: p.update(recovery=["p-" + "0" * 16])),
    "a person without the role root": ("ROOT_RECOVERY", lambda p: p.update(recovery=[person_id("rita")])),
    "a person twice": ("ROOT_MALFORMED", lambda p: p.update(recovery=[RUTH, RUTH])),
    "a number": ("ROOT_MALFORMED", lambda p: p.update(recovery=[7])),
    "a text in place of a list": ("ROOT_MALFORMED", lambda p: p.update(recovery=RUTH)),
}
CERTIFICATES: dict[str, tuple[str, Change]] = {
    "that is no base64": ("BASE64", lambda p: p.update(tsaRoots=["MII"])),
    "that is no DER": ("ROOT_MALFORMED", lambda p: p.update(tsaRoots=["AAAA"])),
    "that stands twice": ("ROOT_MALFORMED", lambda p: p.update(tsaRoots=["MAA=", "MAA="])),
}
table(
    "K",
    93,
    "the trust root names to recover it",
    [(words, codes, lambda c=change: _rooted(c)) for words, (codes, change) in CHANGES.items()],  # type: ignore[misc]
)
table(
    "T",
    10,
    "the trust root holds a time-stamping certificate",
    [(words, codes, lambda c=change: _rooted(c)) for words, (codes, change) in CERTIFICATES.items()],  # type: ignore[misc]
)
