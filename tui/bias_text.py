"""A bias check as `--json` promises it, and as lines a reviewer reads."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from registry.rules.fairness import MIN_VERDICT, OVERALL, deciding_p
from registry.rules.lamps import lamps
from schemas.evaluation import BiasCheck, GroupResult
from schemas.exact import Count, Ratio
from tui.output import table

_HEADINGS = ("GROUP", "PEOPLE", "COUNTED", "RATE", "RATIO", "95 % INTERVAL", "P")
_LAMPS = ("FOUR FIFTHS", "INTERVAL", "DIFFERENCE", "MARKS")


def check_json(check: BiasCheck) -> dict[str, Any]:
    """Return one check of `checks[]`: numbers at full precision, null for what is not available."""
    given = check.given
    return {
        "attribute": given.attribute,
        "rule": given.rule,
        "reference": check.reference,
        "reference_policy": given.policy,
        "polarity": "favourable" if given.polarity.favourable else "unfavourable",
        "outcome": given.polarity.label,
        "unknown": _people(given.unknown),
        "strata": given.strata_by,
        "groups": [_group_json(group) for group in check.groups],
        "parity_difference": check.parity_difference.number,
        "parity_ratio": check.parity_ratio.number,
        "equalized_odds_difference": check.equalized_odds_difference.number,
        "equalized_odds_ratio": check.equalized_odds_ratio.number,
        "mantel_haenszel_ratio": check.mantel_haenszel_ratio.number,
    }


def _group_json(group: GroupResult) -> dict[str, Any]:
    counts, cells, shown = group.counts, group.counts.confusion, lamps(group)
    return {
        "label": counts.label,
        "n": _people(counts.n),
        "selected": _people(counts.selected),
        "rate": group.rate.number,
        "rate_low": _number(group.rate_bounds.low if group.rate_bounds else None),
        "rate_high": _number(group.rate_bounds.high if group.rate_bounds else None),
        "favourable_rate": group.favourable_rate.number,
        "impact_ratio": group.impact_ratio.number,
        "ci_low": _number(group.bounds.low if group.bounds else None),
        "ci_high": _number(group.bounds.high if group.bounds else None),
        "z": _number(group.z),
        "p": _number(group.p),
        "fisher_p": _number(group.fisher_p),
        "p_adjusted": _number(group.p_adjusted),
        "test": group.test,
        "below_four_fifths": group.below_four_fifths,
        "small_sample": group.small_sample,
        "under_minimum": bool(counts.n < MIN_VERDICT),
        "interval": shown.interval,
        "significance": shown.significance,
        "excluded": counts.excluded is not None,
        "exclusion_reason": counts.excluded,
        "mantel_haenszel_ratio": group.stratified_ratio.number,
        "mantel_haenszel_p": _number(group.stratified_p),
        **{name: _people(getattr(cells, name)) if cells else None for name in ("tn", "fp", "fn", "tp")},
        **{name: getattr(group, name).number for name in ("tpr", "fpr", "fnr", "ppv")},
    }


def check_lines(check: BiasCheck) -> Iterator[str]:
    """Yield the check as a table, the lowest ratio first, then what holds across groups."""
    given = check.given
    wanted = "favourable" if given.polarity.favourable else "unfavourable: ratios compare those it spared"
    yield f"{given.attribute}  (rule {given.rule})"
    yield f"outcome    {given.polarity.label}, {wanted}"
    yield f"reference  {_reference_words(check)}"
    if given.unknown:
        yield f"unknown    {_people(given.unknown)} people of no known group, counted in no ratio"
    yield ""
    ordered = sorted(check.groups, key=_worst_first)
    yield from table((*_HEADINGS, *_LAMPS), [_row(group, check) for group in ordered])
    yield ""
    yield from _rates_lines(ordered)
    yield from _across(check)


def _reference_words(check: BiasCheck) -> str:
    policy, label = check.given.policy, check.reference
    if label is None:
        return f"none: nobody was selected (asked for {policy})"
    if policy == OVERALL:
        return "everybody in the calculation; each group is tested against all others"
    return label if policy == label else f"{label} ({policy})"


def _worst_first(group: GroupResult) -> tuple[bool, bool, Fraction, str]:
    value = group.impact_ratio.fraction
    return (group.counts.excluded is not None, value is None, value or Fraction(0), group.counts.label)


def _row(group: GroupResult, check: BiasCheck) -> tuple[object, ...]:
    counts, shown = group.counts, lamps(group)
    is_reference = counts.label == check.reference and check.given.policy != OVERALL
    words: tuple[str, ...] = (shown.ratio, shown.interval, shown.significance)
    if is_reference:
        words = ("reference", "-", "-")
    bounds = f"{group.bounds.low:.3f} to {group.bounds.high:.3f}" if group.bounds else "-"
    return (
        counts.label,
        _people(counts.n),
        _people(counts.selected),
        _short(group.rate),
        _short(group.impact_ratio),
        bounds,
        _p_text(deciding_p(group), group.test),
        *words,
        "; ".join(shown.marks) or "-",
    )


def _rates_lines(groups: list[GroupResult]) -> Iterator[str]:
    rows = [
        (g.counts.label, c.tn, c.fp, c.fn, c.tp, _short(g.tpr), _short(g.fpr), _short(g.fnr), _short(g.ppv))
        for g in groups
        if (c := g.counts.confusion) is not None
    ]
    if rows:
        yield from table(("GROUP", "TN", "FP", "FN", "TP", "TPR", "FPR", "FNR", "PPV"), rows)
        yield ""


def _across(check: BiasCheck) -> Iterator[str]:
    yield f"parity: difference {_short(check.parity_difference)}, ratio {_short(check.parity_ratio)}"
    if check.equalized_odds_difference.exists or check.equalized_odds_ratio.exists:
        difference, ratio = check.equalized_odds_difference, check.equalized_odds_ratio
        yield f"equalized odds (worst case): difference {_short(difference)}, ratio {_short(ratio)}"
    if check.given.strata_by is not None:
        lowest = _short(check.mantel_haenszel_ratio)
        yield f"within {check.given.strata_by} (Mantel-Haenszel): lowest ratio {lowest}"
        if any(_turned(group) for group in check.groups):
            yield f"together and within {check.given.strata_by} say different things: read both"
    yield "ratios: Katz log interval; p: pooled z, or Fisher's exact (F) where a cell is expected under 5;"
    yield "each p stands alone, p_adjusted in --json is Holm's; four fifths sets no legal pass mark by itself"


def _turned(group: GroupResult) -> bool:
    within = group.stratified_ratio.fraction
    return within is not None and (within < Fraction(4, 5)) is not group.below_four_fifths


def _p_text(p: Decimal | None, test: str | None) -> str:
    if p is None:
        return "-"
    text = "<0.0001" if p < Decimal("0.0001") else f"{p:.4f}"
    return f"{text} F" if test == "fisher" else text


def _short(ratio: Ratio) -> str:
    return "-" if ratio.number is None else f"{ratio.number:.3f}"


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _people(value: Count) -> int | float:
    return float(value) if isinstance(value, Fraction) else value
