"""G and O: break-glasses and overrides of rejections, honest and bent; no gate answer rests on a bent one."""

from collections.abc import Callable
from typing import Any

from registry.bundle.contents import Withheld
from registry.bundle.summary import Claim
from registry.trust.dsse import sign_statement
from registry.trust.trust_root import Key, Person, Role
from schemas.asset import Manifest
from schemas.digest import Digest
from schemas.statement import Statement, Subject
from tests.attacks.case import Handed, case, claimed, table
from tests.attacks.simulator import Registry, altered_root, key, person_id
from tests.attacks.simulator_policy import allow_breaking, break_glass, glass, override

Act = Callable[[Registry, Manifest], Any]
TWO_ROOTS = ("alice", "rita")
LIVE = "CLAIM_FALSE REJECTED_BY_REVIEWER"


def _denied() -> tuple[Registry, Manifest]:
    """Return a version nobody approved, whose risk approvers may break the glass for a day."""
    registry = Registry()
    allow_breaking(registry)
    return registry, registry.register()


def _judged(registry: Registry, manifest: Manifest, status: str = "none", **lies: Any) -> Handed:
    """Hand over what the gate said, or what the operator wishes it had said."""
    registry.seal(registry.gate(manifest, **lies))
    return claimed(registry, manifest, status)


def _bent(act: Act) -> Handed:
    """Hand over a gate that allowed because of a break-glass that does not stand."""
    registry, manifest = _denied()
    act(registry, manifest)
    return _judged(registry, manifest, verdict="allow")


@case("G01", "PASS", "BREAK_GLASS", "an honest break-glass is proved and named")
def honest_break_glass() -> Handed:
    registry, manifest = _denied()
    break_glass(registry, manifest)
    return _judged(registry, manifest)


@case("G02", "PASS", "BREAK_GLASS", "a break-glass that ended months ago is named for ever")
def expired_break_glass() -> Handed:
    registry, manifest = _denied()
    break_glass(registry, manifest)
    registry.later(days=90)
    return _judged(registry, manifest)


@case("G50", "PASS", "BREAK_GLASS", "an author breaks the glass for their own version, and is named as such")
def author_breaks_the_glass() -> Handed:
    registry, _ = _denied()
    manifest = registry.register(8, "rita")
    break_glass(registry, manifest)
    return _judged(registry, manifest)


@case("G03", "FAIL", "BREAK_GLASS RECEIPT_FALSE", "the gate allowed after the break-glass had ended")
def allowed_after_its_end() -> Handed:
    registry, manifest = _denied()
    break_glass(registry, manifest, hours=1)
    registry.later(hours=2)
    return _judged(registry, manifest, verdict="allow")


@case("G04", "FAIL", "BREAK_GLASS CLAIM_FALSE QUORUM_NOT_MET", "a broken glass is claimed to be an approval")
def break_glass_called_valid() -> Handed:
    registry, manifest = _denied()
    registry.request(manifest)
    break_glass(registry, manifest)
    return _judged(registry, manifest, "valid")


@case("G05", "FAIL", "BREAK_GLASS RECEIPT_FALSE ROLE_MISSING", "somebody else withdraws a break-glass")
def withdrawn_by_another() -> Handed:
    registry, manifest = _denied()
    registry.withdraw(manifest, break_glass(registry, manifest), "vic")
    return _judged(registry, manifest, verdict="deny")


@case("G06", "FAIL", "BREAK_GLASS RECEIPT_FALSE", "no signed head held the break-glass the gate went by")
def allowed_over_the_unsigned_tail() -> Handed:
    registry, manifest = _denied()
    seq = break_glass(registry, manifest)
    return _judged(registry, manifest, signedSize=seq)


@case("G07", "UNPROVEN", "BODY_MISSING RECEIPT_UNPROVEN", "the break-glass is left out of the bundle")
def break_glass_left_out() -> Handed:
    registry, manifest = _denied()
    seq = break_glass(registry, manifest)
    _leave_out(registry, seq)
    registry.seal(registry.gate(manifest, verdict="deny"))
    return claimed(registry, manifest, "none")


@case("G08", "PASS", "BREAK_GLASS TEXT_ERASED", "the reason of a break-glass is not in the bundle")
def reason_left_out() -> Handed:
    registry, manifest = _denied()
    break_glass(registry, manifest)
    del registry.bodies[Digest.of(b"sixteen bytes ok" + b"the old model is down")]
    return _judged(registry, manifest)


@case("G09", "FAIL", "BREAK_GLASS RECEIPT_FALSE SUBJECT_MISMATCH", "it was for another version")
def replayed_for_another_version() -> Handed:
    registry, manifest = _denied()
    other = registry.register(8, weights=b"others")
    return _replayed(registry, manifest, other, Claim(other.digest, "production", "none"))


@case("G10", "FAIL", "BREAK_GLASS RECEIPT_FALSE RECORD_REPLAYED", "a break-glass for staging is replayed")
def replayed_for_another_environment() -> Handed:
    registry, manifest = _denied()
    claim = Claim(manifest.digest, "staging", "none")
    return _replayed(registry, manifest, manifest, claim, environment="staging")


def _replayed(
    registry: Registry, manifest: Manifest, about: Manifest, claim: Claim, **changed: Any
) -> Handed:
    statement = glass(registry, about, **changed)
    registry.append(statement, "rita")
    # The same signature under a leaf that speaks of the version the operator wants let through.
    subjects = glass(registry, manifest).subjects
    envelope = sign_statement(statement, key("rita")).to_bytes()
    registry.append_bytes(Statement("break-glass", subjects, {}), envelope)
    registry.claims.append(claim)
    return _judged(registry, manifest, verdict="allow")


def _leave_out(registry: Registry, seq: int) -> None:

    registry.envelopes[seq] = Withheld(registry.records()[seq].leaf.body, "omitted")


def _over_a_rejection(registry: Registry, manifest: Manifest) -> None:
    registry.decide(manifest, registry.request(manifest), "vic", decision="reject")
    break_glass(registry, manifest)


def _under_a_set_without_it(registry: Registry, manifest: Manifest) -> None:
    registry.add_policy(registry.policy_version + 1, {"risk-approver": 1})
    break_glass(registry, manifest)


def _ended_and_logged_again(registry: Registry, manifest: Manifest) -> None:
    seq = break_glass(registry, manifest)
    registry.withdraw(manifest, seq)
    statement, envelope = glass(registry, manifest), registry.envelopes[seq]
    assert isinstance(envelope, bytes)
    registry.append_bytes(statement, envelope)


BENT: dict[str, tuple[str, Act]] = {
    "lasts longer than allowed": ("BREAK_GLASS_REFUSED", lambda r, m: break_glass(r, m, hours=25)),
    "had ended when it was logged": ("BREAK_GLASS_REFUSED", lambda r, m: break_glass(r, m, hours=-1)),
    "is in a role the policy does not name": (
        "BREAK_GLASS_REFUSED",
        lambda r, m: break_glass(r, m, "vic", role="validator"),
    ),
    "is in a role not held": ("ROLE_MISSING", lambda r, m: break_glass(r, m, "vic")),
    "is in somebody else's name": ("REVIEWER_MISMATCH", lambda r, m: r.append(glass(r, m), "vic")),
    "is signed by the service": ("REVIEWER_MISMATCH", lambda r, m: r.append(glass(r, m), "service")),
    "is signed by two": ("SIGNER_COUNT", lambda r, m: r.append(glass(r, m), "rita", "vic")),
    "is over a live rejection": ("BREAK_GLASS_REFUSED", _over_a_rejection),
    "is under a policy that knows none": ("BREAK_GLASS_REFUSED", _under_a_set_without_it),
    "was ended and is logged again": ("BREAK_GLASS RECORD_REPLAYED", _ended_and_logged_again),
    "is for a version never registered": (
        "SUBJECT_MISMATCH",
        lambda r, _: break_glass(r, Registry().register(8, weights=b"others")),
    ),
    "has a word for a time": ("PREDICATE_MALFORMED", lambda r, m: break_glass(r, m, expiresAt="tomorrow")),
}
table(
    "G",
    20,
    "the gate allowed, and the break-glass",
    [(words, f"RECEIPT_FALSE {codes}", lambda a=act: _bent(a)) for words, (codes, act) in BENT.items()],  # type: ignore[misc]
)


def _rejected(*, roots: int = 1) -> tuple[Registry, Manifest, int]:
    """Return a version that rita approved and vic rejected, and the leaf of the rejection."""
    registry = Registry()
    if roots == 2:
        words = ("owner", "policy", "root", "risk-approver")
        both = tuple(
            Person(person_id(name), tuple(Role(w) for w in words), (Key(key(name).public),))
            for name in TWO_ROOTS
        )
        persons = (*both, registry.root.persons[2])
        root = altered_root(registry.root, version=2, root_threshold=2, persons=persons)
        registry.add_root(root, *TWO_ROOTS)
    manifest = registry.register()
    dossier = registry.request(manifest)
    registry.decide(manifest, dossier, "rita", role="risk-approver")
    return registry, manifest, registry.decide(manifest, dossier, "vic", decision="reject")


def _overridden(*signers: str, roots: int = 1, back: int = 0) -> Handed:
    registry, manifest, seq = _rejected(roots=roots)
    override(registry, manifest, seq - back, *signers)
    return _judged(registry, manifest, "valid")


@case("O01", "PASS", "REJECTION_OVERRIDDEN", "an honest override of a rejection is proved and named")
def honest_override() -> Handed:
    return _overridden("alice")


@case("O02", "PASS", "REJECTION_OVERRIDDEN", "two of two root holders override together")
def two_override_together() -> Handed:
    return _overridden(*TWO_ROOTS, roots=2)


@case("O03", "FAIL", f"{LIVE} ROLE_MISSING", "one root holder of two overrides nothing")
def one_of_two_overrides() -> Handed:
    return _overridden("alice", roots=2)


@case("O04", "FAIL", f"{LIVE} ROLE_MISSING", "a reviewer beside one root holder overrides nothing")
def reviewer_beside_one_root() -> Handed:
    return _overridden("alice", "vic", roots=2)


@case("O05", "FAIL", f"{LIVE} ROLE_MISSING", "the service overrides nothing")
def service_overrides() -> Handed:
    return _overridden("service")


@case("O06", "FAIL", f"{LIVE} SUBJECT_MISMATCH", "an override that names an approval ends no rejection")
def override_of_an_approval() -> Handed:
    return _overridden("alice", back=1)


@case("O07", "FAIL", f"{LIVE} SUBJECT_MISMATCH", "an override of another version's rejection ends none here")
def override_of_another_versions_rejection() -> Handed:
    registry, manifest, _ = _rejected()
    other = registry.register(8, weights=b"others")
    theirs = registry.decide(other, registry.request(other), "vic", decision="reject")
    override(registry, manifest, theirs)
    registry.claims.append(Claim(other.digest, "production", "none"))
    return _judged(registry, manifest, "valid")


@case("O08", "FAIL", f"{LIVE} SUBJECT_MISMATCH", "an override for another environment ends no rejection here")
def override_for_another_environment() -> Handed:
    registry, manifest, seq = _rejected()
    override(registry, manifest, seq, environment="staging")
    registry.claims.append(Claim(manifest.digest, "staging", "none"))
    return _judged(registry, manifest, "valid")


@case("O09", "FAIL", f"{LIVE} RECORD_REPLAYED REJECTION_OVERRIDDEN", "an override is logged again")
def override_logged_again() -> Handed:
    registry, manifest, seq = _rejected()
    first = override(registry, manifest, seq)
    dossier = registry.request(manifest)
    registry.decide(manifest, dossier)
    registry.decide(manifest, dossier, "vic", decision="reject")
    envelope, leaf = registry.envelopes[first], registry.records()[first].leaf
    assert isinstance(envelope, bytes)
    about = (Subject(str(manifest.ref), manifest.digest), Subject("decision", leaf.subjects[1]))
    registry.append_bytes(Statement("override", about, {}), envelope)
    return _judged(registry, manifest, "valid")


@case("O10", "FAIL", LIVE, "a compromised key signed the override: the rejection lives on")
def override_by_a_compromised_key() -> Handed:
    registry, manifest, seq = _rejected(roots=2)
    leaf = override(registry, manifest, seq, *TWO_ROOTS)
    registry.revoke("rita", *TWO_ROOTS, reason="compromised", from_index=leaf)
    return _judged(registry, manifest, "valid")
