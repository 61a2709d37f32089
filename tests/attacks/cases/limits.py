"""G and R: what ends a break-glass before its time, and answers given while items waited too long."""

from datetime import timedelta

from registry.rules.check_rules import ArtifactCheck, CheckRule
from registry.rules.policy import ApprovalRule, BreakGlassRule, PolicySet
from schemas.asset import Manifest
from schemas.governance import RiskForm
from schemas.ledger import time_text
from tests.attacks.case import Handed, case, claimed
from tests.attacks.simulator import Registry
from tests.attacks.simulator_policy import break_glass

GLASS = BreakGlassRule(roles=("risk-approver",), max_hours=24)
PLAIN = ApprovalRule(roles={"risk-approver": 1})
OPEN = ApprovalRule(roles={"risk-approver": 1}, break_glass=GLASS)
OPEN_WHEN_LOW = ApprovalRule(tiers=("low",), roles={"risk-approver": 1}, break_glass=GLASS)
STRICT_WHEN_HIGH = ApprovalRule(tiers=("high", "critical"), roles={"risk-approver": 1})
LOW = RiskForm(exposure=1, purpose=1, summary="Sorts mail.")
HIGH = RiskForm(exposure=5, purpose=5, summary="Decides on loans.")


def _policy(registry: Registry, *rules: ApprovalRule, unsealed: str | None = None) -> None:
    """Log the next policy set."""
    check = CheckRule(id="artifact", title="Bytes hashed", severity="block", check=ArtifactCheck("verified"))
    policy = PolicySet(
        version=registry.policy_version + 1, approval=rules, checks=(check,), max_unsealed_age=unsealed
    )
    registry.append(registry.about_origin("policy-set", policy.to_predicate(registry.nonce())), "alice")


def _denied(*rules: ApprovalRule) -> tuple[Registry, Manifest]:
    """Return a version nobody approved, under these rules."""
    registry = Registry()
    _policy(registry, *rules)
    return registry, registry.register()


def _judged(registry: Registry, manifest: Manifest, **lies: str) -> Handed:
    """Hand over what the gate said, or what the operator wishes it had said."""
    registry.seal(registry.gate(manifest, **lies))
    return claimed(registry, manifest, "none")


@case("G41", "PASS", "BREAK_GLASS", "a later policy set ended the break-glass, and the gate denied")
def ended_by_policy() -> Handed:
    registry, manifest = _denied(OPEN)
    break_glass(registry, manifest)
    _policy(registry, PLAIN)
    return _judged(registry, manifest, verdict="deny")


@case("G42", "FAIL", "BREAK_GLASS RECEIPT_FALSE", "the gate allowed by what a later policy set had ended")
def allowed_against_policy() -> Handed:
    registry, manifest = _denied(OPEN)
    break_glass(registry, manifest)
    _policy(registry, PLAIN)
    return _judged(registry, manifest, verdict="allow")


@case("G43", "FAIL", "BREAK_GLASS RECEIPT_FALSE", "the tier rose to one where no glass may be broken")
def tier_raised() -> Handed:
    registry, manifest = _denied(STRICT_WHEN_HIGH, OPEN)
    break_glass(registry, manifest)
    registry.assess(manifest, HIGH)
    return _judged(registry, manifest, verdict="allow")


@case("G44", "PASS", "BREAK_GLASS", "a person assessed the tier that lets the glass be broken")
def tier_by_a_person() -> Handed:
    registry, manifest = _denied(OPEN_WHEN_LOW, PLAIN)
    registry.assess(manifest, LOW)
    break_glass(registry, manifest)
    return _judged(registry, manifest, verdict="allow")


@case("G45", "FAIL", "BREAK_GLASS_REFUSED RECEIPT_FALSE", "only a service assessed the tier that allows it")
def tier_by_a_service() -> Handed:
    registry, manifest = _denied(OPEN_WHEN_LOW, PLAIN)
    registry.assess(manifest, LOW, "service")
    break_glass(registry, manifest)
    return _judged(registry, manifest, verdict="allow")


@case("G46", "FAIL", "RECEIPT_FALSE", "the key that broke the glass was found compromised")
def compromised_breaker() -> Handed:
    registry, manifest = _denied(OPEN)
    seq = break_glass(registry, manifest)
    registry.revoke("rita", "alice", reason="compromised", from_index=seq)
    return _judged(registry, manifest, verdict="allow")


@case("G47", "PASS", "BREAK_GLASS", "a longer break-glass that no head covers spoils no signed one")
def longer_and_unsigned() -> Handed:
    registry, manifest = _denied(OPEN)
    break_glass(registry, manifest)
    signed = len(registry.leaves)
    break_glass(registry, manifest, hours=20)
    receipt = registry.gate(manifest, signedSize=signed)
    registry.seal(receipt)
    return claimed(registry, manifest, "none")


@case("G48", "FAIL", "BREAK_GLASS RECEIPT_FALSE", "somebody rejected after the glass was broken")
def rejected_afterwards() -> Handed:
    registry, manifest = _denied(OPEN)
    break_glass(registry, manifest)
    registry.decide(manifest, registry.request(manifest), "vic", decision="reject")
    return _judged(registry, manifest, verdict="allow")


@case("G49", "PASS", "BREAK_GLASS", "the rejection was taken back, and the broken glass counts again")
def rejection_taken_back() -> Handed:
    registry, manifest = _denied(OPEN)
    break_glass(registry, manifest)
    seq = registry.decide(manifest, registry.request(manifest), "vic", decision="reject")
    registry.withdraw(manifest, seq, "vic")
    return _judged(registry, manifest, verdict="allow")


def _limited(limit: str | None) -> tuple[Registry, Manifest]:
    """Return an approved version under a set that limits for how long items may wait for their seal."""
    registry = Registry()
    _policy(registry, PLAIN, unsealed=limit)
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest))
    return registry, manifest


def _waited(registry: Registry, manifest: Manifest, verdict: str, **since: int) -> Handed:
    """Hand over an answer given while an item had waited that long."""
    start = time_text(registry.now - timedelta(**since))
    registry.seal(registry.gate(manifest, verdict=verdict, unsealedSince=start))
    return claimed(registry, manifest, "valid")


@case("R61", "PASS", "", "an item had waited longer than the policy allows, and the gate proved nothing")
def unsealed_too_long() -> Handed:
    return _waited(*_limited("1h"), "unproven", hours=1, seconds=1)


@case("R62", "FAIL", "RECEIPT_FALSE", "an item had waited too long, and the gate allowed all the same")
def allowed_though_unsealed() -> Handed:
    return _waited(*_limited("1h"), "allow", hours=1, seconds=1)


@case(
    "R63",
    "FAIL",
    "RECEIPT_FALSE",
    "an item had waited as long as the policy allows, and nothing was proved",
)
def unproven_too_early() -> Handed:
    return _waited(*_limited("1h"), "unproven", hours=1)


@case("R64", "FAIL", "RECEIPT_FALSE", "no policy limits how long items wait, and the gate proved nothing")
def unproven_without_a_limit() -> Handed:
    return _waited(*_limited(None), "unproven", days=300)


@case("R65", "FAIL", "TIME_MALFORMED", "the time since when an item waits is no time")
def unsealed_since_a_word() -> Handed:
    registry, manifest = _limited("1h")
    registry.seal(registry.gate(manifest, verdict="unproven", unsealedSince="yesterday"))
    return claimed(registry, manifest, "valid")
