"""Bias checks: selection rates, impact ratios, their uncertainty, and parity across groups.

1. A group that is left out keeps its count and its rate, gets no ratio, and never serves as the reference.
2. Four fifths is compared in whole numbers: floating point calls exact four fifths "below" once in three.
3. Ratios, intervals and tests compare the rates of the *favourable* outcome; parity and the error rates
   are about the outcome that was counted, whichever it is.
4. What has an empty denominator is not available, never 0.

Sources: governance.md sections 6.2 to 6.4; 29 CFR 1607.4(D); 6 RCNY 5-300 and 5-301.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import msgspec

from registry.rules import statistics
from registry.rules.ll144 import group_names
from registry.rules.parity import equalized_odds, error_rates, least_over_most, spread
from registry.rules.stratified import lowest, refuse_strata, stratify
from schemas.errors import Usage, VerificationError
from schemas.evaluation import BiasCheck, BiasInput, GroupCounts, GroupResult, parse_bias_document
from schemas.exact import ABSENT, Bounds, Count, Ratio, ratio_of

BEST, LARGEST, OVERALL = "best", "largest", "overall"
POLICIES = (BEST, LARGEST, OVERALL)
MIN_VERDICT = 30
"""A group of fewer people gets no verdict."""
MIN_DISPLAY = 5
"""A group of fewer people is hidden where a document leaves the registry."""
SIGNIFICANT = Decimal("0.05")
FOUR_FIFTHS = Decimal("0.8")


class Pair(msgspec.Struct, frozen=True):
    """Favourable outcomes k of n people, for a group (1) and what it is compared with (2)."""

    k1: Count
    n1: Count
    k2: Count
    n2: Count


def evaluate(given: BiasInput) -> BiasCheck:
    """Return everything that follows from `given`; raise Usage when that is nothing.

    Nothing follows from counts that contradict each other, or from a reference that is not there.
    """
    _refuse_contradictions(given)
    groups = tuple(sorted(given.groups, key=lambda g: g.label))
    included = tuple(g for g in groups if g.excluded is None)
    whole = all(isinstance(c, int) for g in groups for c in (g.n, g.selected))
    reference = _reference(given, groups, included)
    label = reference.label if reference is not None else None
    results = [_result(g, reference, given, whole=whole) for g in groups]
    if given.strata_by is not None and whole and reference is not None and given.policy != OVERALL:
        results = list(stratify(results, given, reference.label))
    rates = [Fraction(g.selected) / Fraction(g.n) for g in included if g.n]
    odds_difference, odds_ratio = equalized_odds(r for r in results if r.counts.excluded is None)
    return BiasCheck(
        given=given,
        reference=label,
        groups=_adjusted(results),
        parity_difference=_exact(spread(rates)),
        parity_ratio=_exact(least_over_most(rates)),
        equalized_odds_difference=_exact(odds_difference),
        equalized_odds_ratio=_exact(odds_ratio),
        mantel_haenszel_ratio=lowest(results),
    )


def verify_bias_document(data: bytes) -> BiasCheck:
    """Return the check `data` spells, computed again from its counts; raise VerificationError if it lies."""
    stated = parse_bias_document(data)
    try:
        again = evaluate(stated.given)
    except Usage as error:
        raise VerificationError(
            "BIAS_MISMATCH", f"the counts cannot give this check: {error.message}"
        ) from error
    if again.to_bytes() != data:
        raise VerificationError("BIAS_MISMATCH", "the numbers do not follow from the counts")
    return again


def below_four_fifths(pair: Pair) -> bool | None:
    """Return whether rate 1 is under four fifths of rate 2, None when there is no ratio."""
    if not pair.n1 or not pair.n2 or not pair.k2:
        return None
    return 5 * pair.k1 * pair.n2 < 4 * pair.k2 * pair.n1


def one_person_decides(pair: Pair) -> bool:
    """Return whether moving one favourable outcome across would turn the four-fifths verdict round."""
    before = below_four_fifths(pair)
    if before is None:
        return False
    step = 1 if before else -1
    k1, k2 = pair.k1 + step, pair.k2 - step
    moved = Pair(min(max(k1, 0), pair.n1), pair.n1, min(max(k2, 0), pair.n2), pair.n2)
    return bool(below_four_fifths(moved)) is not before


def _refuse_contradictions(given: BiasInput) -> None:
    refuse_strata(given)
    if len({g.label for g in given.groups}) != len(given.groups):
        raise Usage(f"two groups of {given.attribute} have the same label", hint="add their counts together")
    for g in given.groups:
        cells = g.confusion
        if not 0 <= g.selected <= g.n:
            raise Usage(f"{g.label!r}: {g.selected} selected of {g.n} people", hint="check the columns named")
        if cells is not None and (cells.tn + cells.fp + cells.fn + cells.tp, cells.fp + cells.tp) != (
            g.n,
            g.selected,
        ):
            raise Usage(f"{g.label!r}: tn, fp, fn and tp do not add up to the people and the selected")


def _reference(
    given: BiasInput, groups: Sequence[GroupCounts], included: Sequence[GroupCounts]
) -> GroupCounts | None:
    people = [g for g in included if g.n]
    if given.policy == OVERALL:
        n, selected = sum((g.n for g in people), start=0), sum((g.selected for g in people), start=0)
        return GroupCounts(OVERALL, n, selected) if n else None
    if given.policy == LARGEST:
        return max(people, key=lambda g: (g.n, _negated(g.label)), default=None)
    if given.policy == BEST:
        rated = [g for g in people if _favourable(g, given)]
        return max(
            rated, key=lambda g: (Fraction(_favourable(g, given)) / g.n, g.n, _negated(g.label)), default=None
        )
    for group in groups:
        if group.label == given.policy:
            if group.excluded is not None:
                raise Usage(
                    f"{group.label!r} is left out, so it cannot be the reference", hint="name another group"
                )
            return group
    raise Usage(
        f"no group of {given.attribute} is called {given.policy!r}",
        hint=f"the groups are {group_names(groups)}",
    )


def _negated(label: str) -> tuple[int, ...]:
    # max() keeps the greatest key; of equals, the label that sorts first must win, whatever the order given.
    return (*(-ord(c) for c in label), 1)


def _favourable(group: GroupCounts, given: BiasInput) -> Count:
    return group.selected if given.polarity.favourable else group.n - group.selected


def _result(
    group: GroupCounts,
    reference: GroupCounts | None,
    given: BiasInput,
    *,
    whole: bool,
) -> GroupResult:
    k1 = _favourable(group, given)
    rate = statistics.wilson(int(group.selected), int(group.n)) if whole else None
    result = msgspec.structs.replace(
        error_rates(group),
        rate=ratio_of(group.selected, group.n),
        favourable_rate=ratio_of(k1, group.n),
        rate_bounds=Bounds(*rate) if rate else None,
    )
    if reference is None or group.excluded is not None:
        return result
    pair = Pair(k1, group.n, _favourable(reference, given), reference.n)
    result = msgspec.structs.replace(
        result,
        impact_ratio=ratio_of(pair.k1 * pair.n2, pair.n1 * pair.k2),
        below_four_fifths=below_four_fifths(pair),
    )
    if group.label == reference.label and given.policy != OVERALL:
        return result
    result = msgspec.structs.replace(result, small_sample=one_person_decides(pair))
    if not whole:
        return result
    return _tested(result, pair, given)


def _tested(result: GroupResult, pair: Pair, given: BiasInput) -> GroupResult:
    k1, n1, k2, n2 = int(pair.k1), int(pair.n1), int(pair.k2), int(pair.n2)
    interval = statistics.katz(k1, n1, k2, n2) if result.impact_ratio.exists else None
    if given.policy == OVERALL:
        # A group is part of the whole: it is tested against everybody else; Katz's interval does not apply.
        k2, n2, interval = k2 - k1, n2 - n1, None
    z, fisher = statistics.pooled_z(k1, n1, k2, n2), statistics.fisher(k1, n1, k2, n2)
    return msgspec.structs.replace(
        result,
        bounds=Bounds(*interval) if interval else None,
        z=z,
        p=None if z is None else statistics.two_sided(z),
        fisher_p=fisher,
        test=_test(k1, n1, k2, n2) if fisher is not None else "z" if z is not None else None,
    )


def _test(k1: int, n1: int, k2: int, n2: int) -> Literal["z", "fisher"]:
    return "fisher" if statistics.any_expected_below_5(k1, n1, k2, n2) else "z"


def _adjusted(results: Sequence[GroupResult]) -> tuple[GroupResult, ...]:
    """Return `results` with Holm's adjustment of the deciding tests' p-values."""
    tested = [i for i, r in enumerate(results) if deciding_p(r) is not None]
    values = statistics.holm([p for r in results if (p := deciding_p(r)) is not None])
    by_index = dict(zip(tested, values, strict=True))
    return tuple(msgspec.structs.replace(r, p_adjusted=by_index.get(i)) for i, r in enumerate(results))


def deciding_p(result: GroupResult) -> Decimal | None:
    """Return the p-value of the test that fits the group's size: Fisher's when a cell is expected under 5."""
    return result.fisher_p if result.test == "fisher" else result.p


def _exact(value: Fraction | None) -> Ratio:
    return ABSENT if value is None else Ratio(value.numerator, value.denominator)
