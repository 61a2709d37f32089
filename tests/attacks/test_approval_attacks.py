"""Approvals that are missing, forged, replayed, misdirected or taken back, and claims that hide it."""

from collections.abc import Callable
from typing import Any

import pytest

from registry.bundle import contents as at
from registry.bundle.verify import verify_bundle
from registry.trust.dsse import sign_statement
from registry.trust.trust_root import Key, Person, Role
from schemas.asset import Manifest
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.statement import Statement, Subject, parse_envelope, parse_statement
from tests.attacks.forger import forge
from tests.attacks.simulator import PEOPLE, Registry, altered_root, honest, key, person_id

Attack = Callable[[Registry, Manifest, Digest], None]


def _asked(need: dict[str, int] | None = None) -> tuple[Registry, Manifest, Digest]:
    registry = Registry(need=need)
    manifest = registry.register()
    return registry, manifest, registry.request(manifest)


def _nothing(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
    """Nobody decides."""


def _decide(who: str = "rita", signer: str | None = None, **changed: Any) -> Attack:
    def attack(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
        statement = registry.approval(manifest, dossier, who, **changed)
        registry.append(statement, signer or who)

    return attack


def _for_another_version(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
    other = registry.register(8, weights=b"others")
    registry.decide(other, registry.request(other))


def _with_its_dossier_swapped(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
    registry.decide(manifest, Digest.of(b"a dossier nobody froze"))


def _of_a_name_it_is_not(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
    statement = registry.approval(manifest, dossier)
    subjects = (Subject("retail/credit-risk@8", manifest.digest), statement.subjects[1])
    registry.append(Statement("approval", subjects, statement.predicate), "rita")


def _then(attack: str) -> Attack:
    def act(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
        seq = registry.decide(manifest, dossier)
        match attack:
            case "withdrawn":
                registry.withdraw(manifest, seq)
            case "rejected by another":
                registry.decide(manifest, dossier, "vic", decision="reject")
            case "changed his mind":
                registry.decide(manifest, dossier, decision="reject")
            case "key compromised":
                registry.revoke("rita", "alice", reason="compromised", from_index=seq)

    return act


def _after_its_key_was_revoked(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
    registry.revoke("rita", "alice")
    registry.decide(manifest, dossier)


def _closed_by_a_later_request(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
    registry.request(manifest)
    registry.decide(manifest, dossier)


def _log_context(**changed: Any) -> Attack:
    def attack(registry: Registry, manifest: Manifest, dossier: Digest) -> None:
        context = registry.approval(manifest, dossier).predicate["logContext"]
        registry.decide(manifest, dossier, logContext=context | changed)

    return attack


CASES: dict[str, tuple[Attack, str]] = {
    "is missing": (_nothing, "QUORUM_NOT_MET"),
    "is by a key nobody enrolled": (_decide("mallory"), "SIGNER_UNKNOWN"),
    "is signed in a reviewer's name by another": (_decide("rita", "vic"), "REVIEWER_MISMATCH"),
    "is signed by the service": (_decide("rita", "service"), "REVIEWER_MISMATCH"),
    "is for another version": (_for_another_version, "CLAIM_FALSE"),
    "is for staging": (_decide(environment="staging"), "QUORUM_NOT_MET"),
    "is of a dossier nobody froze": (_with_its_dossier_swapped, "SUBJECT_MISMATCH"),
    "is under another name": (_of_a_name_it_is_not, "SUBJECT_MISMATCH"),
    "is in a role not held": (_decide("vic", role="risk-approver"), "ROLE_MISSING"),
    "is in a role the rule does not ask": (_decide("vic"), "QUORUM_NOT_MET"),
    "is an abstention": (_decide(decision="abstain"), "QUORUM_NOT_MET"),
    "is a rejection": (_decide(decision="reject"), "REJECTED_BY_REVIEWER"),
    "is backdated": (_decide(decidedAt="2026-10-23T10:00:00Z"), "BACKDATED"),
    "is postdated": (_decide(decidedAt="2026-12-23T10:00:00Z"), "POSTDATED"),
    "says a decision that does not exist": (_decide(decision="bless"), "PREDICATE_MALFORMED"),
    "was made over another registry": (
        _log_context(origin="muniment.dev/log/" + "f" * 32),
        "APPROVAL_OTHER_REGISTRY",
    ),
    "saw leaves that came later": (_log_context(treeSize=99), "LOG_CONTEXT_FORK"),
    "saw another history": (_log_context(rootHash="A" * 43 + "="), "LOG_CONTEXT_FORK"),
    "is withdrawn": (_then("withdrawn"), "CLAIM_FALSE"),
    "is followed by another's rejection": (_then("rejected by another"), "REJECTED_BY_REVIEWER"),
    "is followed by its own rejection": (_then("changed his mind"), "REJECTED_BY_REVIEWER"),
    "is by a key found compromised": (_then("key compromised"), "CLAIM_FALSE"),
    "is by a key revoked before": (_after_its_key_was_revoked, "KEY_REVOKED"),
    "is of a dossier a later request closed": (_closed_by_a_later_request, "DOSSIER_CLOSED"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_version_is_not_valid_when_its_approval(case: str) -> None:
    attack, code = CASES[case]
    registry, manifest, dossier = _asked()
    attack(registry, manifest, dossier)
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert answer.verdict == "FAIL"
    assert code in answer.codes
    assert registry.state().find_version(manifest.digest) is not None


def test_what_does_not_count_is_named_and_a_true_claim_beside_it_passes() -> None:
    registry, manifest, dossier = _asked()
    registry.decide(manifest, dossier)
    registry.append(registry.approval(manifest, dossier, "mallory"), "mallory")
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("PASS", ("SIGNER_UNKNOWN",))
    assert [row["leaf"] for row in answer.record["refused"]] == [5]


def test_one_person_in_two_roles_fills_one_slot() -> None:
    registry = Registry(need={"risk-approver": 1, "validator": 1})
    both = Person(person_id("rita"), (Role("risk-approver"), Role("validator")), (Key(key("rita").public),))
    others = tuple(p for p in registry.root.persons if p.id != both.id)
    registry.add_root(altered_root(registry.root, version=2, persons=(*others, both)), "alice")
    manifest = registry.register()
    dossier = registry.request(manifest)
    registry.decide(manifest, dossier)
    registry.decide(manifest, dossier, role="validator")
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert answer.verdict == "FAIL"
    assert answer.codes == ("CLAIM_FALSE", "QUORUM_NOT_MET")


def test_the_author_does_not_approve_their_own_version() -> None:
    registry, manifest, dossier = _asked({"developer": 1})
    registry.decide(manifest, dossier, "alice", role="developer")
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert answer.verdict == "FAIL"
    assert "SEPARATION_OF_DUTIES" in answer.codes


def test_the_same_approval_logged_twice_is_a_replay() -> None:
    registry, manifest, _, seq = honest()
    registry.withdraw(manifest, seq)
    envelope = registry.envelopes[seq]
    assert isinstance(envelope, bytes)
    registry.append_bytes(parse_statement(parse_envelope(envelope).payload), envelope)
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert answer.verdict == "FAIL"
    assert {"APPROVAL_REPLAYED", "CLAIM_FALSE"} <= set(answer.codes)


def test_a_withdrawal_by_somebody_else_changes_nothing() -> None:
    registry, manifest, _, seq = honest()
    registry.withdraw(manifest, seq, "rita", signer="vic")
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("PASS", ("REVIEWER_MISMATCH",))


def test_a_rejection_the_operator_rewrites_into_an_approval_has_no_signature() -> None:
    registry, manifest, dossier = _asked()
    statement = registry.approval(manifest, dossier, decision="reject")
    signed = sign_statement(statement, key("rita"))
    altered = Statement("approval", statement.subjects, statement.predicate | {"decision": "approve"})
    forged = type(signed)(altered.payload(), signed.signatures)
    registry.append_bytes(altered, forged.to_bytes())
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert answer.verdict == "FAIL"
    assert {"SIGNATURE_INVALID", "CLAIM_FALSE", "QUORUM_NOT_MET"} <= set(answer.codes)


def test_a_version_number_is_never_used_twice() -> None:
    registry, manifest, _, _ = honest()
    registry.register(7, weights=b"other weights")
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert answer.verdict == "FAIL"
    assert "VERSION_REUSED" in answer.codes


def test_a_claim_about_a_version_nobody_registered_is_refused() -> None:
    registry, _, _, _ = honest()
    registry.claims.append(at.Claim(Digest.of(b"nothing"), "production", "none"))
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("FAIL", ("CLAIM_MISSING", "CLAIM_SUBJECT"))


def test_a_bundle_that_claims_nothing_proves_nothing() -> None:
    registry, _, _, _ = honest()
    answer = registry.verify()
    assert (answer.verdict, answer.codes, answer.exit_code) == ("UNPROVEN", ("NO_CLAIM",), 3)


@pytest.mark.parametrize(
    ("state", "more"), [("omitted", ()), ("withheld", ()), ("redacted", ("REDACTION_UNLOGGED",))]
)
def test_a_record_that_is_held_back_leaves_the_answer_unproven(state: str, more: tuple[str, ...]) -> None:
    registry, manifest, _, seq = honest()
    registry.withdraw(manifest, seq)
    registry.claim(manifest, "valid")
    last = registry.records()[-1].leaf
    registry.envelopes[-1] = at.Withheld(last.body, state, "private" if state == "withheld" else "")  # type: ignore[arg-type]
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("BODY_MISSING", *more))


@pytest.mark.parametrize("honest_word", ["none", "stale"])
def test_a_true_claim_of_a_bad_status_passes(honest_word: str) -> None:
    registry, manifest, dossier, seq = honest()
    if honest_word == "stale":
        predicate = {
            "base": dossier,
            "environment": "production",
            "nonce": "0" * 32,
            "parts": [{"cause": "a training input changed", "part": "lineage"}],
            "through": seq,
            "to": dossier,
        }
        subjects = (Subject(str(manifest.ref), manifest.digest), Subject("dossier", dossier))
        registry.append(Statement("dossier-changed", subjects, predicate), "service")
    else:
        registry.decide(manifest, dossier, decision="reject")
    registry.claim(manifest, honest_word)
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert answer.record["claims"][0]["status"] == honest_word


def test_an_approval_that_ran_out_is_expired_at_the_auditors_time() -> None:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")
    answer = registry.verify(at="2028-01-01T00:00:00Z")
    assert answer.verdict == "PASS"
    assert answer.session["statuses"] == [
        {"environment": "production", "name": "retail/credit-risk@7", "status": "expired"}
    ]


def test_a_claim_the_exporter_changes_is_false() -> None:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")

    def lie(payload: dict[str, bytes]) -> None:
        value = parse_canonical(payload[at.SUMMARY])
        value["claims"][0]["status"] = "valid-with-conditions"
        payload[at.SUMMARY] = canonical(value)

    answer = verify_bundle(forge(registry.bundle(), lie), anchor=registry.anchor)
    assert (answer.verdict, answer.codes) == ("FAIL", ("CLAIM_FALSE",))


def test_an_environment_the_bundle_leaves_out_is_named() -> None:
    registry, manifest, _, _ = honest()
    registry.request(manifest, environment="staging")
    registry.claim(manifest, "valid")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("PASS", ("UNCLAIMED",))


def test_erased_words_change_no_verdict() -> None:
    registry, manifest, dossier = _asked()
    seq = registry.decide(manifest, dossier, conditions=[registry.put(b"sixteen bytes ok" + b"monitor it")])
    registry.claim(manifest, "valid-with-conditions")
    assert (registry.verify().verdict, registry.verify().codes) == ("PASS", ())
    for digest in [d for d, data in registry.bodies.items() if data.startswith(b"sixteen bytes ok")]:
        del registry.bodies[digest]
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("PASS", ("TEXT_ERASED",))
    assert seq == answer.record["claims"][0]["approvals"][0]["leaf"]


def test_everybody_in_the_simulator_has_a_key_of_their_own() -> None:
    assert len({key(name).public for name in PEOPLE}) == len(PEOPLE)
