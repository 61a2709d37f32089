"""The gate over a bundle says what the gate over the registry said, and nothing over a bad bundle."""

import pytest

from registry.bundle import contents as at
from registry.bundle.gate import answer_from_bundle
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import NotFound
from tests.attacks.forger import forge
from tests.attacks.simulator import ENV, honest

REGISTRY, VERSION, DOSSIER, SEQ = honest()
REGISTRY.claim(VERSION, "valid")
BUNDLE = REGISTRY.bundle()
NOW = "2026-12-01T00:00:00Z"


@pytest.mark.parametrize("wanted", [VERSION.ref, VERSION.artifact, VERSION.files[0].digest])
def test_it_allows_what_the_bundle_proves(wanted: VersionRef | Digest) -> None:
    answer = answer_from_bundle(BUNDLE, wanted, ENV, at=NOW, anchor=REGISTRY.anchor)
    assert (answer.verdict, answer.status) == ("allow", "valid")


def test_it_denies_after_the_approval_ran_out_and_elsewhere() -> None:
    late = answer_from_bundle(BUNDLE, VERSION.ref, ENV, at="2028-01-01T00:00:00Z", anchor=REGISTRY.anchor)
    assert (late.verdict, late.status) == ("deny", "expired")
    elsewhere = answer_from_bundle(BUNDLE, VERSION.ref, "staging", at=NOW, anchor=REGISTRY.anchor)
    assert (elsewhere.verdict, elsewhere.status) == ("deny", "none")


def test_it_answers_unproven_without_an_anchor_or_over_a_bad_bundle() -> None:
    bad = forge(BUNDLE, lambda payload: payload.pop(at.RECEIPTS))
    assert answer_from_bundle(BUNDLE, VERSION.ref, ENV, at=NOW, anchor=None).verdict == "unproven"
    assert answer_from_bundle(bad, VERSION.ref, ENV, at=NOW, anchor=REGISTRY.anchor).verdict == "unproven"
    assert answer_from_bundle(b"", VERSION.ref, ENV, at=NOW, anchor=REGISTRY.anchor).verdict == "unproven"


@pytest.mark.parametrize("wanted", [VersionRef("retail", "credit-risk", 8), Digest.of(b"other bytes")])
def test_it_does_not_find_what_is_not_there(wanted: VersionRef | Digest) -> None:
    with pytest.raises(NotFound):
        answer_from_bundle(BUNDLE, wanted, ENV, at=NOW, anchor=REGISTRY.anchor)
