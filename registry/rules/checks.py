"""Typed checks over what a dossier freezes: each gives a result, a sentence, and the values it rests on.

Ratios are compared as whole numbers, interval bounds as the exact decimals their document holds. What cannot
be computed is `error`, never `pass`.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import msgspec

from registry.rules.check_rules import (
    LEVELS,
    TIERS,
    ArtifactCheck,
    BiasCheck,
    Check,
    CheckRule,
    EvidenceCheck,
    LineageCheck,
    MonitoringCheck,
    RiskCheck,
    TrainingDataCheck,
)
from registry.rules.dossier import CheckRow, EvidenceRow, Result
from registry.rules.policy import PolicySet
from registry.rules.time_spans import days_after
from schemas import evaluation

RESULT_RANK = {"pass": 0, "waived": 0, "not-applicable": 0, "fail": 1, "error": 2}
"""How bad a result is; a change to a higher rank is a check that got worse."""


class LineageSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What the checks ask of a snapshot; no training run known is `training_known` false."""

    training_known: bool
    datasets: int
    gaps: int
    weakest: str


class CheckInputs(msgspec.Struct, frozen=True, kw_only=True):
    """Everything checks may look at; of several bias documents about an attribute the worst counts.

    `monitored_at` is when the latest report of monitoring was recorded, None when there is none.
    """

    evaluated_at: str
    artifact_level: str
    lineage: LineageSummary
    tier: str | None = None
    bias: tuple[evaluation.BiasCheck, ...] = ()
    evidence: tuple[EvidenceRow, ...] = ()
    monitored_at: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """One check's answer."""

    result: Result
    message: str
    values: dict[str, Any]


def evaluate_checks(
    policy: PolicySet, namespace: str, environment: str, inputs: CheckInputs
) -> tuple[CheckRow, ...]:
    """Return one row for every check of `policy` that covers the version, as the dossier holds them."""
    return tuple(
        evaluate_check(rule, inputs) for rule in policy.applicable_checks(namespace, environment, inputs.tier)
    )


def evaluate_check(rule: CheckRule, inputs: CheckInputs) -> CheckRow:
    """Return the row of one check."""
    outcome = _TESTS[type(rule.check)](rule.check, inputs)
    return CheckRow(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        result=outcome.result,
        message=outcome.message,
        values=outcome.values,
    )


def _artifact(check: ArtifactCheck, inputs: CheckInputs) -> Outcome:
    good = _at_least(inputs.artifact_level, check.level)
    said = f"the artifact is {inputs.artifact_level}, {check.level} is asked for"
    return Outcome("pass" if good else "fail", said, {"level": inputs.artifact_level})


def _training_data(_check: TrainingDataCheck, inputs: CheckInputs) -> Outcome:
    lineage = inputs.lineage
    values = {"datasets": lineage.datasets, "trainingRun": lineage.training_known}
    if not lineage.training_known:
        return Outcome("fail", "no training run is known", values)
    if lineage.datasets == 0:
        return Outcome("fail", "the training run is known to have read no dataset", values)
    return Outcome("pass", f"{lineage.datasets} datasets are known", values)


def _lineage(check: LineageCheck, inputs: CheckInputs) -> Outcome:
    lineage = inputs.lineage
    values = {"gaps": lineage.gaps, "weakest": lineage.weakest}
    faults = []
    if not lineage.training_known:
        faults.append("no training run is known")
    if check.min_level is not None and not _at_least(lineage.weakest, check.min_level):
        faults.append(f"the weakest link is {lineage.weakest}, {check.min_level} is asked for")
    if check.max_gaps is not None and lineage.gaps > check.max_gaps:
        faults.append(f"{lineage.gaps} gaps, at most {check.max_gaps} are allowed")
    said = "; ".join(faults) or f"{lineage.gaps} gaps, the weakest link is {lineage.weakest}"
    return Outcome("fail" if faults else "pass", said, values)


def _risk(check: RiskCheck, inputs: CheckInputs) -> Outcome:
    if inputs.tier is None:
        return Outcome("fail", "the risk is not assessed", {})
    values = {"tier": inputs.tier}
    if check.max_tier is not None and TIERS.index(inputs.tier) > TIERS.index(check.max_tier):
        return Outcome("fail", f"the tier is {inputs.tier}, at most {check.max_tier} is allowed", values)
    return Outcome("pass", f"the tier is {inputs.tier}", values)


def _evidence(check: EvidenceCheck, inputs: CheckInputs) -> Outcome:
    lacking, expired = [], []
    for kind in check.kinds:
        rows = [row for row in inputs.evidence if row.kind == kind]
        if not rows:
            lacking.append(kind)
        elif all(r.valid_until is not None and inputs.evaluated_at >= r.valid_until for r in rows):
            expired.append(kind)
    faults = [f"{kind} is missing" for kind in lacking] + [f"{kind} has expired" for kind in expired]
    values = {"expired": expired, "missing": lacking}
    said = "; ".join(faults) or f"{', '.join(check.kinds)} present"
    return Outcome("fail" if faults else "pass", said, values)


def _monitoring(check: MonitoringCheck, inputs: CheckInputs) -> Outcome:
    last = inputs.monitored_at
    if last is None:
        return Outcome("fail", "no report of its use is recorded", {})
    until = days_after(last, check.max_age_days)
    said = f"last seen in use at {last}, one report every {check.max_age_days} days is asked for"
    return Outcome(
        "pass" if inputs.evaluated_at < until else "fail", said, {"last": last, "validUntil": until}
    )


def _bias(check: BiasCheck, inputs: CheckInputs) -> Outcome:
    outcomes = [
        _bias_by(check, attribute, document)
        for attribute in check.attributes
        for document in (*(d for d in inputs.bias if d.given.attribute == attribute),) or (None,)
    ]
    worst = max(outcomes, key=lambda o: RESULT_RANK[o.result])
    if worst.result == "pass":
        said = "; ".join(o.message for o in outcomes)
        return Outcome("pass", said, {"attributes": [o.values for o in outcomes]})
    said = "; ".join(o.message for o in outcomes if o.result != "pass")
    return Outcome(worst.result, said, {"attributes": [o.values for o in outcomes]})


def _bias_by(check: BiasCheck, attribute: str, document: evaluation.BiasCheck | None) -> Outcome:
    if document is None:
        return Outcome("error", f"no bias check is recorded for {attribute}", {"attribute": attribute})
    sized = [
        group
        for group in document.groups
        if group.counts.excluded is None
        and group.counts.n >= check.min_group_n
        and group.counts.label != document.reference
    ]
    if not sized:
        said = f"{attribute}: no group beside the reference has {check.min_group_n} people"
        return Outcome("error", said, {"attribute": attribute})
    numbers = [(_number(check.rule, group), group) for group in sized]
    absent = [group.counts.label for number, group in numbers if number is None]
    if absent:
        said = f"{attribute}: no {check.rule} number for {', '.join(absent)}"
        return Outcome("error", said, {"attribute": attribute, "absent": absent})
    lowest, group = min(((n, g) for n, g in numbers if n is not None), key=lambda pair: pair[0])
    least = Fraction(int(check.min.num), int(check.min.den))
    good = lowest >= least
    shown = _shown(check.rule, group)
    word = "at least" if good else "below"
    said = f"{attribute}: {group.counts.label} is {word} {check.min.num}/{check.min.den} by {check.rule}"
    return Outcome(
        "pass" if good else "fail", said, {"attribute": attribute, "group": group.counts.label, **shown}
    )


def _number(rule: str, group: evaluation.GroupResult) -> Fraction | None:
    if rule == "point":
        return group.impact_ratio.fraction
    if group.bounds is None:
        return None
    # The document's six places decide, so that whoever reads the document can decide the same.
    bounds = group.bounds.to_document()
    return Fraction(bounds["low"] if rule == "ci_lower" else bounds["high"])


def _shown(rule: str, group: evaluation.GroupResult) -> dict[str, Any]:
    shown: dict[str, Any] = {"ratio": group.impact_ratio.to_document()}
    if rule != "point" and group.bounds is not None:
        shown["bound"] = group.bounds.to_document()["low" if rule == "ci_lower" else "high"]
    return shown


def _at_least(level: str, least: str) -> bool:
    return LEVELS.index(level) >= LEVELS.index(least)


_TESTS: dict[type[Check], Callable[[Any, CheckInputs], Outcome]] = {
    ArtifactCheck: _artifact,
    TrainingDataCheck: _training_data,
    LineageCheck: _lineage,
    RiskCheck: _risk,
    BiasCheck: _bias,
    EvidenceCheck: _evidence,
    MonitoringCheck: _monitoring,
}
