"""Break-glasses and overrides that are bent: refused by name, and no gate answer rests on them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from registry.bundle.contents import Claim
from registry.trust.dsse import sign_statement
from registry.trust.trust_root import Key, Person, Role
from schemas.asset import Manifest
from schemas.statement import Statement, Subject
from tests.attacks.simulator import Registry, altered_root, key, person_id
from tests.attacks.simulator_policy import allow_breaking, break_glass, glass, override

Attack = Callable[[Registry, Manifest], Any]
TWO_ROOTS = ("alice", "rita")


def denied() -> tuple[Registry, Manifest]:
    """A version nobody approved, under a policy set that lets risk approvers break the glass for a day."""
    registry = Registry()
    allow_breaking(registry)
    return registry, registry.register()


def judge(registry: Registry, manifest: Manifest, status: str = "none", **lies: Any) -> tuple[str, set[str]]:
    """Ask the gate, seal what it says (or what the operator wishes it had said), verify the bundle."""
    registry.seal(registry.gate(manifest, **lies))
    registry.claim(manifest, status)
    answer = registry.verify()
    return answer.verdict, set(answer.codes)


def test_an_honest_one_is_proved_and_named() -> None:
    registry, manifest = denied()
    break_glass(registry, manifest)

    answer = registry.gate(manifest)

    assert b'"verdict":"allow"' in answer
    assert judge(registry, manifest) == ("PASS", {"BREAK_GLASS"})


def test_an_expired_one_is_named_for_ever() -> None:
    registry, manifest = denied()
    break_glass(registry, manifest)
    registry.now += timedelta(days=90)

    assert b'"verdict":"deny"' in registry.gate(manifest)
    assert judge(registry, manifest) == ("PASS", {"BREAK_GLASS"})


def _longer_than_allowed(registry: Registry, manifest: Manifest) -> None:
    break_glass(registry, manifest, hours=25)


def _expired_when_logged(registry: Registry, manifest: Manifest) -> None:
    break_glass(registry, manifest, hours=-1)


def _in_a_role_the_set_does_not_name(registry: Registry, manifest: Manifest) -> None:
    break_glass(registry, manifest, "vic", role="validator")


def _in_a_role_not_held(registry: Registry, manifest: Manifest) -> None:
    break_glass(registry, manifest, "vic")


def _in_somebody_elses_name(registry: Registry, manifest: Manifest) -> None:
    registry.append(glass(registry, manifest, "rita"), "vic")


def _by_the_service(registry: Registry, manifest: Manifest) -> None:
    registry.append(glass(registry, manifest, "rita"), "service")


def _by_two_at_once(registry: Registry, manifest: Manifest) -> None:
    registry.append(glass(registry, manifest, "rita"), "rita", "vic")


def _over_a_rejection(registry: Registry, manifest: Manifest) -> None:
    registry.decide(manifest, registry.request(manifest), "vic", decision="reject")
    break_glass(registry, manifest)


def _of_a_set_that_no_longer_allows_it(registry: Registry, manifest: Manifest) -> None:
    registry.add_policy(registry.policy_version + 1, {"risk-approver": 1})
    break_glass(registry, manifest)


def _ended_and_logged_again(registry: Registry, manifest: Manifest) -> None:
    seq = break_glass(registry, manifest)
    registry.withdraw(manifest, seq)
    statement, envelope = glass(registry, manifest), registry.envelopes[seq]
    assert isinstance(envelope, bytes)
    registry.append_bytes(statement, envelope)


def _for_a_version_never_registered(registry: Registry, manifest: Manifest) -> None:
    other = Registry().register(8, weights=b"others")
    break_glass(registry, other)


def _with_an_unknown_word_for_a_time(registry: Registry, manifest: Manifest) -> None:
    break_glass(registry, manifest, expiresAt="tomorrow")


REFUSED: list[tuple[Attack, set[str]]] = [
    (_longer_than_allowed, {"BREAK_GLASS_REFUSED"}),
    (_expired_when_logged, {"BREAK_GLASS_REFUSED"}),
    (_in_a_role_the_set_does_not_name, {"BREAK_GLASS_REFUSED"}),
    (_in_a_role_not_held, {"ROLE_MISSING"}),
    (_in_somebody_elses_name, {"REVIEWER_MISMATCH"}),
    (_by_the_service, {"REVIEWER_MISMATCH"}),
    (_by_two_at_once, {"SIGNER_COUNT"}),
    (_over_a_rejection, {"BREAK_GLASS_REFUSED"}),
    (_of_a_set_that_no_longer_allows_it, {"BREAK_GLASS_REFUSED"}),
    (_ended_and_logged_again, {"BREAK_GLASS", "RECORD_REPLAYED"}),
    (_for_a_version_never_registered, {"SUBJECT_MISMATCH"}),
    (_with_an_unknown_word_for_a_time, {"PREDICATE_MALFORMED"}),
]


@pytest.mark.parametrize(("attack", "codes"), REFUSED, ids=[a.__name__ for a, _ in REFUSED])
def test_a_bent_one_opens_nothing_and_a_gate_that_said_otherwise_lied(
    attack: Attack, codes: set[str]
) -> None:
    registry, manifest = denied()
    attack(registry, manifest)

    assert b'"verdict":"deny"' in registry.gate(manifest)
    assert judge(registry, manifest, verdict="allow") == ("FAIL", codes | {"RECEIPT_FALSE"})


def test_an_answer_after_it_expired_is_false() -> None:
    registry, manifest = denied()
    break_glass(registry, manifest, hours=1)
    registry.now += timedelta(hours=2)

    assert judge(registry, manifest, verdict="allow") == ("FAIL", {"BREAK_GLASS", "RECEIPT_FALSE"})


def test_a_claim_that_calls_it_valid_is_false() -> None:
    registry, manifest = denied()
    registry.request(manifest)
    break_glass(registry, manifest)

    assert judge(registry, manifest, "valid") == (
        "FAIL",
        {"BREAK_GLASS", "CLAIM_FALSE", "QUORUM_NOT_MET"},
    )


def test_somebody_elses_withdrawal_ends_nothing() -> None:
    registry, manifest = denied()
    seq = break_glass(registry, manifest)
    registry.withdraw(manifest, seq, "vic")

    assert b'"verdict":"allow"' in registry.gate(manifest)
    assert judge(registry, manifest, verdict="deny") == (
        "FAIL",
        {"BREAK_GLASS", "ROLE_MISSING", "RECEIPT_FALSE"},
    )


def test_an_answer_over_the_unsigned_tail_is_false() -> None:
    registry, manifest = denied()
    seq = break_glass(registry, manifest)

    assert judge(registry, manifest, signedSize=seq) == ("FAIL", {"BREAK_GLASS", "RECEIPT_FALSE"})


@pytest.mark.parametrize("where", ["another version", "another environment"])
def test_one_replayed_elsewhere_opens_nothing_there(where: str) -> None:
    registry, manifest = denied()
    other = registry.register(8, weights=b"others")
    about = (other, {}) if where == "another version" else (manifest, {"environment": "staging"})
    statement = glass(registry, about[0], **about[1])
    registry.append(statement, "rita")
    # The same signature under a leaf that speaks of the version the operator wants let through.
    subjects = glass(registry, manifest).subjects
    envelope = sign_statement(statement, key("rita")).to_bytes()
    registry.append_bytes(Statement("break-glass", subjects, {}), envelope)
    refused = {"SUBJECT_MISMATCH"} if where == "another version" else {"RECORD_REPLAYED"}
    if where == "another version":
        registry.claims.append(Claim(other.digest, "production", "none"))
    else:
        registry.claims.append(Claim(manifest.digest, "staging", "none"))

    assert judge(registry, manifest, verdict="allow") == (
        "FAIL",
        {"BREAK_GLASS", "RECEIPT_FALSE", *refused},
    )


# Overrides.


def rejected(*, roots: int = 1) -> tuple[Registry, Manifest, int]:
    """A version that Rita approved and Vic rejected; the rejection's leaf. Two roots: Alice and Rita."""
    registry = Registry()
    if roots == 2:
        both = tuple(
            Person(
                person_id(name),
                tuple(Role(r) for r in ("owner", "policy", "root", "risk-approver")),
                (Key(key(name).public),),
            )
            for name in TWO_ROOTS
        )
        vic = registry.root.persons[2]
        root = altered_root(registry.root, version=2, root_threshold=2, persons=(*both, vic))
        registry.add_root(root, *TWO_ROOTS)
    manifest = registry.register()
    dossier = registry.request(manifest)
    registry.decide(manifest, dossier, "rita", role="risk-approver")
    return registry, manifest, registry.decide(manifest, dossier, "vic", decision="reject")


def test_an_honest_override_is_proved_and_named() -> None:
    registry, manifest, seq = rejected()
    override(registry, manifest, seq)

    assert judge(registry, manifest, "valid") == ("PASS", {"REJECTION_OVERRIDDEN"})


def test_two_of_two_override_together() -> None:
    registry, manifest, seq = rejected(roots=2)
    override(registry, manifest, seq, *TWO_ROOTS)

    assert judge(registry, manifest, "valid") == ("PASS", {"REJECTION_OVERRIDDEN"})


LIVE = {"CLAIM_FALSE", "REJECTED_BY_REVIEWER"}


def test_one_of_two_overrides_nothing() -> None:
    registry, manifest, seq = rejected(roots=2)
    override(registry, manifest, seq, "alice")

    assert judge(registry, manifest, "valid") == ("FAIL", LIVE | {"ROLE_MISSING"})


def test_a_reviewer_beside_one_root_overrides_nothing() -> None:
    registry, manifest, seq = rejected(roots=2)
    override(registry, manifest, seq, "alice", "vic")

    assert judge(registry, manifest, "valid") == ("FAIL", LIVE | {"ROLE_MISSING"})


def test_the_service_overrides_nothing() -> None:
    registry, manifest, seq = rejected()
    override(registry, manifest, seq, "service")

    assert judge(registry, manifest, "valid") == ("FAIL", LIVE | {"ROLE_MISSING"})


def test_an_override_that_names_an_approval_ends_no_rejection() -> None:
    registry, manifest, seq = rejected()
    override(registry, manifest, seq - 1)

    assert judge(registry, manifest, "valid") == ("FAIL", LIVE | {"SUBJECT_MISMATCH"})


def test_an_override_of_another_versions_rejection_ends_none_here() -> None:
    registry, manifest, _ = rejected()
    other = registry.register(8, weights=b"others")
    theirs = registry.decide(other, registry.request(other), "vic", decision="reject")
    override(registry, manifest, theirs)
    registry.claims.append(Claim(other.digest, "production", "none"))

    assert judge(registry, manifest, "valid") == ("FAIL", LIVE | {"SUBJECT_MISMATCH"})


def test_an_override_for_another_environment_ends_none_here() -> None:
    registry, manifest, seq = rejected()
    override(registry, manifest, seq, environment="staging")
    registry.claims.append(Claim(manifest.digest, "staging", "none"))

    assert judge(registry, manifest, "valid") == ("FAIL", LIVE | {"SUBJECT_MISMATCH"})


def test_an_override_logged_again_ends_no_later_rejection() -> None:
    registry, manifest, seq = rejected()
    first = override(registry, manifest, seq)
    dossier = registry.request(manifest)
    registry.decide(manifest, dossier)
    registry.decide(manifest, dossier, "vic", decision="reject")
    envelope = registry.envelopes[first]
    assert isinstance(envelope, bytes)
    statement = registry.records()[first].leaf
    registry.append_bytes(Statement("override", _subjects(manifest, statement.subjects[1]), {}), envelope)

    assert judge(registry, manifest, "valid") == (
        "FAIL",
        LIVE | {"REJECTION_OVERRIDDEN", "RECORD_REPLAYED"},
    )


def test_an_override_by_a_key_found_compromised_leaves_the_rejection() -> None:
    registry, manifest, seq = rejected(roots=2)
    at = override(registry, manifest, seq, *TWO_ROOTS)
    registry.revoke("rita", *TWO_ROOTS, reason="compromised", from_index=at)

    verdict, codes = judge(registry, manifest, "valid")

    assert (verdict, codes >= LIVE) == ("FAIL", True)


def _subjects(manifest: Manifest, decision: Any) -> Any:
    return (Subject(str(manifest.ref), manifest.digest), Subject("decision", decision))
