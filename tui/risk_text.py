"""A risk assessment as `--json` prints it, and as lines a reviewer reads."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry.rules.risk import effective
from schemas.governance import Rating, Residual, Risk, RiskAssessment, Score, Step
from tui.output import table


def assessment_json(assessment: RiskAssessment, names: Mapping[str, str]) -> dict[str, Any]:
    """Return an assessment as `--json` prints it; `names` are persons' display names by id."""
    form = assessment.form
    # No record says that a control holds, so what is left of a risk cannot be relied on yet.
    ratings = [effective(risk, lambda _: False) for risk in form.risks]
    rows = zip(form.risks, assessment.ratings, ratings, strict=True)
    return {
        "tier": assessment.tier.word,
        "steps": [{"rule": s.rule, "tier": s.tier.word} for s in assessment.steps],
        "exposure": form.exposure,
        "purpose": form.purpose,
        "summary": form.summary,
        "risks": [_risk_json(risk, rated, now.word, names) for risk, rated, now in rows],
        "highest": max(ratings).word if ratings else None,
        "counts": {r.word: ratings.count(r) for r in Rating},
    }


def _risk_json(
    risk: Risk, rated: tuple[Rating, Rating | None], now: str, names: Mapping[str, str]
) -> dict[str, Any]:
    left = risk.residual
    row: dict[str, Any] = {
        "id": risk.id,
        "title": risk.title,
        "area": risk.area,
        "scenario": risk.scenario,
        "treatment": risk.treatment,
        "owner": names.get(risk.owner or "", risk.owner),
        "inherent": _score(risk.inherent, rated[0]),
        "residual": None,
        "effective": now,
        "controls": [],
        "acceptor": None,
    }
    if left is not None and rated[1] is not None:
        who = left.acceptor.who
        row["residual"] = _score(left, rated[1])
        row["controls"] = list(left.controls)
        row["acceptor"] = {"who": who, "name": names.get(who, who), "role": left.acceptor.role}
        row["acceptor"]["accepted"] = left.acceptor.accepted
    return row


def _score(score: Score | Residual, rating: Rating) -> dict[str, Any]:
    return {"likelihood": score.likelihood, "impact": score.impact, "rating": rating.word}


def step_lines(steps: Sequence[Step]) -> Iterator[str]:
    """Yield the tier and how it came about."""
    yield f"tier       {steps[-1].tier.word}"
    for step in steps:
        yield f"  {step.tier.word:<9} {step.rule}"


def assessment_lines(assessment: RiskAssessment) -> Iterator[str]:
    """Yield the tier, the register and its highest effective rating."""
    value = assessment_json(assessment, {})
    yield from step_lines(assessment.steps)
    if not value["risks"]:
        yield "risks      none listed. This is a gap, not a pass."
        return
    yield ""
    rows = [
        (r["id"], _short(r["inherent"]), _short(r["residual"]), r["effective"], r["area"], r["title"])
        for r in value["risks"]
    ]
    yield from table(("ID", "INHERENT", "RESIDUAL", "EFFECTIVE", "AREA", "TITLE"), rows)
    yield ""
    counts = ", ".join(f"{n} {word}" for word, n in reversed(value["counts"].items()) if n)
    yield f"highest    {value['highest']} ({counts})"
    yield "effective is the inherent rating until the controls named are shown to hold"


def _short(score: dict[str, Any] | None) -> str:
    return "-" if score is None else f"{score['rating']} {score['likelihood']}x{score['impact']}"
