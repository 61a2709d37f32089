"""Bias checks against published tables and the cases where a ratio is easy to get wrong."""

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from registry.rules.fairness import (
    Pair,
    below_four_fifths,
    evaluate,
    one_person_decides,
)
from registry.rules.lamps import lamps
from registry.rules.ll144 import leave_out, under_two_percent
from registry.rules.tally import Question, tally
from registry.rules.tally_layout import ScoreColumn
from schemas.errors import Usage
from schemas.evaluation import (
    BiasCheck,
    BiasInput,
    Confusion,
    GroupCounts,
    Polarity,
    StratumCounts,
)

DATA = Path(__file__).parents[1] / "data" / "bias"
REFERENCE = Path(__file__).parents[2].parent / "shared" / "reference" / "bias"


def check(
    cells: dict[str, tuple[int, int]], *, policy: str = "best", favourable: bool = True, rule: Any = "general"
) -> BiasCheck:
    """A check of label -> (people, selected)."""
    groups = tuple(GroupCounts(label, n, k) for label, (n, k) in cells.items())
    return evaluate(BiasInput("sex", rule, policy, Polarity("selected", favourable), 0, groups))


def ratios(found: BiasCheck) -> dict[str, float | None]:
    return {g.counts.label: g.impact_ratio.number for g in found.groups}


def published(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DATA / name).read_text(encoding="utf-8").splitlines()))


def rule_tables() -> dict[tuple[str, str], list[dict[str, str]]]:
    tables: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in published("ll144_rule_examples.csv"):
        tables.setdefault((row["table"], row["attribute"]), []).append(row)
    return tables


@pytest.mark.parametrize(
    "table", rule_tables().values(), ids=lambda rows: f"{rows[0]['table']}-{rows[0]['attribute']}"
)
def test_the_city_rules_example_tables_come_out_as_printed(table: list[dict[str, str]]):
    found = ratios(check({r["label"]: (int(r["people"]), int(r["counted"])) for r in table}, rule="ll144"))

    for row in table:
        printed, ratio = row["published_ratio"], found[row["label"]]
        assert ratio is not None
        assert abs(ratio - float(printed)) <= 0.5 * 10 ** -len(printed.partition(".")[2]) + 1e-12


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference numbers are not beside this checkout")
@pytest.mark.parametrize("kind", ["selection", "scoring"])
def test_the_reference_ratios_are_reproduced_to_the_last_digit(kind: str):
    expected = json.loads((REFERENCE / "ll144_dcwp_expected.json").read_text())[kind]

    for cells in (value for value in expected.values() if isinstance(value, dict)):
        found = ratios(check({label: (g["n"], g["k"]) for label, g in cells.items()}, rule="ll144"))
        assert found == pytest.approx({label: g["impact_ratio"] for label, g in cells.items()}, rel=1e-15)


def edge_cases(member: str) -> list[Any]:
    if not REFERENCE.exists():
        return []
    cases = json.loads((REFERENCE / "ll144_edge_cases.json").read_text())["cases"]
    return [pytest.param(case, id=case["name"]) for case in cases if member in case]


@pytest.mark.parametrize("case", edge_cases("cells"))
def test_an_edge_case_of_the_rule_is_decided_as_expected(case: dict[str, Any]):
    groups = tuple(GroupCounts(label, n, k) for label, (n, k) in case["cells"].items())
    for label in case["exclude"]:
        groups = leave_out(groups, label, "under 2 %", rule="ll144")

    found = evaluate(BiasInput("sex", "ll144", "best", Polarity("selected"), 0, groups))

    assert found.reference == case["expect"]["reference"]
    for label, ratio in case["expect"]["ratio"].items():
        assert ratios(found)[label] == ratio
    for label in case["exclude"]:
        left_out = next(g for g in found.groups if g.counts.label == label)
        assert (left_out.counts.n, left_out.rate.number) == (
            case["expect"][label]["n"],
            case["expect"][label]["rate"],
        )
        assert left_out.impact_ratio.number is None


@pytest.mark.parametrize("case", edge_cases("scores"))
def test_a_scoring_rate_counts_those_strictly_above_the_median(case: dict[str, Any]):
    rows = [[label, str(s)] for label, scores in case["scores"].items() for s in scores]
    question = Question((("sex",),), ScoreColumn("score"))

    (counted,) = tally(("sex", "score"), list(enumerate(rows, 2)), question)
    found = evaluate(BiasInput("sex", "ll144", "best", Polarity("score"), 0, counted.groups))

    assert {g.counts.label: g.rate.number for g in found.groups} == case["expect"]["rate"]
    assert ratios(found) == case["expect"]["ratio"]


def test_exactly_four_fifths_is_not_below_it_though_floats_say_so():
    assert 3 / 5 / (15 / 20) < 0.8
    assert below_four_fifths(Pair(3, 5, 15, 20)) is False
    assert below_four_fifths(Pair(24, 100, 30, 100)) is False
    assert below_four_fifths(Pair(23, 100, 30, 100)) is True


def test_one_person_turns_the_verdict_of_ten():
    assert one_person_decides(Pair(3, 10, 8, 20))
    assert one_person_decides(Pair(8, 10, 20, 20))
    assert not one_person_decides(Pair(557, 1835, 1198, 2691))
    assert not one_person_decides(Pair(0, 10, 0, 20))


def test_berkeley_fails_together_and_passes_within_departments():
    rows = published("ucb_admissions_1973.csv")
    strata = tuple(
        StratumCounts(
            department,
            tuple(
                GroupCounts(r["sex"], int(r["applicants"]), int(r["admitted"]))
                for r in rows
                if r["department"] == department
            ),
        )
        for department in "ABCDEF"
    )
    groups = (GroupCounts("Male", 2691, 1198), GroupCounts("Female", 1835, 557))

    found = evaluate(
        BiasInput("sex", "general", "best", Polarity("admitted"), 0, groups, "department", strata)
    )

    women = found.groups[0]
    assert women.impact_ratio.number == 0.6818298435630683
    assert women.bounds is not None
    assert float(women.bounds.low) == pytest.approx(0.6286965976247881, rel=1e-15)
    assert float(women.bounds.high) == pytest.approx(0.7394535572955175, rel=1e-15)
    assert float(women.z or 0) == pytest.approx(-9.602358065159185, rel=1e-15)
    assert found.mantel_haenszel_ratio.number == pytest.approx(1.058307423589208, rel=1e-15)
    assert float(women.stratified_p or 0) == pytest.approx(0.21692369705551415, rel=1e-12)
    assert lamps(women).interval == "clearly below"


def test_strata_that_do_not_add_up_or_are_too_many_are_refused():
    groups = (GroupCounts("A", 301, 1), GroupCounts("B", 301, 1))
    cell = (GroupCounts("A", 1, 0), GroupCounts("B", 1, 0))
    strata = tuple(StratumCounts(f"site {i}", cell) for i in range(301))

    with pytest.raises(Usage, match="301 strata, at most 300"):
        evaluate(BiasInput("sex", "general", "best", Polarity("x"), 0, groups, "site", strata))
    with pytest.raises(Usage, match="'A': the strata of site do not add up"):
        evaluate(BiasInput("sex", "general", "best", Polarity("x"), 0, groups, "site", strata[:300]))


def test_boston_loans_compare_approvals_when_the_denials_are_counted():
    # HMDA Boston 1990: 96 of 339 Black and 189 of 2,041 other applicants were denied.
    found = check({"black": (339, 96), "other": (2041, 189)}, favourable=False)

    black = found.groups[0]
    assert found.reference == "other"
    assert black.rate.number == pytest.approx(0.2832, abs=5e-5)
    assert black.impact_ratio.number == pytest.approx(0.789966, abs=5e-7)
    assert black.bounds is not None
    assert float(black.bounds.low) == pytest.approx(0.737792, abs=5e-7)
    assert float(black.bounds.high) == pytest.approx(0.845831, abs=5e-7)
    assert float(black.z or 0) == pytest.approx(-10.009, abs=5e-4)
    assert lamps(black).ratio == "below"
    assert lamps(black).interval == "uncertain"
    assert lamps(black).significance == "significant"


def flagged() -> tuple[GroupCounts, ...]:
    # Counts ProPublica printed for the two-year general recidivism score, medium and high together.
    black, white = Confusion(990, 805, 532, 1369), Confusion(1139, 349, 461, 505)
    return (GroupCounts("Black", 3696, 2174, black), GroupCounts("White", 2454, 854, white))


def test_error_rates_and_equalized_odds_match_propublicas_table():
    black, white = evaluate(
        BiasInput("race", "general", "best", Polarity("flagged", False), 0, flagged())
    ).groups

    assert [round(100 * (r.number or 0), 2) for r in (black.fpr, black.fnr)] == [44.85, 27.99]
    assert [round(100 * (r.number or 0), 2) for r in (white.fpr, white.fnr)] == [23.45, 47.72]


@pytest.mark.parametrize(
    ("favourable", "policy", "label", "ratio"),
    [
        (False, "best", "Black", 0.631593),
        (True, "best", "White", 0.591638),
        (True, "White", "Black", 1.690224),
    ],
)
def test_the_same_counts_give_three_ratios_so_polarity_and_reference_are_kept(
    favourable: bool, policy: str, label: str, ratio: float
):
    found = evaluate(BiasInput("race", "general", policy, Polarity("flagged", favourable), 0, flagged()))

    assert ratios(found)[label] == pytest.approx(ratio, abs=5e-7)
    assert found.parity_ratio.number == pytest.approx(0.591638, abs=5e-7)
    document = found.to_document()
    assert document["polarity"] == {"favourable": favourable, "label": "flagged"}
    assert document["reference"]["policy"] == policy


def test_parity_and_equalized_odds_agree_with_fairlearn():
    from fairlearn.metrics import (  # noqa: PLC0415 - a slow oracle, loaded by its test alone
        demographic_parity_difference,
        demographic_parity_ratio,
        equalized_odds_difference,
        equalized_odds_ratio,
    )

    truth: list[int] = []
    predicted: list[int] = []
    race: list[str] = []
    for group in flagged():
        cells = group.confusion
        assert cells is not None
        for count, true, said in ((cells.tn, 0, 0), (cells.fp, 0, 1), (cells.fn, 1, 0), (cells.tp, 1, 1)):
            truth += [true] * int(count)
            predicted += [said] * int(count)
            race += [group.label] * int(count)

    found = evaluate(BiasInput("race", "general", "best", Polarity("flagged", False), 0, flagged()))

    for ours, theirs in (
        (found.parity_difference, demographic_parity_difference),
        (found.parity_ratio, demographic_parity_ratio),
        (found.equalized_odds_difference, equalized_odds_difference),
        (found.equalized_odds_ratio, equalized_odds_ratio),
    ):
        assert ours.number == pytest.approx(theirs(truth, predicted, sensitive_features=race), rel=1e-12)


@pytest.mark.parametrize(
    ("policy", "reference"), [("best", "C"), ("largest", "A"), ("B", "B"), ("overall", "overall")]
)
def test_the_reference_is_the_one_asked_for(policy: str, reference: str):
    found = check({"A": (100, 40), "B": (50, 15), "C": (50, 30)}, policy=policy)

    assert found.reference == reference
    expected = {
        "best": Fraction(40, 60),
        "largest": Fraction(1),
        "B": Fraction(40, 30),
        "overall": Fraction(40 * 2, 85),
    }
    assert found.groups[0].impact_ratio.fraction == expected[policy]


def test_a_reference_that_is_left_out_or_not_there_is_refused():
    groups = leave_out((GroupCounts("A", 9, 3), GroupCounts("B", 9, 3)), "B", "asked", rule="general")

    with pytest.raises(Usage, match="'B' is left out"):
        evaluate(BiasInput("sex", "general", "B", Polarity("x"), 0, groups))
    with pytest.raises(Usage, match="no group of sex is called 'Z'"):
        evaluate(BiasInput("sex", "general", "Z", Polarity("x"), 0, groups))


def test_under_ll144_a_category_of_two_percent_stays_in():
    groups = (GroupCounts("A", 980, 490), GroupCounts("B", 20, 5))

    assert under_two_percent(groups) == ()
    assert under_two_percent((GroupCounts("A", 981, 490), GroupCounts("B", 19, 5))) == ("B",)
    with pytest.raises(Usage, match="2 % of the people or more"):
        leave_out(groups, "B", "too few", rule="ll144")


def test_an_empty_denominator_is_absent_and_never_zero():
    cells = Confusion(tn=5, fp=0, fn=0, tp=0)
    found = evaluate(
        BiasInput(
            "sex",
            "general",
            "best",
            Polarity("x"),
            0,
            (GroupCounts("A", 5, 0, cells), GroupCounts("B", 0, 0)),
        )
    )

    first = found.to_document()["groups"][0]
    assert first["tpr"] == first["ppv"] == first["impactRatio"] == {"absent": "nan"}
    assert first["fpr"] == {"num": "0", "den": "5"}
    assert found.parity_ratio.number is None
    assert found.equalized_odds_difference.number is None


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ((GroupCounts("A", 3, 4),), "4 selected of 3"),
        ((GroupCounts("A", 3, 1), GroupCounts("A", 3, 1)), "same label"),
        ((GroupCounts("A", 3, 1, Confusion(1, 1, 1, 1)),), "do not add up"),
    ],
)
def test_counts_that_contradict_each_other_give_no_check(groups: tuple[GroupCounts, ...], words: str):
    with pytest.raises(Usage, match=words):
        evaluate(BiasInput("sex", "general", "best", Polarity("x"), 0, groups))
