"""What New York City's rule for automated hiring tools adds: small categories, and the median.

Source: 6 RCNY 5-300 (scoring rate) and 5-301. Leaving a category out is allowed, never required, and its
count and rate are still shown.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import msgspec

from schemas.errors import Usage
from schemas.evaluation import GroupCounts


def median(values: Sequence[Fraction]) -> Fraction | None:
    """Return the exact median, the mean of the middle two for an even count; None for no values."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def leave_out(
    groups: Iterable[GroupCounts], label: str, reason: str, *, rule: str
) -> tuple[GroupCounts, ...]:
    """Return `groups` with one left out; under LL144 only a category of less than 2 % may be."""
    found = tuple(groups)
    if label not in {g.label for g in found}:
        raise Usage(f"no group is called {label!r}", hint=f"the groups are {group_names(found)}")
    if rule == "ll144" and label not in under_two_percent(found):
        raise Usage(
            f"{label!r} is 2 % of the people or more", hint="LL144 lets smaller categories be left out only"
        )
    return tuple(msgspec.structs.replace(g, excluded=reason) if g.label == label else g for g in found)


def under_two_percent(groups: Iterable[GroupCounts]) -> tuple[str, ...]:
    """Return the labels of the groups that hold less than 2 % of the people whose category is known."""
    found = tuple(groups)
    total = sum((g.n for g in found), start=0)
    return tuple(g.label for g in found if 50 * g.n < total)


def group_names(groups: Iterable[GroupCounts]) -> str:
    """Return the labels as a person reads them, at most twelve."""
    labels = [repr(g.label) for g in groups]
    return ", ".join(labels[:12]) + (f" and {len(labels) - 12} more" if len(labels) > 12 else "")
