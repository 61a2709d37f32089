"""Typed checks: a result, a sentence and the values it rests on; what cannot be computed is an error."""

from decimal import Decimal
from typing import Any

import pytest

from registry.rules.check_rules import (
    ArtifactCheck,
    BiasCheck,
    Check,
    CheckRule,
    EvidenceCheck,
    Fraction,
    LineageCheck,
    RiskCheck,
    TrainingDataCheck,
)
from registry.rules.checks import CheckInputs, LineageSummary, evaluate_check, evaluate_checks
from registry.rules.dossier import EvidenceRow
from registry.rules.policy import ApprovalRule, PolicySet
from schemas.digest import Digest
from schemas.evaluation import BiasCheck as BiasDocument
from schemas.evaluation import BiasInput, GroupCounts, GroupResult, Polarity
from schemas.exact import ABSENT, Bounds, Ratio

A = Digest.of(b"a")
KNOWN = LineageSummary(training_known=True, datasets=2, gaps=1, weakest="reported")
UNKNOWN = LineageSummary(training_known=False, datasets=0, gaps=1, weakest="absent")


def inputs(**more: Any) -> CheckInputs:
    whole: dict[str, Any] = {
        "evaluated_at": "2026-06-01T00:00:00Z",
        "artifact_level": "verified",
        "lineage": KNOWN,
    }
    return CheckInputs(**{**whole, **more})


def rule(check: Check) -> CheckRule:
    return CheckRule(id="r", title="t", severity="block", check=check)


def group(label: str, n: int, ratio: Ratio, **more: Any) -> GroupResult:
    counts = GroupCounts(label, n, 0, excluded=more.pop("excluded", None))
    return GroupResult(counts, Ratio(0, n), Ratio(0, n), impact_ratio=ratio, **more)


def document(*groups: GroupResult, reference: str = "men") -> BiasDocument:
    polarity = Polarity("hired")
    given = BiasInput("sex", "general", "best", polarity, 0, tuple(g.counts for g in groups))
    return BiasDocument(given, reference, groups)


MEN = group("men", 500, Ratio(1, 1))
EXACTLY = document(MEN, group("women", 400, Ratio(4, 5)))
BELOW = document(MEN, group("women", 400, Ratio(799_999_999_999, 1_000_000_000_000)))
SMALL = document(MEN, group("women", 29, Ratio(1, 5)))
NO_RATIO = document(MEN, group("women", 400, ABSENT))
LEFT_OUT = document(MEN, group("women", 400, Ratio(9, 10)), group("other", 90, Ratio(1, 9), excluded="rule"))
CLEAR = document(MEN, group("women", 400, Ratio(79, 100), bounds=Bounds(Decimal("0.738"), Decimal("0.846"))))
BIAS = BiasCheck(attributes=("sex",))
LOWER = BiasCheck(attributes=("sex",), rule="ci_lower")
UPPER = BiasCheck(attributes=("sex",), rule="ci_upper")


def evidence(kind: str, until: str | None = None) -> EvidenceRow:
    return EvidenceRow(kind=kind, digest=A, level="verified", valid_until=until)


CARD = EvidenceCheck(("model_card",))
CASES: dict[str, tuple[Check, CheckInputs, str]] = {
    "an artifact we hashed is verified": (ArtifactCheck(), inputs(), "pass"),
    "an artifact somebody reported is not": (ArtifactCheck(), inputs(artifact_level="reported"), "fail"),
    "a weaker level may be enough": (ArtifactCheck("reported"), inputs(artifact_level="signed"), "pass"),
    "training data are known": (TrainingDataCheck(), inputs(), "pass"),
    "no training run, no training data": (TrainingDataCheck(), inputs(lineage=UNKNOWN), "fail"),
    "a run that read nothing": (
        TrainingDataCheck(),
        inputs(lineage=LineageSummary(training_known=True, datasets=0, gaps=0, weakest="verified")),
        "fail",
    ),
    "lineage as strong as asked": (LineageCheck("reported"), inputs(), "pass"),
    "lineage weaker than asked": (LineageCheck("signed"), inputs(), "fail"),
    "as many gaps as allowed": (LineageCheck(max_gaps=1), inputs(), "pass"),
    "more gaps than allowed": (LineageCheck(max_gaps=0), inputs(), "fail"),
    "lineage without a training run": (LineageCheck("absent", 9), inputs(lineage=UNKNOWN), "fail"),
    "an assessed risk": (RiskCheck(), inputs(tier="critical"), "pass"),
    "a risk nobody assessed": (RiskCheck(), inputs(), "fail"),
    "a tier as high as allowed": (RiskCheck(max_tier="high"), inputs(tier="high"), "pass"),
    "a tier too high": (RiskCheck(max_tier="high"), inputs(tier="critical"), "fail"),
    "a document of the kind": (CARD, inputs(evidence=(evidence("model_card"),)), "pass"),
    "no document of the kind": (CARD, inputs(evidence=(evidence("datasheet"),)), "fail"),
    "a document that expired": (
        CARD,
        inputs(evidence=(evidence("model_card", "2026-06-01T00:00:00Z"),)),
        "fail",
    ),
    "one that expired beside one that did not": (
        CARD,
        inputs(evidence=(evidence("model_card", "2026-01-01T00:00:00Z"), evidence("model_card"))),
        "pass",
    ),
    "a ratio of exactly four fifths": (BIAS, inputs(bias=(EXACTLY,)), "pass"),
    "a ratio a hair below": (BIAS, inputs(bias=(BELOW,)), "fail"),
    "no bias check recorded": (BIAS, inputs(), "error"),
    "no group large enough": (BIAS, inputs(bias=(SMALL,)), "error"),
    "a ratio that does not exist": (BIAS, inputs(bias=(NO_RATIO,)), "error"),
    "a group the rule leaves out": (BIAS, inputs(bias=(LEFT_OUT,)), "pass"),
    "of two documents the worse counts": (BIAS, inputs(bias=(EXACTLY, BELOW)), "fail"),
    "fair by its point": (BIAS, inputs(bias=(CLEAR,)), "fail"),
    "not proved fair": (LOWER, inputs(bias=(CLEAR,)), "fail"),
    "not clearly unfair": (UPPER, inputs(bias=(CLEAR,)), "pass"),
    "no interval where the bound decides": (UPPER, inputs(bias=(EXACTLY,)), "error"),
    "another limit": (
        BiasCheck(attributes=("sex",), min=Fraction("7", "10")),
        inputs(bias=(CLEAR,)),
        "pass",
    ),
    "one attribute of two is missing": (
        BiasCheck(attributes=("sex", "race")),
        inputs(bias=(EXACTLY,)),
        "error",
    ),
}


@pytest.mark.parametrize(("check", "given", "result"), CASES.values(), ids=CASES)
def test_a_check_gives(check: Check, given: CheckInputs, result: str) -> None:
    assert evaluate_check(rule(check), given).result == result


def test_a_bias_row_shows_the_group_and_the_numbers_that_decided() -> None:
    row = evaluate_check(rule(UPPER), inputs(bias=(CLEAR,)))

    assert row.message == "sex: women is at least 4/5 by ci_upper"
    assert row.values == {
        "attributes": [
            {
                "attribute": "sex",
                "group": "women",
                "ratio": {"num": "79", "den": "100"},
                "bound": "0.846",
            }
        ]
    }


def test_a_failed_lineage_check_says_every_fault_at_once() -> None:
    row = evaluate_check(rule(LineageCheck("signed", 0)), inputs())

    assert row.message == ("the weakest link is reported, signed is asked for; 1 gaps, at most 0 are allowed")


def test_only_checks_that_cover_the_version_are_computed() -> None:
    high = CheckRule(id="h", title="t", severity="warn", tiers=("high",), check=RiskCheck())
    everywhere = CheckRule(id="e", title="t", severity="warn", check=ArtifactCheck())
    policy = PolicySet(version=1, approval=(ApprovalRule(roles={"owner": 1}),), checks=(high, everywhere))

    assert [r.rule for r in evaluate_checks(policy, "retail", "production", inputs())] == ["e"]
    assert [r.rule for r in evaluate_checks(policy, "retail", "production", inputs(tier="high"))] == [
        "h",
        "e",
    ]
