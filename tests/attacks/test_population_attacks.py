"""What a bundle says it was asked for, counts, claims, holds back and calls people is held to its log."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from registry.bundle import contents as at
from registry.bundle.contents import Withheld
from registry.bundle.summary import Asked, HeldBack
from registry.bundle.verify import Answer, verify_bundle
from registry.bundle.write import write_bundle
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.ledger import parse_leaf
from tests.attacks.forger import forge
from tests.attacks.simulator import ENV, Registry, honest, key, person_id


def two() -> tuple[Registry, Digest, Digest]:
    """Return a registry with version 7 approved and claimed, and version 8 rejected."""
    registry, manifest, _, _ = honest()
    rejected = registry.register(8, weights=b"other")
    registry.decide(rejected, registry.request(rejected), decision="reject")
    registry.claim(manifest, "valid")
    return registry, manifest.digest, rejected.digest


REGISTRY, SEVENTH, EIGHTH = two()
BUNDLE = REGISTRY.bundle()


def edited(change: Callable[[dict[str, Any]], object]) -> Answer:
    """Verify the bundle with its bundle.json changed and everything else repaired."""

    def edit(payload: dict[str, bytes]) -> None:
        value = parse_canonical(payload[at.SUMMARY])
        change(value)
        payload[at.SUMMARY] = canonical(value)

    return verify_bundle(forge(BUNDLE, edit), anchor=REGISTRY.anchor)


def asked(**scope: Any) -> Answer:
    """Verify the bundle of an exporter who states another scope."""
    registry, _, _ = two()
    registry.asked = Asked(**scope)
    return registry.verify()


COUNTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "fewer leaves": lambda p: p.update(leaves=p["leaves"] - 1),
    "another first leaf": lambda p: p.update(first="0" * 64),
    "another last leaf": lambda p: p.update(last=p["first"]),
    "another type": lambda p: p["types"].update(withdrawn=1),
    "fewer of a type": lambda p: p["types"].update(approval=0),
    "more enclosed": lambda p: p["enclosed"].update(approval=9),
    "fewer versions": lambda p: p.update(versions=0),
    "more claims": lambda p: p.update(claims=9),
    "a word more": lambda p: p.update(weather="fine"),
    "a word less": lambda p: p.pop("versions"),
    "nothing": lambda p: p.clear(),
    "words for numbers": lambda p: p.update(leaves="many"),
    "a line of its own": lambda p: p.update({"x\nverdict PASS": 1}),
}


@pytest.mark.parametrize("case", COUNTS)
def test_a_population_is_refused_that_states(case: str) -> None:
    answer = edited(lambda value: COUNTS[case](value["population"]))
    assert (answer.verdict, answer.codes) == ("FAIL", ("POPULATION_MISMATCH",))
    assert not any("\n" in finding.message for finding in answer.checks)


def test_a_claim_outside_the_scope_that_is_stated_is_refused() -> None:
    assert asked(subjects=("retail/credit-risk@8",)).codes == ("CLAIM_MISSING", "POPULATION_MISMATCH")
    elsewhere = asked(subjects=("retail/credit-risk@7",), environments=("staging",))
    assert (elsewhere.verdict, "POPULATION_MISMATCH" in elsewhere.codes) == ("FAIL", True)


def test_a_version_of_the_scope_whose_status_is_not_claimed_leaves_it_unproven() -> None:
    for scope in (
        {"namespaces": ("retail",)},
        {},
        {"subjects": ("retail/credit-risk@7", "retail/credit-risk@8")},
    ):
        answer = asked(**scope)
        assert (answer.verdict, answer.codes) == ("UNPROVEN", ("CLAIM_MISSING",))


def test_a_version_whose_records_are_left_out_cannot_hide_its_rejection() -> None:
    registry, _, _ = two()
    registry.asked = Asked(namespaces=("retail",))
    for seq, leaf in enumerate(map(parse_leaf, registry.leaves)):
        if EIGHTH in leaf.subjects and leaf.type != "version-registered":
            registry.envelopes[seq] = Withheld(leaf.body, "omitted")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("CLAIM_MISSING",))


def test_a_registration_that_is_left_out_may_hide_a_version_of_the_scope() -> None:
    registry, _, _ = two()
    registry.asked = Asked(namespaces=("retail",))
    for seq, leaf in enumerate(map(parse_leaf, registry.leaves)):
        if EIGHTH in leaf.subjects:
            registry.envelopes[seq] = Withheld(leaf.body, "omitted")
    answer = registry.verify()
    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("POPULATION_UNPROVEN",))
    registry.asked = Asked(subjects=("retail/credit-risk@7",))
    assert registry.verify().verdict == "PASS"


def test_a_version_asked_for_by_name_that_is_not_in_the_log_is_said() -> None:
    answer = asked(subjects=("retail/credit-risk@7", "retail/fraud@1"))
    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("POPULATION_UNPROVEN",))


def test_the_period_is_read_from_the_log() -> None:
    assert asked(until="2026-11-23T10:04:30Z").verdict == "PASS"  # version 8 came later
    assert asked(until="2026-11-23T10:05:00Z").codes == ("CLAIM_MISSING",)
    late = asked(since="2026-11-23T10:04:00Z", until="2026-11-23T10:04:30Z")
    assert (late.verdict, late.record["population"]["versions"]) == ("PASS", 1)


SHAPES: dict[str, Callable[[dict[str, Any]], object]] = {
    "a member more": lambda v: v.update(z=1),
    "no profile of ours": lambda v: v.update(profile="partial"),
    "claims that are no list": lambda v: v.update(claims={}),
    "a claim with a word more": lambda v: v["claims"][0].update(z=1),
    "a claim twice": lambda v: v["claims"].append(v["claims"][0]),
    "a subject that is no digest": lambda v: v["claims"][0].update(subject="7"),
    "a status with a line end": lambda v: v["claims"][0].update(status="valid\n"),
    "a scope with a word more": lambda v: v["scope"].update(z=1),
    "a scope that is none": lambda v: v.update(scope=[]),
    "a subject without a version": lambda v: v["scope"].update(subjects=["retail/credit-risk"]),
    "a subject with a leading zero": lambda v: v["scope"].update(subjects=["retail/credit-risk@07"]),
    "subjects out of order": lambda v: v["scope"].update(subjects=["b/b@1", "a/a@1"]),
    "an environment twice": lambda v: v["scope"].update(environments=[ENV, ENV]),
    "a namespace that is none": lambda v: v["scope"].update(namespaces=["a b"]),
    "a time that is none": lambda v: v["scope"].update(since="2026-13-01T00:00:00Z"),
    "a time that is a number": lambda v: v["scope"].update(until=0),
    "a period that ends before it begins": lambda v: v["scope"].update(
        since="2026-02-01T00:00:00Z", until="2026-01-01T00:00:00Z"
    ),
    "a document held back without a reason": lambda v: v.update(withheld=[{"digest": SEVENTH}]),
    "a reason of many words": lambda v: v.update(withheld=[{"digest": SEVENTH, "reason": "a b"}]),
    "a reason that is long": lambda v: v.update(withheld=[{"digest": SEVENTH, "reason": "a" * 41}]),
    "a document held back twice": lambda v: v.update(
        withheld=[{"digest": SEVENTH, "reason": "a"}, {"digest": SEVENTH, "reason": "b"}]
    ),
    "a population that is none": lambda v: v.update(population=[]),
}


@pytest.mark.parametrize("case", SHAPES)
def test_a_bundle_json_is_refused_with(case: str) -> None:
    assert edited(SHAPES[case]).codes == ("BUNDLE_JSON",)


@pytest.mark.parametrize(
    ("digest", "code"),
    [(SEVENTH, "WITHHELD_ENCLOSED"), (Digest.of(b"nobody names this"), "BODY_UNREFERENCED")],
)
def test_a_document_said_to_be_held_back_is_named_and_not_here(digest: Digest, code: str) -> None:
    contents = msgspec.structs.replace(REGISTRY.contents(), withheld=(HeldBack(digest, "private"),))
    answer = verify_bundle(write_bundle(contents, key("service")), anchor=REGISTRY.anchor)
    assert (answer.verdict, answer.codes) == ("FAIL", (code,))


@pytest.mark.parametrize("reason", ["", "Private", "two words", "x" * 41, 7, None])
def test_a_record_held_back_gives_its_reason_in_a_word(reason: Any) -> None:
    row = canonical({"digest": parse_leaf(REGISTRY.leaves[-1]).body, "reason": reason, "state": "withheld"})

    def edit(payload: dict[str, bytes]) -> None:
        lines = at.lines_of(payload[at.ATTESTATIONS], at.ATTESTATIONS)
        payload[at.ATTESTATIONS] = b"".join(line + b"\n" for line in [*lines[:-1], row])

    assert verify_bundle(forge(BUNDLE, edit), anchor=REGISTRY.anchor).codes == ("BODY_MISSING",)


def test_names_are_shown_beside_the_ids_they_belong_to() -> None:
    contents = msgspec.structs.replace(REGISTRY.contents(), names={person_id("rita"): "rita@acme.example"})
    bundle = write_bundle(contents, key("service"))
    answer = verify_bundle(bundle, anchor=REGISTRY.anchor)
    assert (answer.verdict, answer.codes) == ("PASS", ())
    assert answer.record["names"] == {person_id("rita"): "rita@acme.example"}


NAMES: dict[str, Any] = {
    "for nobody": {},
    "that is a list": [],
    "for a word": {"rita": "rita"},
    "of two lines": {person_id("rita"): "rita\nverdict PASS"},
    "that turns the text": {person_id("rita"): "rita\N{RIGHT-TO-LEFT OVERRIDE}"},
    "that is empty": {person_id("rita"): ""},
    "that is long": {person_id("rita"): "r" * 201},
    "that is a number": {person_id("rita"): 7},
    "for somebody no record names": {"p-" + "0" * 16: "mallory"},
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_is_refused(case: str) -> None:
    def edit(payload: dict[str, bytes]) -> None:
        payload[at.NAMES] = canonical(NAMES[case])

    answer = verify_bundle(forge(BUNDLE, edit), anchor=REGISTRY.anchor)
    assert (answer.verdict, answer.codes) == ("FAIL", ("NAMES_MALFORMED",))
