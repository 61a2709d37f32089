"""V: what somebody would rather not have seen: rejections, exceptions and revoked acts made to vanish."""

from registry.bundle.contents import Withheld
from registry.bundle.summary import Asked
from registry.trust.trust_root import Key, Person, Role
from schemas.asset import Manifest
from schemas.ledger import parse_leaf, time_text
from tests.attacks.case import Handed, case, claimed, handed
from tests.attacks.simulator import ENV, Registry, altered_root, key, person_id
from tests.attacks.simulator_keys import reinstate, suspend
from tests.attacks.simulator_policy import allow_breaking, break_glass

REJECTED = "CLAIM_FALSE REJECTED_BY_REVIEWER"


def _two_roots() -> Registry:
    """Return a registry in which alice or rolf alone is the root threshold."""
    registry = Registry()
    rolf = Person(person_id("rolf"), (Role("root"), Role("owner")), (Key(key("rolf").public),))
    registry.root = altered_root(registry.root, version=2, persons=(*registry.root.persons, rolf))
    registry.add_root(registry.root, "alice")
    return registry


@case("V01", "FAIL", REJECTED, "the key that asked is revoked as compromised: the rejection of it lives on")
def request_voided_under_a_rejection() -> Handed:
    registry = _two_roots()
    manifest = registry.register()
    asked = len(registry.leaves)
    registry.decide(manifest, registry.request(manifest, "rolf"), "vic", decision="reject")
    registry.decide(manifest, registry.request(manifest))
    registry.revoke("rolf", "alice", reason="compromised", from_index=asked)
    return claimed(registry, manifest)


@case("V02", "PASS", "ROOT_AFTER_COMPROMISE", "a compromised key reinstated a reviewer, which is said")
def reinstated_by_a_compromised_key() -> Handed:
    return _reinstated_then_revoked(after=False)


@case(
    "V03",
    "FAIL",
    "CLAIM_FALSE KEY_SUSPENDED QUORUM_NOT_MET ROOT_AFTER_COMPROMISE",
    "what a compromised key reinstated is suspended again",
)
def suspended_again() -> Handed:
    return _reinstated_then_revoked(after=True)


def _reinstated_then_revoked(*, after: bool) -> Handed:
    registry = _two_roots()
    manifest = registry.register()
    dossier = registry.request(manifest)
    suspend(registry, "rita")
    seq = reinstate(registry, "rita", "rolf")
    if not after:
        registry.decide(manifest, dossier)
    registry.revoke("rolf", "alice", reason="compromised", from_index=seq)
    if after:
        registry.decide(manifest, dossier)
    return claimed(registry, manifest)


def _of_a_period() -> tuple[Registry, Manifest, Manifest, str]:
    """Return a registry with two versions, and the time at which the period asked for begins."""
    registry = Registry()
    allow_breaking(registry)
    wanted, other = registry.register(7), registry.register(8, weights=b"others")
    registry.later(days=40)
    return registry, wanted, other, time_text(registry.now)


def _asked_until_now(registry: Registry, wanted: Manifest, since: str) -> None:
    registry.decide(wanted, registry.request(wanted))
    until = time_text(registry.now)
    registry.later(days=5)
    registry.asked = Asked(namespaces=("retail",), environments=(ENV,), since=since, until=until)
    registry.claim(wanted, "valid")


@case(
    "V04",
    "UNPROVEN",
    "CLAIM_MISSING REVIEWER_MISMATCH",
    "a record logged after the period takes no version out of it, least of all one that does not count",
)
def moved_out_of_the_period() -> Handed:
    registry, wanted, other, since = _of_a_period()
    dossier = registry.request(other)
    registry.decide(other, dossier, "vic", decision="reject")
    _asked_until_now(registry, wanted, since)
    registry.append(registry.approval(other, dossier, "vic", decision="abstain"), "service")
    return handed(registry)


@case("V05", "UNPROVEN", "CLAIM_MISSING", "a break-glass in the period puts its version into it")
def break_glass_outside_the_scope() -> Handed:
    registry, wanted, other, since = _of_a_period()
    seq = break_glass(registry, other)
    _asked_until_now(registry, wanted, since)
    registry.envelopes[seq] = Withheld(parse_leaf(registry.leaves[seq]).body, "omitted")
    return handed(registry)
