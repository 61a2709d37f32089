"""The gate over a bundle says what the gate over the registry said, and nothing over a bad bundle."""

import pytest

from registry.bundle import contents as at
from registry.bundle.auditor import Auditor
from registry.bundle.gate import BundleAnswer, answer_from_bundle
from registry.trust.cosignature import witness_vkey
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import NotFound
from tests.attacks.forger import forge
from tests.attacks.simulator import ENV, altered_root, honest, key

REGISTRY, VERSION, DOSSIER, SEQ = honest()
REGISTRY.claim(VERSION, "valid")
BUNDLE = REGISTRY.bundle()
NOW = "2026-12-01T00:00:00Z"
OTHER = Digest.of(b"other bytes")


def ask(
    ref: VersionRef | None = None,
    *digests: Digest,
    data: bytes = BUNDLE,
    environment: str = ENV,
    when: str = NOW,
    anchor: Digest | None = REGISTRY.anchor,
) -> BundleAnswer:
    return answer_from_bundle(data, ref, digests, environment, at=when, auditor=Auditor(anchor=anchor))


@pytest.mark.parametrize(
    "found",
    [ask(VERSION.ref), ask(None, VERSION.artifact), ask(None, VERSION.files[0].digest)],
    ids=["by name", "by artifact", "by file"],
)
def test_it_allows_what_the_bundle_proves(found: BundleAnswer) -> None:
    assert (found.answer.verdict, found.answer.status, found.exit_code) == ("allow", "valid", 0)
    assert (found.subject, found.manifest) == ("retail/credit-risk@7", VERSION.digest)


def test_it_denies_after_the_approval_ran_out() -> None:
    found = ask(VERSION.ref, when="2028-01-01T00:00:00Z")
    assert (found.answer.verdict, found.answer.status, found.exit_code) == ("deny", "expired", 1)


def test_it_denies_where_nobody_approved() -> None:
    found = ask(VERSION.ref, environment="staging")
    assert (found.answer.verdict, found.answer.status, found.exit_code) == ("deny", "none", 1)


def test_it_denies_other_bytes_under_the_right_name() -> None:
    found = ask(VERSION.ref, OTHER)
    assert found.answer.verdict == "deny"
    assert "ARTIFACT_MISMATCH" in found.answer.why[0]


@pytest.mark.parametrize("data", [b"", BUNDLE[:-1], forge(BUNDLE, lambda p: p.pop(at.RECEIPTS))])
def test_it_answers_unproven_over_a_bad_bundle(data: bytes) -> None:
    found = ask(VERSION.ref, data=data)
    assert (found.answer.verdict, found.exit_code) == ("unproven", 3)


def test_it_answers_unproven_without_an_anchor() -> None:
    found = ask(VERSION.ref, anchor=None)
    assert (found.answer.verdict, found.exit_code) == ("unproven", 3)
    assert "UNANCHORED" in found.answer.why[0]


def test_it_answers_unproven_where_witnesses_are_asked_for_and_absent() -> None:
    registry, version, _, _ = honest()
    witness = witness_vkey("witness.example/w1", key("witness").public)
    registry.add_root(altered_root(registry.root, version=2, witnesses=(witness,), witness_quorum=1), "alice")
    found = ask(version.ref, data=registry.bundle(), anchor=registry.anchor)
    assert found.answer.why == ("the bundle is UNPROVEN: WITNESS_QUORUM",)


def test_it_asks_the_log_where_the_bundle_claims_nothing() -> None:
    registry, version, _, seq = honest()
    assert ask(version.ref, data=registry.bundle(), anchor=registry.anchor).answer.verdict == "allow"
    registry.withdraw(version, seq)
    last = registry.records()[-1].leaf
    registry.envelopes[-1] = at.Withheld(last.body, "omitted")
    assert ask(version.ref, data=registry.bundle(), anchor=registry.anchor).answer.verdict == "unproven"


def test_it_does_not_find_what_is_not_there() -> None:
    with pytest.raises(NotFound):
        ask(VersionRef("retail", "credit-risk", 8))
    with pytest.raises(NotFound):
        ask(None, OTHER)
