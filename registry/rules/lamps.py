"""Three lamps per group, in words: the ratio, its interval, and whether the difference could be chance.

A group of fewer than 30 people, or one whose verdict a single person would turn, carries a mark beside them;
with fewer than 5 a person could be recognised.
"""

from typing import Literal

import msgspec

from registry.rules.fairness import FOUR_FIFTHS, MIN_DISPLAY, MIN_VERDICT, SIGNIFICANT, deciding_p
from schemas.evaluation import GroupResult

RatioLamp = Literal["below", "at or above", "not available"]
IntervalLamp = Literal["clearly below", "uncertain", "clearly above", "not available"]
SignificanceLamp = Literal["significant", "could be chance", "not available"]


class Lamps(msgspec.Struct, frozen=True):
    """What a reviewer sees for one group, never folded into one bit."""

    ratio: RatioLamp
    interval: IntervalLamp
    significance: SignificanceLamp
    marks: tuple[str, ...] = ()


def lamps(result: GroupResult) -> Lamps:
    """Return the lamps of one group's result."""
    return Lamps(_ratio(result), _interval(result), _significance(result), _marks(result))


def _ratio(result: GroupResult) -> RatioLamp:
    if result.below_four_fifths is None:
        return "not available"
    return "below" if result.below_four_fifths else "at or above"


def _interval(result: GroupResult) -> IntervalLamp:
    if result.bounds is None:
        return "not available"
    if result.bounds.high < FOUR_FIFTHS:
        return "clearly below"
    return "clearly above" if result.bounds.low >= FOUR_FIFTHS else "uncertain"


def _significance(result: GroupResult) -> SignificanceLamp:
    p = deciding_p(result)
    if p is None:
        return "not available"
    return "significant" if p < SIGNIFICANT else "could be chance"


def _marks(result: GroupResult) -> tuple[str, ...]:
    marks = []
    if result.counts.excluded is not None:
        marks.append(f"left out: {result.counts.excluded}")
    if result.counts.n < MIN_DISPLAY:
        marks.append(f"fewer than {MIN_DISPLAY} people: no verdict, not to be published")
    elif result.counts.n < MIN_VERDICT:
        marks.append(f"fewer than {MIN_VERDICT} people: no verdict")
    if result.small_sample:
        marks.append("small sample: one person turns the verdict")
    return tuple(marks)
