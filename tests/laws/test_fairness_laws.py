"""What holds for every bias check, whatever the counts."""

import math
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from registry.rules.fairness import Pair, below_four_fifths, evaluate, verify_bias_document
from registry.rules.statistics import fisher, katz, pooled_z, two_sided, wilson
from schemas.evaluation import BiasCheck, BiasInput, GroupCounts, Polarity, parse_bias_document

people = st.integers(0, 10_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
small = st.integers(0, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
tables = st.dictionaries(st.text("ABCß ", min_size=1, max_size=3), small, min_size=1, max_size=5)


def check(cells: dict[str, tuple[int, int]], *, favourable: bool = True, policy: str = "best") -> BiasCheck:
    groups = tuple(GroupCounts(label, n, k) for label, (n, k) in cells.items())
    return evaluate(BiasInput("g", "general", policy, Polarity("x", favourable), 0, groups))


@given(people, people)
def test_four_fifths_in_whole_numbers_is_four_fifths_in_fractions(a: tuple[int, int], b: tuple[int, int]):
    (n1, k1), (n2, k2) = a, b
    assume(n1 and n2 and k2)

    assert below_four_fifths(Pair(k1, n1, k2, n2)) == (Fraction(k1, n1) / Fraction(k2, n2) < Fraction(4, 5))


@settings(max_examples=60, deadline=None)
@given(tables, st.sampled_from(["best", "largest", "overall"]), st.booleans(), st.randoms())
def test_the_order_of_groups_changes_no_byte(cells, policy: str, favourable: bool, dice):
    shuffled = list(cells.items())
    dice.shuffle(shuffled)

    there = check(cells, policy=policy, favourable=favourable)
    again = check(dict(shuffled), policy=policy, favourable=favourable)

    assert there.to_bytes() == again.to_bytes()


@settings(max_examples=60, deadline=None)
@given(tables, st.sampled_from(["best", "largest", "overall"]), st.booleans())
def test_every_document_is_read_back_and_follows_from_its_counts(cells, policy: str, favourable: bool):
    data = check(cells, policy=policy, favourable=favourable).to_bytes()

    assert parse_bias_document(data).to_bytes() == data
    assert verify_bias_document(data).to_bytes() == data


@settings(max_examples=60, deadline=None)
@given(tables, st.booleans())
def test_against_the_best_no_ratio_passes_one_and_none_is_negative(cells, favourable: bool):
    for group in check(cells, favourable=favourable).groups:
        ratio = group.impact_ratio.fraction
        assert ratio is None or 0 <= ratio <= 1
        assert (ratio is None) == (group.below_four_fifths is None)


@settings(max_examples=60, deadline=None)
@given(tables)
def test_parity_lies_between_nothing_and_everything(cells):
    found = check(cells)

    for value in (found.parity_difference.fraction, found.parity_ratio.fraction):
        assert value is None or 0 <= value <= 1


@settings(max_examples=80, deadline=None)
@given(small, small)
def test_an_interval_holds_its_estimate_and_a_p_value_is_a_probability(a, b):
    (n1, k1), (n2, k2) = a, b
    assume(n1 and n2)

    rate, ratio, p, z = wilson(k1, n1), katz(k1, n1, k2, n2), fisher(k1, n1, k2, n2), pooled_z(k1, n1, k2, n2)

    assert rate is not None
    assert 0 <= rate.low <= rate.high <= 1
    assert float(rate.low) <= k1 / n1 + 1e-12
    assert p is not None
    assert 0 < p <= 1
    assert z is None or 0 <= two_sided(z) <= 1
    if ratio is not None and k1 not in (0, n1) and k2 not in (0, n2):
        assert float(ratio.low) <= k1 * n2 / (n1 * k2) <= float(ratio.high)


@settings(max_examples=60, deadline=None)
@given(small, small)
def test_swapping_the_groups_turns_the_ratio_over_and_the_z_round(a, b):
    (n1, k1), (n2, k2) = a, b
    there, back = katz(k1, n1, k2, n2), katz(k2, n2, k1, n1)

    assert fisher(k1, n1, k2, n2) == fisher(k2, n2, k1, n1) or math.isclose(
        float(fisher(k1, n1, k2, n2) or 0), float(fisher(k2, n2, k1, n1) or 0), rel_tol=1e-15
    )
    if there is not None and back is not None:
        assert math.isclose(float(there.low * back.high), 1, rel_tol=1e-15)
