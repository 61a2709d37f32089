"""Bias documents: canonical, read back to the same bytes, and nothing in them that does not follow."""

from decimal import Decimal
from typing import Any

import pytest

from registry.rules.fairness import evaluate, verify_bias_document
from schemas.canonical import canonical, parse_canonical
from schemas.errors import VerificationError
from schemas.evaluation import BiasCheck, BiasInput, Confusion, GroupCounts, Polarity, parse_bias_document
from schemas.exact import decimal_text


def check(cells: dict[str, tuple[int, int]]) -> BiasCheck:
    groups = tuple(GroupCounts(label, n, k) for label, (n, k) in cells.items())
    return evaluate(BiasInput("sex", "general", "best", Polarity("selected"), 0, groups))


def flagged() -> tuple[GroupCounts, ...]:
    # Counts ProPublica printed for the two-year general recidivism score, medium and high together.
    black, white = Confusion(990, 805, 532, 1369), Confusion(1139, 349, 461, 505)
    return (GroupCounts("Black", 3696, 2174, black), GroupCounts("White", 2454, 854, white))


def test_a_document_is_read_back_to_the_same_bytes_and_recomputed():
    data = evaluate(BiasInput("race", "general", "best", Polarity("flagged", False), 7, flagged())).to_bytes()

    assert parse_bias_document(data).to_bytes() == data
    assert verify_bias_document(data).to_bytes() == data
    document = parse_canonical(data)
    assert document["groups"][0]["ci"] == {"high": "0.66276", "low": "0.601892"}
    assert document["groups"][0]["z"] == "-18.450996"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("groups", 0, "impactRatio", "num"), "1"),
        (("groups", 0, "ci", "low"), "0.9"),
        (("groups", 0, "belowFourFifths"), False),
        (("groups", 1, "n"), 9999),
        (("parityRatio", "den"), "7"),
        (("reference", "label"), "Black"),
    ],
)
def test_a_document_whose_numbers_do_not_follow_from_its_counts_is_refused(
    path: tuple[Any, ...], value: object
):
    given = BiasInput("race", "general", "best", Polarity("flagged", False), 0, flagged())
    document: Any = evaluate(given).to_document()
    target = document
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value

    with pytest.raises(VerificationError, match=r"BIAS_MISMATCH|BIAS_MALFORMED"):
        verify_bias_document(canonical(document))


@pytest.mark.parametrize("damage", [{"extra": 1}, {"groups": [{}]}, {"unknown": -1}, {"rule": ["ll144"]}])
def test_anything_but_a_bias_document_is_malformed(damage: dict[str, object]):
    document = {**check({"A": (10, 5), "B": (10, 4)}).to_document(), **damage}

    with pytest.raises(VerificationError, match="BIAS_MALFORMED"):
        parse_bias_document(canonical(document))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("-0.0000001", "0"),
        ("0.0000005", "0"),
        ("0.0000015", "0.000002"),
        ("0.0000025", "0.000002"),
        ("-1.5", "-1.5"),
        ("100.000000", "100"),
        ("1e20", "100000000000000000000"),
    ],
)
def test_a_decimal_is_rounded_half_even_at_six_places_and_never_minus_zero(value: str, text: str):
    assert decimal_text(Decimal(value)) == text
