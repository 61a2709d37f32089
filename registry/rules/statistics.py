"""Intervals and tests for counts of people, exact where integers allow it and at 50 digits elsewhere.

Everything is computed with `decimal`, never with the platform's floating point, so that two machines sign
the same digits. Sources: governance.md section 6.3; Wilson 1927, Katz 1978, Newcombe 1998, Mantel and
Haenszel 1959.
"""

from collections.abc import Iterable
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import NamedTuple

DIGITS = 50
Z_95 = Decimal("1.95996398454005423552459443052055152795555007786954839847695264636")
_TIE = Decimal("1e-30")
_NEGLIGIBLE = Decimal("1e-50")
# Farther out a p-value is under 1e-330: neither a float nor six places can tell it from 0.
_FARTHEST = 39

_MOST_PEOPLE = 1_000_000_000
_LONGEST_WALK = 50_000


class Interval(NamedTuple):
    """A two-sided 95 % interval."""

    low: Decimal
    high: Decimal


class Stratum(NamedTuple):
    """One job, site or stage: focal chosen of focal n, reference chosen of reference n."""

    k1: int
    n1: int
    k2: int
    n2: int


def _context(extra: int = 12) -> Context:
    # The extra digits absorb the rounding of intermediate steps; results are used far below 50 digits.
    return Context(prec=DIGITS + extra)


def decimal_of(value: Fraction) -> Decimal:
    """Return `value` at 50 digits."""
    with localcontext(_context()):
        return Decimal(value.numerator) / Decimal(value.denominator)


def wilson(k: int, n: int) -> Interval | None:
    """Return Wilson's score interval for the rate k of n, None when n is 0."""
    if n == 0:
        return None
    with localcontext(_context()):
        total, rate = Decimal(n), Decimal(k) / Decimal(n)
        square = Z_95 * Z_95
        scale = 1 + square / total
        centre = (rate + square / (2 * total)) / scale
        half = Z_95 * (rate * (1 - rate) / total + square / (4 * total * total)).sqrt() / scale
        low = Decimal(0) if k == 0 else centre - half
        high = Decimal(1) if k == n else centre + half
        return Interval(low, high)


def katz(k1: int, n1: int, k2: int, n2: int) -> Interval | None:
    """Return Katz's log interval for the ratio of two rates, None when a group is empty or nobody was chosen.

    When one of the four cells is 0, one half is added to each of the four.
    """
    if n1 == 0 or n2 == 0 or (k1 == 0 and k2 == 0):
        return None
    with localcontext(_context()):
        a, b, m, n = Decimal(k1), Decimal(k2), Decimal(n1), Decimal(n2)
        if 0 in (k1, n1 - k1, k2, n2 - k2):
            half = Decimal("0.5")
            a, b, m, n = a + half, b + half, m + 1, n + 1
        centre = (a * n / (b * m)).ln()
        spread = Z_95 * (1 / a - 1 / m + 1 / b - 1 / n).sqrt()
        return Interval((centre - spread).exp(), (centre + spread).exp())


def newcombe(k1: int, n1: int, k2: int, n2: int) -> Interval | None:
    """Return Newcombe's hybrid score interval for the difference of two rates, None when a group is empty."""
    first, second = wilson(k1, n1), wilson(k2, n2)
    if first is None or second is None:
        return None
    with localcontext(_context()):
        p1, p2 = Decimal(k1) / n1, Decimal(k2) / n2
        down = ((p1 - first.low) ** 2 + (second.high - p2) ** 2).sqrt()
        up = ((first.high - p1) ** 2 + (p2 - second.low) ** 2).sqrt()
        return Interval(p1 - p2 - down, p1 - p2 + up)


def pooled_z(k1: int, n1: int, k2: int, n2: int) -> Decimal | None:
    """Return the pooled z of rate 1 minus rate 2, None when the pooled rate is 0, 1 or undefined."""
    if n1 == 0 or n2 == 0 or k1 + k2 in (0, n1 + n2):
        return None
    with localcontext(_context()):
        pooled = Decimal(k1 + k2) / Decimal(n1 + n2)
        spread = (pooled * (1 - pooled) * (1 / Decimal(n1) + 1 / Decimal(n2))).sqrt()
        return (Decimal(k1) / n1 - Decimal(k2) / n2) / spread


def two_sided(z: Decimal) -> Decimal:
    """Return the probability of a standard normal at least as far from 0 as `z`."""
    far = abs(z)
    if far > _FARTHEST:
        return Decimal(0)
    # 1 - erf(x) cancels about x^2 / ln 10 leading digits, so as many more are carried.
    with localcontext(_context(20 + int(far * far / 4))) as context:
        x = far / Decimal(2).sqrt()
        smallest = Decimal(10) ** -context.prec
        term = total = x
        k = 0
        while term > total * smallest:
            k += 1
            term = term * 2 * x * x / (2 * k + 1)
            total += term
        erf = 2 * total * (-x * x).exp() / _pi().sqrt()
        return max(1 - erf, Decimal(0))


def _pi() -> Decimal:
    # Machin's formula, at the precision in force.
    return 16 * _arctan_inverse(5) - 4 * _arctan_inverse(239)


def _arctan_inverse(n: int) -> Decimal:
    power = total = Decimal(1) / n
    k, sign = 1, -1
    while True:
        power /= n * n
        k += 2
        step = power / k
        if total + step == total:
            return total
        total += sign * step
        sign = -sign


def fisher(k1: int, n1: int, k2: int, n2: int) -> Decimal | None:
    """Return Fisher's exact two-sided p: all tables no likelier than this one; None when a group is empty.

    The hypergeometric weights are walked outwards from the likeliest table, so the cost follows the spread
    and not the number of people. None also when that walk would be too long: the z test then says the same.
    """
    if n1 == 0 or n2 == 0:
        return None
    chosen = k1 + k2
    low, high = max(0, chosen - n2), min(n1, chosen)
    mode = min(max((n1 + 1) * (chosen + 1) // (n1 + n2 + 2), low), high)
    if n1 + n2 > _MOST_PEOPLE or abs(k1 - mode) > _LONGEST_WALK:
        return None
    with localcontext(_context()):
        observed = _weight(k1, mode, n1, n2, chosen)
        limit = observed * (1 + _TIE)
        total = tail = Decimal(0)
        for step in (1, -1):
            weight, x = Decimal(1), mode
            while low <= x <= high and weight > observed * _NEGLIGIBLE:
                if step == 1 or x != mode:
                    total += weight
                    tail += weight if weight <= limit else 0
                weight, x = weight * _ratio(x, step, n1, n2, chosen), x + step
        return min(tail / total, Decimal(1))


def _weight(k: int, mode: int, n1: int, n2: int, chosen: int) -> Decimal:
    weight, x, step = Decimal(1), mode, 1 if k > mode else -1
    while x != k:
        weight, x = weight * _ratio(x, step, n1, n2, chosen), x + step
    return weight


def _ratio(x: int, step: int, n1: int, n2: int, chosen: int) -> Decimal:
    """Return how much likelier the table with x + step chosen in group 1 is than the one with x."""
    if step == 1:
        return Decimal((n1 - x) * (chosen - x)) / Decimal((x + 1) * (n2 - chosen + x + 1))
    return Decimal(x * (n2 - chosen + x)) / Decimal((n1 - x + 1) * (chosen - x + 1))


def any_expected_below_5(k1: int, n1: int, k2: int, n2: int) -> bool:
    """Return whether a cell of the two-by-two table is expected to hold fewer than five people."""
    total, chosen = n1 + n2, k1 + k2
    return any(n * side < 5 * total for n in (n1, n2) for side in (chosen, total - chosen))


def mantel_haenszel_ratio(strata: Iterable[Stratum]) -> Fraction | None:
    """Return the Mantel-Haenszel ratio of rates over strata, None when the reference was never chosen."""
    above = below = Fraction(0)
    for s in strata:
        if s.n1 and s.n2:
            above += Fraction(s.k1 * s.n2, s.n1 + s.n2)
            below += Fraction(s.k2 * s.n1, s.n1 + s.n2)
    return above / below if below else None


def cochran_mantel_haenszel(strata: Iterable[Stratum]) -> Decimal | None:
    """Return the uncorrected CMH chi-square (one degree of freedom), None when no stratum varies."""
    difference = variance = Fraction(0)
    for s in strata:
        total, chosen = s.n1 + s.n2, s.k1 + s.k2
        if total > 1 and s.n1 and s.n2:
            difference += s.k1 - Fraction(s.n1 * chosen, total)
            variance += Fraction(s.n1 * s.n2 * chosen * (total - chosen), total * total * (total - 1))
    return decimal_of(difference * difference / variance) if variance else None


def holm(values: list[Decimal]) -> list[Decimal]:
    """Return p-values adjusted by Holm's step-down method, in the order given."""
    adjusted = [Decimal(0)] * len(values)
    floor = Decimal(0)
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        floor = max(floor, min(Decimal(1), values[index] * (len(values) - rank)))
        adjusted[index] = floor
    return adjusted
