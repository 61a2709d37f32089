"""Error rates of a group from its confusion counts; parity and equalized odds across groups.

Source: governance.md section 6.2; Hardt, Price and Srebro 2016. Equalized odds is the worst case over the
true and the false positive rate.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from schemas.evaluation import GroupCounts, GroupResult
from schemas.exact import ABSENT, Ratio, ratio_of


def error_rates(group: GroupCounts) -> GroupResult:
    """Return a result that holds the group's tpr, fpr, fnr and ppv, absent when nobody is in its base."""
    cells = group.confusion
    if cells is None:
        return GroupResult(group, ABSENT, ABSENT)
    return GroupResult(
        group,
        ABSENT,
        ABSENT,
        tpr=ratio_of(cells.tp, cells.tp + cells.fn),
        fpr=ratio_of(cells.fp, cells.fp + cells.tn),
        fnr=ratio_of(cells.fn, cells.tp + cells.fn),
        ppv=ratio_of(cells.tp, cells.tp + cells.fp),
    )


def equalized_odds(results: Iterable[GroupResult]) -> tuple[Fraction | None, Fraction | None]:
    """Return difference and ratio, worst case; each None when either rate exists in fewer than two groups."""
    found = tuple(results)
    spreads = [spread(_values(r.tpr for r in found)), spread(_values(r.fpr for r in found))]
    ratios = [least_over_most(_values(r.tpr for r in found)), least_over_most(_values(r.fpr for r in found))]
    known_spreads = [s for s in spreads if s is not None]
    known_ratios = [r for r in ratios if r is not None]
    return (
        max(known_spreads) if len(known_spreads) == 2 else None,
        min(known_ratios) if len(known_ratios) == 2 else None,
    )


def _values(ratios: Iterable[Ratio]) -> list[Fraction]:
    return [value for r in ratios if (value := r.fraction) is not None]


def spread(rates: Sequence[Fraction]) -> Fraction | None:
    """Return the largest difference between two rates, None with fewer than two."""
    return max(rates) - min(rates) if len(rates) > 1 else None


def least_over_most(rates: Sequence[Fraction]) -> Fraction | None:
    """Return the smallest rate over the largest, None with fewer than two or when all are 0."""
    return min(rates) / max(rates) if len(rates) > 1 and max(rates) else None
