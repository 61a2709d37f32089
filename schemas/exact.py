"""Exact numbers of signed documents: a ratio is two integers, a bound decimal text (RECORDS section 1)."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

import msgspec

Count = int | Fraction
"""People; a Fraction only where rows carry weights that are not whole. Such a check is never stored."""

_PLACES = Decimal("0.000001")
# Wide enough for an interval's bound over 10^40 at six places; quantize refuses what does not fit.
_WIDE = Context(prec=80)


def decimal_text(value: Decimal) -> str:
    """Return `value` as RECORDS section 1 writes decimals: half-even at six places, never -0."""
    rounded = value.quantize(_PLACES, rounding=ROUND_HALF_EVEN, context=_WIDE)
    text = f"{rounded:f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


class Ratio(msgspec.Struct, frozen=True):
    """Two integers; `den` 0 says that the ratio does not exist."""

    num: int
    den: int

    @property
    def exists(self) -> bool:
        """Whether there is anything to divide by."""
        return self.den != 0

    @property
    def fraction(self) -> Fraction | None:
        """The exact value, None when there is none."""
        return Fraction(self.num, self.den) if self.den else None

    @property
    def number(self) -> float | None:
        """The nearest float, None when there is none."""
        return self.num / self.den if self.den else None

    def to_document(self) -> dict[str, str]:
        """Return `{num, den}` as integer strings, or why there is no ratio."""
        if self.den:
            return {"num": str(self.num), "den": str(self.den)}
        return {"absent": "inf" if self.num else "nan"}


ABSENT = Ratio(0, 0)


def ratio_of(above: Count, below: Count) -> Ratio:
    """Return above / below without reducing whole numbers, so that the counts stay readable."""
    if isinstance(above, int) and isinstance(below, int):
        return Ratio(above, below)
    if not below:
        return Ratio(int(above > 0), 0)
    value = Fraction(above) / Fraction(below)
    return Ratio(value.numerator, value.denominator)


class Bounds(msgspec.Struct, frozen=True):
    """A two-sided 95 % interval."""

    low: Decimal
    high: Decimal

    def to_document(self) -> dict[str, str]:
        """Return both bounds as decimal strings."""
        return {"low": decimal_text(self.low), "high": decimal_text(self.high)}
