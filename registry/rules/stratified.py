"""Comparing groups within jobs, sites or stages, where an aggregate may say the opposite (Simpson).

Sources: governance.md section 6.4; Mantel and Haenszel 1959. The ratio is exact, so its integers grow with
the number of strata; beyond `MAX_STRATA` they would be longer than any reader should accept.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import msgspec

from registry.rules import statistics
from schemas.errors import Usage
from schemas.evaluation import BiasInput, GroupCounts, GroupResult
from schemas.exact import ABSENT, Count, Ratio

MAX_STRATA = 300
_MAX_BITS = 12_000


def refuse_strata(given: BiasInput) -> None:
    """Raise Usage when there are too many strata or they do not add up to the groups."""
    if given.strata_by is None:
        return
    if len(given.strata) > MAX_STRATA:
        raise Usage(
            f"{given.strata_by} has {len(given.strata)} strata, at most {MAX_STRATA} are compared",
            hint="name a coarser column",
        )
    summed: dict[str, tuple[Count, Count]] = {}
    for stratum in given.strata:
        for g in stratum.groups:
            n, selected = summed.get(g.label, (0, 0))
            summed[g.label] = (n + g.n, selected + g.selected)
    for g in given.groups:
        if summed.get(g.label, (0, 0)) != (g.n, g.selected):
            raise Usage(f"{g.label!r}: the strata of {given.strata_by} do not add up to the group")


def stratify(results: Sequence[GroupResult], given: BiasInput, reference: str) -> Iterator[GroupResult]:
    """Yield `results`, each group beside the reference with its ratio and its p-value within strata."""
    tables = [{g.label: g for g in stratum.groups} for stratum in given.strata]
    for result in results:
        if result.counts.label == reference or result.counts.excluded is not None:
            yield result
            continue
        strata = list(_pairs(tables, result.counts.label, reference, given))
        square = statistics.cochran_mantel_haenszel(strata)
        yield msgspec.structs.replace(
            result,
            stratified_ratio=_ratio(statistics.mantel_haenszel_ratio(strata), given),
            stratified_p=None if square is None else statistics.two_sided(square.sqrt()),
        )


def lowest(results: Sequence[GroupResult]) -> Ratio:
    """Return the lowest stratified ratio of any group against the reference."""
    found = [r.stratified_ratio for r in results if r.stratified_ratio.exists]
    return min(found, key=lambda r: r.fraction or Fraction(0), default=ABSENT)


def _pairs(
    tables: Sequence[Mapping[str, GroupCounts]], focal: str, reference: str, given: BiasInput
) -> Iterator[statistics.Stratum]:
    for table in tables:
        first, second = table.get(focal), table.get(reference)
        if first is not None and second is not None:
            k1, k2 = int(first.selected), int(second.selected)
            n1, n2 = int(first.n), int(second.n)
            wanted = given.polarity.favourable
            yield statistics.Stratum(k1 if wanted else n1 - k1, n1, k2 if wanted else n2 - k2, n2)


def _ratio(value: Fraction | None, given: BiasInput) -> Ratio:
    if value is None:
        return ABSENT
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
        raise Usage(
            f"the strata of {given.strata_by} are too many to compare exactly", hint="name a coarser column"
        )
    return Ratio(value.numerator, value.denominator)
