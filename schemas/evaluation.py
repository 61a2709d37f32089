"""Bias checks: counts of groups, what was computed from them, and the canonical document that is signed.

Counts are stored, never people. Ratios are records as two integers; a decimal is rounded half-even to six
places and never compared. What could not be computed is `{"absent": "nan"}` or `{"absent": "inf"}`, never 0.
"""

from decimal import Decimal
from typing import Any, Literal

import msgspec

from schemas.canonical import canonical, parse_canonical
from schemas.errors import VerificationError
from schemas.exact import ABSENT, Bounds, Count, Ratio, decimal_text

Rule = Literal["general", "ll144"]


class Confusion(msgspec.Struct, frozen=True):
    """What was predicted against what turned out, in people."""

    tn: Count
    fp: Count
    fn: Count
    tp: Count


class GroupCounts(msgspec.Struct, frozen=True):
    """One group: how many people, how many got the outcome counted; `excluded` says why it is left out."""

    label: str
    n: Count
    selected: Count
    confusion: Confusion | None = None
    excluded: str | None = None


class StratumCounts(msgspec.Struct, frozen=True):
    """The groups as they were decided on in one job, site or stage."""

    stratum: str
    groups: tuple[GroupCounts, ...]


class Polarity(msgspec.Struct, frozen=True):
    """What the counted outcome is called, and whether a person wants it."""

    label: str
    favourable: bool = True


class BiasInput(msgspec.Struct, frozen=True):
    """All that a bias check is computed from; `policy` is best, largest, overall or a group's label."""

    attribute: str
    rule: Rule
    policy: str
    polarity: Polarity
    unknown: Count
    groups: tuple[GroupCounts, ...]
    strata_by: str | None = None
    strata: tuple[StratumCounts, ...] = ()
    source: tuple[tuple[str, str | int], ...] = ()


class GroupResult(msgspec.Struct, frozen=True):
    """What was computed for one group against the reference; None is "not available", never 0.

    `ratio`, `interval` and the tests compare the rates of the favourable outcome.
    """

    counts: GroupCounts
    rate: Ratio
    favourable_rate: Ratio
    rate_bounds: Bounds | None = None
    impact_ratio: Ratio = ABSENT
    bounds: Bounds | None = None
    z: Decimal | None = None
    p: Decimal | None = None
    fisher_p: Decimal | None = None
    p_adjusted: Decimal | None = None
    test: Literal["z", "fisher"] | None = None
    below_four_fifths: bool | None = None
    small_sample: bool = False
    stratified_ratio: Ratio = ABSENT
    stratified_p: Decimal | None = None
    tpr: Ratio = ABSENT
    fpr: Ratio = ABSENT
    fnr: Ratio = ABSENT
    ppv: Ratio = ABSENT


class BiasCheck(msgspec.Struct, frozen=True):
    """One attribute's bias check: its input and everything computed from it."""

    given: BiasInput
    reference: str | None
    groups: tuple[GroupResult, ...]
    parity_difference: Ratio = ABSENT
    parity_ratio: Ratio = ABSENT
    equalized_odds_difference: Ratio = ABSENT
    equalized_odds_ratio: Ratio = ABSENT
    mantel_haenszel_ratio: Ratio = ABSENT

    def to_document(self) -> dict[str, Any]:
        """Return the document that is signed: canonical-JSON-safe, groups sorted by label."""
        given = self.given
        document: dict[str, Any] = {
            "attribute": given.attribute,
            "equalizedOddsDifference": self.equalized_odds_difference.to_document(),
            "equalizedOddsRatio": self.equalized_odds_ratio.to_document(),
            "groups": [_group_document(g) for g in sorted(self.groups, key=lambda g: g.counts.label)],
            "mantelHaenszelRatio": self.mantel_haenszel_ratio.to_document(),
            "parityDifference": self.parity_difference.to_document(),
            "parityRatio": self.parity_ratio.to_document(),
            "polarity": {"favourable": given.polarity.favourable, "label": given.polarity.label},
            "reference": {"label": self.reference, "policy": given.policy},
            "rule": given.rule,
            "semantics": 1,
            "source": dict(given.source),
            "unknown": given.unknown,
        }
        if given.strata_by is not None:
            document["strata"] = {"by": given.strata_by, "cells": _strata_document(given.strata)}
        return document

    def to_bytes(self) -> bytes:
        """Return the canonical bytes of the document."""
        return canonical(self.to_document())


def _decimal(value: Decimal | None) -> Any:
    return {"absent": "nan"} if value is None else decimal_text(value)


def _bounds(value: Bounds | None) -> dict[str, str]:
    return {"absent": "nan"} if value is None else value.to_document()


def _group_document(group: GroupResult) -> dict[str, Any]:
    counts = group.counts
    document: dict[str, Any] = {
        "belowFourFifths": group.below_four_fifths,
        "ci": _bounds(group.bounds),
        "excluded": counts.excluded is not None,
        "favourableRate": group.favourable_rate.to_document(),
        "fisherP": _decimal(group.fisher_p),
        "impactRatio": group.impact_ratio.to_document(),
        "label": counts.label,
        "n": counts.n,
        "p": _decimal(group.p),
        "pAdjusted": _decimal(group.p_adjusted),
        "rate": group.rate.to_document(),
        "rateCi": _bounds(group.rate_bounds),
        "selected": counts.selected,
        "smallSample": group.small_sample,
        "stratifiedP": _decimal(group.stratified_p),
        "stratifiedRatio": group.stratified_ratio.to_document(),
        "test": group.test,
        "z": _decimal(group.z),
    }
    if counts.excluded is not None:
        document["reason"] = counts.excluded
    if counts.confusion is not None:
        document |= {name: getattr(counts.confusion, name) for name in ("tn", "fp", "fn", "tp")}
        document |= {name: getattr(group, name).to_document() for name in ("tpr", "fpr", "fnr", "ppv")}
    return document


def _strata_document(strata: tuple[StratumCounts, ...]) -> list[dict[str, Any]]:
    return [
        {"label": g.label, "n": g.n, "selected": g.selected, "stratum": s.stratum}
        for s in sorted(strata, key=lambda s: s.stratum)
        for g in sorted(s.groups, key=lambda g: g.label)
    ]


def parse_bias_document(data: bytes) -> BiasCheck:
    """Return the bias check spelled by `data`; raise VerificationError for anything else.

    The numbers are read, not recomputed: `registry.rules.fairness.verify_bias_document` does that.
    """
    document = parse_canonical(data)
    try:
        check = _check_of(document)
        same = check.to_document() == document
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise VerificationError("BIAS_MALFORMED", "not a bias document") from error
    if not same:
        raise VerificationError(
            "BIAS_MALFORMED", "not a bias document: a member is unknown, missing or misspelt"
        )
    return check


def _check_of(document: Any) -> BiasCheck:
    strata = document.get("strata")
    if document["rule"] not in ("general", "ll144") or document["semantics"] != 1:
        raise ValueError("a rule or a semantics this program does not know")
    if not isinstance(document["polarity"]["favourable"], bool):
        raise TypeError("expected favourable to be true or false")
    given = BiasInput(
        attribute=_word(document["attribute"]),
        rule=document["rule"],
        policy=_word(document["reference"]["policy"]),
        polarity=Polarity(_word(document["polarity"]["label"]), document["polarity"]["favourable"]),
        unknown=_people(document["unknown"]),
        groups=tuple(_counts_of(g) for g in document["groups"]),
        strata_by=strata["by"] if strata else None,
        strata=_strata_of(strata["cells"]) if strata else (),
        source=tuple(sorted(document["source"].items())),
    )
    return BiasCheck(
        given=given,
        reference=document["reference"]["label"],
        groups=tuple(_result_of(g) for g in document["groups"]),
        parity_difference=_ratio_from(document["parityDifference"]),
        parity_ratio=_ratio_from(document["parityRatio"]),
        equalized_odds_difference=_ratio_from(document["equalizedOddsDifference"]),
        equalized_odds_ratio=_ratio_from(document["equalizedOddsRatio"]),
        mantel_haenszel_ratio=_ratio_from(document["mantelHaenszelRatio"]),
    )


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value


def _people(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("expected a number of people")
    return value


def _counts_of(group: dict[str, Any]) -> GroupCounts:
    cells = [_people(group[name]) for name in ("tn", "fp", "fn", "tp")] if "tp" in group else None
    n, selected = _people(group["n"]), _people(group["selected"])
    if selected > n or group["excluded"] is not ("reason" in group):
        raise ValueError("more people selected than there are, or left out without a reason")
    confusion = Confusion(*cells) if cells else None
    reason = _word(group["reason"]) if "reason" in group else None
    return GroupCounts(_word(group["label"]), n, selected, confusion, reason)


def _strata_of(cells: list[dict[str, Any]]) -> tuple[StratumCounts, ...]:
    groups: dict[str, list[GroupCounts]] = {}
    for cell in cells:
        counts = GroupCounts(_word(cell["label"]), _people(cell["n"]), _people(cell["selected"]))
        groups.setdefault(cell["stratum"], []).append(counts)
    return tuple(StratumCounts(name, tuple(items)) for name, items in groups.items())


def _ratio_from(value: dict[str, str]) -> Ratio:
    if "absent" in value:
        return Ratio(int(value["absent"] == "inf"), 0)
    return Ratio(int(value["num"]), int(value["den"]))


def _decimal_from(value: Any) -> Decimal | None:
    return None if isinstance(value, dict) else Decimal(value)


def _bounds_from(value: dict[str, str]) -> Bounds | None:
    return None if "absent" in value else Bounds(Decimal(value["low"]), Decimal(value["high"]))


def _result_of(group: dict[str, Any]) -> GroupResult:
    rates = {name: _ratio_from(group[name]) for name in ("tpr", "fpr", "fnr", "ppv") if name in group}
    return GroupResult(
        counts=_counts_of(group),
        rate=_ratio_from(group["rate"]),
        favourable_rate=_ratio_from(group["favourableRate"]),
        rate_bounds=_bounds_from(group["rateCi"]),
        impact_ratio=_ratio_from(group["impactRatio"]),
        bounds=_bounds_from(group["ci"]),
        z=_decimal_from(group["z"]),
        p=_decimal_from(group["p"]),
        fisher_p=_decimal_from(group["fisherP"]),
        p_adjusted=_decimal_from(group["pAdjusted"]),
        test=group["test"],
        below_four_fifths=group["belowFourFifths"],
        small_sample=group["smallSample"],
        stratified_ratio=_ratio_from(group["stratifiedRatio"]),
        stratified_p=_decimal_from(group["stratifiedP"]),
        **rates,
    )
