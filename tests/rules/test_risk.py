"""Tiers and ratings, followed by hand."""

from typing import Any

import pytest

from registry.rules.risk import assess, derive_tier, effective, rate, verify_risk_document
from registry.rules.risk_form import read_form
from schemas.canonical import canonical
from schemas.errors import Malformed, VerificationError
from schemas.governance import RiskForm, Score

TODAY = "2026-11-23"


def written(**changes: Any) -> dict[str, Any]:
    return {"exposure": 3, "purpose": 3, "summary": "Ranks applications.", **changes}


def risk(**changes: Any) -> dict[str, Any]:
    inherent = {"likelihood": 3, "impact": 4}
    return {
        "id": "R-1",
        "title": "t",
        "area": "fairness",
        "scenario": "intended",
        "inherent": inherent,
        **changes,
    }


def residual(likelihood: int, impact: int, role: str = "owner") -> dict[str, Any]:
    acceptor = {"who": "p-0011223344556677", "role": role, "accepted": "2026-11-20"}
    score = {"likelihood": likelihood, "impact": impact}
    return {**score, "justification": "Reviewed monthly.", "controls": ["aia:10.2f"], "acceptor": acceptor}


def override(tier: str, role: str, **more: str) -> dict[str, Any]:
    return {"tier": tier, "reason": "A small pilot.", "approver": "p-0011223344556677", "role": role, **more}


def form(**changes: Any) -> RiskForm:
    return read_form(written(**changes))


@pytest.mark.parametrize(
    ("exposure", "row"),
    [
        (5, "medium high high critical critical"),
        (4, "medium medium high high critical"),
        (3, "low medium medium high high"),
        (2, "low low medium medium high"),
        (1, "low low low medium medium"),
    ],
)
def test_exposure_and_purpose_meet_in_a_table(exposure: int, row: str):
    tiers = [assess(form(exposure=exposure, purpose=p), today=TODAY).tier.word for p in range(1, 6)]

    assert tiers == row.split()


@pytest.mark.parametrize(
    ("modifiers", "tier"),
    [
        ({}, "medium"),
        ({"opaque": True}, "medium"),
        ({"opaque": True, "complex": False}, "medium"),
        ({"opaque": True, "autonomous": True}, "high"),
        ({"opaque": True, "autonomous": True, "complex": True, "special_category_data": True}, "high"),
    ],
)
def test_two_modifiers_or_more_raise_one_step(modifiers: dict[str, bool], tier: str):
    assert assess(form(modifiers=modifiers), today=TODAY).tier.word == tier


def test_no_step_goes_beyond_critical():
    high = form(exposure=5, purpose=5, modifiers={"opaque": True, "complex": True})

    assert assess(high, today=TODAY).tier.word == "critical"


@pytest.mark.parametrize(
    ("floor", "tier"),
    [
        ("ai_act_high_risk", "high"),
        ("ll144_aedt", "high"),
        ("gdpr_22", "high"),
        ("customer_facing_generative", "medium"),
    ],
)
def test_a_floor_lifts_the_lowest_tier_and_never_lowers_the_highest(floor: str, tier: str):
    assert assess(form(exposure=1, purpose=1, floors={floor: True}), today=TODAY).tier.word == tier
    assert assess(form(exposure=5, purpose=5, floors={floor: True}), today=TODAY).tier.word == "critical"


def test_an_owner_may_set_a_higher_tier_and_every_step_is_shown():
    steps = derive_tier(form(override=override("critical", "owner"), floors={"gdpr_22": True}), today=TODAY)

    assert [(s.rule.split()[0], s.tier.word) for s in steps] == [
        ("table", "medium"),
        ("floor", "high"),
        ("override", "critical"),
    ]


def test_a_risk_approver_may_set_a_lower_tier_until_a_day():
    lowered = form(override=override("low", "risk-approver", expires="2026-12-31"))

    assert assess(lowered, today=TODAY).tier.word == "low"
    assert derive_tier(lowered, today="2027-01-01")[-1].tier.word == "medium"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            override("low", "owner", expires="2026-12-31"),
            "only a risk approver may lower medium, found owner",
        ),
        (override("low", "risk-approver"), "lowering medium to low needs an end"),
        (override("medium", "owner"), "the tier is medium without it"),
        (override("low", "risk-approver", expires="2026-11-22"), "2026-11-22 is over"),
        (override("low", "risk-approver", expires="2027-02-30"), "there is no day 2027-02-30"),
    ],
)
def test_an_override_without_its_conditions_is_refused(given: dict[str, Any], words: str):
    with pytest.raises(Malformed, match=words):
        assess(form(override=given), today=TODAY)


@pytest.mark.parametrize(
    ("likelihood", "impact", "word"),
    [
        (1, 4, "low"),
        (5, 1, "medium"),
        (3, 3, "medium"),
        (2, 5, "high"),
        (4, 4, "high"),
        (4, 5, "critical"),
        (1, 5, "medium"),
    ],
)
def test_a_risk_is_rated_by_likelihood_times_impact(likelihood: int, impact: int, word: str):
    assert rate(Score(likelihood=likelihood, impact=impact)).word == word


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (residual(4, 4, "committee"), r"risks\[0\].residual: 4 x 4 \(high\) is more than the inherent 3 x 4"),
        (residual(2, 5, "committee"), "2 x 5 .high. is more than the inherent"),
        (residual(3, 4, "owner"), "owner accepts up to medium, this is high"),
    ],
)
def test_what_is_left_is_never_more_than_there_was_and_accepted_by_who_may(left: dict[str, Any], words: str):
    with pytest.raises(Malformed, match=words):
        assess(form(risks=[risk(residual=left)]), today=TODAY)


def test_a_risk_approver_accepts_high_and_only_a_committee_accepts_critical():
    worst = {"likelihood": 5, "impact": 5}

    assess(form(risks=[risk(residual=residual(3, 4, "risk-approver"))]), today=TODAY)
    assess(form(risks=[risk(inherent=worst, residual=residual(4, 5, "committee"))]), today=TODAY)
    with pytest.raises(Malformed, match="risk-approver accepts up to high, this is critical"):
        assess(form(risks=[risk(inherent=worst, residual=residual(4, 5, "risk-approver"))]), today=TODAY)


def test_the_residual_rating_holds_only_while_every_control_does():
    (entry,) = form(risks=[risk(residual=residual(1, 2))]).risks

    assert effective(entry, lambda control: control == "aia:10.2f").word == "low"
    assert effective(entry, lambda control: False).word == "high"


def test_every_problem_is_reported_at_once_with_its_path():
    bad = written(
        exposure=9,
        nonsense=1,
        modifiers={"opaque": "yes"},
        risks=[risk(area="weather", residual={**residual(1, 1), "controls": []})],
    )
    del bad["summary"]

    with pytest.raises(Malformed) as caught:
        read_form(bad)

    for words in (
        "exposure: 9 is greater than the maximum of 5",
        'modifiers.opaque: "yes" is not of type "boolean"',
        'risks[0].area: "weather" is not one of',
        "risks[0].residual.controls: [] has less than 1 item",
        '"summary" is a required property',
        "'nonsense' was unexpected",
    ):
        assert words in caught.value.message


@pytest.mark.parametrize("value", [None, [], "text", {"exposure": True, "purpose": 1, "summary": "x"}])
def test_what_is_no_assessment_is_refused_by_shape(value: object):
    with pytest.raises(Malformed):
        read_form(value)


def test_a_risk_that_stands_twice_is_refused():
    with pytest.raises(Malformed, match=r"risks\[1\].id: 'R-1' stands twice"):
        assess(form(risks=[risk(), risk()]), today=TODAY)


def full() -> dict[str, Any]:
    return written(
        affected_people="Applicants.",
        floors={"gdpr_22": True, "ai_act_high_risk": True},
        modifiers={"special_category_data": True, "opaque": True},
        override=override("medium", "risk-approver", expires="2026-12-31"),
        risks=[
            risk(id="R-2", due="2027-01-31", owner="Credit", affected=["women"]),
            risk(residual=residual(2, 4)),
        ],
    )


def test_the_document_is_canonical_and_follows_from_what_was_assessed():
    data = assess(read_form(full()), today=TODAY).to_bytes()

    again = verify_risk_document(data)

    assert again.to_bytes() == data
    document = again.to_document()
    assert document["tier"] == "medium"
    assert document["derivation"]["cell"] == "medium"
    assert document["derivation"]["floors"] == ["aiActHighRisk", "gdpr22"]
    assert [r["id"] for r in document["risks"]] == ["R-1", "R-2"]
    assert document["risks"][0]["residual"]["rating"] == "medium"
    assert document["risks"][1]["residual"] == {"absent": "not-assessed"}


@pytest.mark.parametrize(
    "damage",
    [{"tier": "low"}, {"summary": 3}, {"semantics": 2}, {"risks": [{}]}, {"extra": 1}, {"derivation": {}}],
)
def test_a_document_that_does_not_follow_is_refused(damage: dict[str, Any]):
    document = {**assess(read_form(full()), today=TODAY).to_document(), **damage}

    with pytest.raises(VerificationError, match=r"RISK_MISMATCH|RISK_MALFORMED"):
        verify_risk_document(canonical(document))
