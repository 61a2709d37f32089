"""Intervals and tests against scipy, and against numbers worked out by hand."""

import math
import random
from decimal import Decimal
from fractions import Fraction

import pytest

from registry.rules.statistics import (
    Stratum,
    any_expected_below_5,
    cochran_mantel_haenszel,
    fisher,
    holm,
    katz,
    mantel_haenszel_ratio,
    newcombe,
    pooled_z,
    two_sided,
    wilson,
)


def tables(count: int, most: int) -> list[tuple[int, int, int, int]]:
    """Seeded two-by-two tables: k1 of n1, k2 of n2."""
    dice = random.Random(144)  # noqa: S311 - a seeded table of cases, no secret
    sizes = [(dice.randint(1, most), dice.randint(1, most)) for _ in range(count)]
    return [(dice.randint(0, a), a, dice.randint(0, b), b) for a, b in sizes]


@pytest.mark.parametrize("most", [12, 300])
def test_fisher_agrees_with_scipy(most: int):
    from scipy.stats import fisher_exact  # noqa: PLC0415

    for k1, n1, k2, n2 in tables(120, most):
        expected = fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue
        assert float(fisher(k1, n1, k2, n2) or 0) == pytest.approx(expected, rel=1e-9)


def test_fisher_of_a_hundred_thousand_people_is_still_exact_and_quick():
    assert float(fisher(5_000, 100_000, 5_300, 100_000) or 0) == pytest.approx(0.00248436752305604, rel=1e-12)


def test_wilson_agrees_with_scipy():
    from scipy.stats import binomtest  # noqa: PLC0415

    for k, n, _, _ in tables(100, 400):
        expected = binomtest(k, n).proportion_ci(0.95, method="wilson")
        found = wilson(k, n)
        assert found is not None
        assert [float(b) for b in found] == pytest.approx([expected.low, expected.high], abs=1e-14)


def test_a_p_value_agrees_with_scipy_from_the_middle_to_the_far_tail():
    from scipy.stats import norm  # noqa: PLC0415

    for z in (0, 0.3, 1.959964, 5, 10.009, 18.451, 37):
        assert float(two_sided(Decimal(str(z)))) == pytest.approx(2 * norm.sf(z), rel=1e-12)


def test_the_pooled_z_is_the_square_root_of_pearsons_chi_square():
    from scipy.stats import chi2_contingency  # noqa: PLC0415

    for k1, n1, k2, n2 in tables(60, 200):
        z = pooled_z(k1, n1, k2, n2)
        if z is None:
            assert k1 + k2 in (0, n1 + n2)
            continue
        chi2 = chi2_contingency([[k1, n1 - k1], [k2, n2 - k2]], correction=False).statistic
        assert float(z) ** 2 == pytest.approx(chi2, rel=1e-9, abs=1e-12)


def test_katz_is_the_log_interval_of_the_ratio():
    from scipy.stats.contingency import relative_risk  # noqa: PLC0415

    expected = relative_risk(557, 1835, 1198, 2691).confidence_interval(0.95)

    found = katz(557, 1835, 1198, 2691)

    assert found is not None
    assert float(found.low) == pytest.approx(expected.low, rel=1e-13)
    assert float(found.high) == pytest.approx(expected.high, rel=1e-13)


def test_katz_adds_a_half_to_every_cell_when_one_is_zero():
    found = katz(0, 40, 10, 50)

    ratio = (0.5 / 41) / (10.5 / 51)
    spread = 1.959963984540054 * math.sqrt(1 / 0.5 - 1 / 41 + 1 / 10.5 - 1 / 51)
    assert found is not None
    assert float(found.low) == pytest.approx(ratio * math.exp(-spread), rel=1e-12)
    assert float(found.high) == pytest.approx(ratio * math.exp(spread), rel=1e-12)


def test_newcombes_worked_example_comes_out_as_he_printed_it():
    # Newcombe 1998, table II, example (a), method 10: 56/70 - 48/80.
    found = newcombe(56, 70, 48, 80)

    assert found is not None
    assert [round(float(b), 4) for b in found] == [0.0524, 0.3339]


@pytest.mark.parametrize("method", [katz, newcombe, pooled_z, fisher])
def test_an_empty_group_has_no_interval_and_no_test(method):
    assert method(0, 0, 3, 10) is None
    assert method(3, 10, 0, 0) is None


def test_nobody_selected_has_no_ratio_and_no_z_but_fisher_sees_no_difference():
    assert katz(0, 10, 0, 20) is None
    assert pooled_z(0, 10, 0, 20) is None
    assert fisher(0, 10, 0, 20) == 1


def test_small_expected_cells_are_found_without_dividing():
    assert any_expected_below_5(3, 10, 8, 20)
    assert not any_expected_below_5(15, 30, 15, 30)


def test_mantel_haenszel_ratio_is_exact_and_skips_strata_without_both_groups():
    strata = [Stratum(1, 2, 1, 4), Stratum(5, 9, 0, 0), Stratum(2, 4, 1, 2)]

    assert mantel_haenszel_ratio(strata) == (Fraction(1 * 4, 6) + Fraction(2 * 2, 6)) / (
        Fraction(1 * 2, 6) + Fraction(1 * 4, 6)
    )
    assert mantel_haenszel_ratio([Stratum(1, 2, 0, 4)]) is None
    assert cochran_mantel_haenszel([Stratum(0, 2, 0, 4)]) is None


def test_holm_multiplies_step_by_step_never_sinks_and_keeps_the_order_given():
    found = holm([Decimal("0.04"), Decimal("0.01"), Decimal("0.03"), Decimal("0.9")])

    assert found == [Decimal("0.09"), Decimal("0.04"), Decimal("0.09"), Decimal("0.9")]


def test_a_walk_of_billions_is_not_begun():
    assert fisher(2**52, 2**53 - 1, 2**51, 2**53 - 1) is None
