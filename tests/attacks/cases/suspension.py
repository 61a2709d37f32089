"""K: keys that are suspended and taken back."""

from registry.trust.trust_root import Key, Person, Role
from tests.attacks.case import Handed, approved, asked, case, claimed
from tests.attacks.simulator import Registry, altered_root, key, person_id
from tests.attacks.simulator_keys import reinstate, renew_root, suspend

SHORT = "CLAIM_FALSE QUORUM_NOT_MET"


def _two_roots() -> Registry:
    """Return a registry whose root needs two of alice and rolf."""
    registry = Registry()
    rolf = Person(person_id("rolf"), (Role("root"),), (Key(key("rolf").public),))
    registry.root = altered_root(
        registry.root, version=2, root_threshold=2, persons=(*registry.root.persons, rolf)
    )
    registry.add_root(registry.root, "alice", "rolf")
    return registry


def _decided_after(registry: Registry) -> Handed:
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest))
    return claimed(registry, manifest)


@case("K70", "FAIL", f"{SHORT} KEY_SUSPENDED", "a suspended key approves")
def suspended_key_approves() -> Handed:
    registry, manifest, dossier = asked()
    suspend(registry, "rita")
    registry.decide(manifest, dossier)
    return claimed(registry, manifest)


@case("K71", "PASS", "", "a key is suspended after its approval, which stands")
def suspended_after_the_approval() -> Handed:
    registry, manifest = approved()
    suspend(registry, "rita")
    return claimed(registry, manifest)


@case("K72", "PASS", "", "a key approves after it was taken back")
def reinstated_key_approves() -> Handed:
    registry = Registry()
    suspend(registry, "rita")
    reinstate(registry, "rita")
    return _decided_after(registry)


@case("K73", "FAIL", f"{SHORT} KEY_SUSPENDED", "one root person of two suspends a key: stopping takes one")
def one_root_person_suspends() -> Handed:
    registry = _two_roots()
    suspend(registry, "rita", "rolf")
    return _decided_after(registry)


@case("K74", "FAIL", f"{SHORT} KEY_SUSPENDED ROLE_MISSING", "one root person of two takes a key back")
def one_root_person_reinstates() -> Handed:
    registry = _two_roots()
    suspend(registry, "rita", "rolf")
    reinstate(registry, "rita", "rolf")
    return _decided_after(registry)


@case("K75", "FAIL", "ROLE_MISSING", "a reviewer suspends another's key: it is refused, and the log at fault")
def reviewer_suspends() -> Handed:
    registry = Registry()
    suspend(registry, "rita", "vic")
    return _decided_after(registry)


@case("K76", "FAIL", "ROLE_MISSING", "the service suspends a key")
def service_suspends() -> Handed:
    registry = Registry()
    suspend(registry, "rita", "service")
    return _decided_after(registry)


@case("K77", "FAIL", "ROLE_MISSING", "a suspended root person takes their own key back, alone")
def reinstates_itself() -> Handed:
    registry = Registry()
    suspend(registry, "alice")
    reinstate(registry, "alice")
    manifest = registry.register(signer="vic")
    registry.decide(manifest, registry.request(manifest, "vic"))
    return claimed(registry, manifest)


@case("K78", "FAIL", "ROOT_THRESHOLD_OLD", "a suspended key counts for a new trust root")
def suspended_key_signs_a_root() -> Handed:
    registry = _two_roots()
    suspend(registry, "rolf", "alice")
    renew_root(registry, "alice", "rolf")
    return _decided_after(registry)


@case("K79", "FAIL", "KEY_NOT_SUSPENDED", "a key that was never suspended is taken back")
def never_suspended() -> Handed:
    registry = Registry()
    reinstate(registry, "rita")
    return _decided_after(registry)


@case("K80", "FAIL", "SIGNER_UNKNOWN", "a key that nobody enrolled is suspended")
def suspended_stranger() -> Handed:
    registry = Registry()
    suspend(registry, "mallory")
    return _decided_after(registry)


@case("K81", "PASS", "EXPORTER_SUSPENDED", "the exporter's key is suspended; what the records prove stands")
def suspended_exporter() -> Handed:
    registry, manifest = approved()
    suspend(registry, "service")
    return claimed(registry, manifest)


@case("K82", "PASS", "EXPORTER_REVOKED", "the exporter's key is suspended and then revoked: revoked is said")
def suspended_and_revoked_exporter() -> Handed:
    registry, manifest = approved()
    suspend(registry, "service")
    registry.revoke("service", "alice")
    return claimed(registry, manifest)


@case("K83", "PASS", "", "the exporter's key was suspended and taken back")
def reinstated_exporter() -> Handed:
    registry, manifest = approved()
    suspend(registry, "service")
    reinstate(registry, "service")
    return claimed(registry, manifest)
