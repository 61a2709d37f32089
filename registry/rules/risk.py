"""The tier of a version and the rating of a risk: tables a reviewer can follow by hand.

1. Exposure and purpose meet in a table cell.
2. Two or more modifiers raise it by one step.
3. Floors lift it to what the law or the use asks for at least.
4. A person may set it higher with a reason; lower only a risk approver, with a reason, until a day.

Sources: governance.md sections 8.2 and 8.4.
"""

from collections.abc import Callable, Iterator
from datetime import date

from schemas.errors import Malformed, VerificationError
from schemas.governance import (
    Floors,
    Modifiers,
    Rating,
    Residual,
    Risk,
    RiskAssessment,
    RiskForm,
    Score,
    Step,
    form_of,
    parse_risk_document,
    rating_of,
)

_L, _M, _H, _C = Rating.LOW, Rating.MEDIUM, Rating.HIGH, Rating.CRITICAL
CELLS: dict[int, tuple[Rating, ...]] = {
    5: (_M, _H, _H, _C, _C),
    4: (_M, _M, _H, _H, _C),
    3: (_L, _M, _M, _H, _H),
    2: (_L, _L, _M, _M, _H),
    1: (_L, _L, _L, _M, _M),
}
"""Exposure -> the tier for purpose 1 to 5."""

FLOORS: dict[str, Rating] = {
    "ai_act_high_risk": _H,
    "ll144_aedt": _H,
    "gdpr_22": _H,
    "customer_facing_generative": _M,
}
ACCEPTS: dict[str, Rating] = {"owner": _M, "risk-approver": _H, "committee": _C}
"""The highest residual rating each role may accept."""


def rate(score: Score | Residual) -> Rating:
    """Return low for likelihood times impact up to 4, medium up to 9, high up to 16, else critical.

    The worst impact is at least high as soon as it is more than remote.
    """
    product = score.likelihood * score.impact
    rating = _L if product <= 4 else _M if product <= 9 else _H if product <= 16 else _C
    return max(rating, _H) if score.impact == 5 and score.likelihood >= 2 else rating


def derive_tier(form: RiskForm, *, today: str) -> tuple[Step, ...]:
    """Return the steps that lead to the tier, which is the last one's; an override that ended is left out."""
    tier = CELLS[form.exposure][form.purpose - 1]
    steps = [Step(f"table E{form.exposure} P{form.purpose}", tier)]
    modifiers = _named(form.modifiers)
    if len(modifiers) >= 2:
        tier = Rating(min(tier + 1, _C))
        steps.append(Step(f"modifiers {', '.join(modifiers)}", tier))
    for name in _named(form.floors):
        tier = max(tier, FLOORS[name])
        steps.append(Step(f"floor {name}", tier))
    override = form.override
    if override is not None and not (override.expires is not None and override.expires < today):
        until = f" until {override.expires}" if override.expires is not None else ""
        steps.append(
            Step(f"override by {override.approver} ({override.role}){until}", rating_of(override.tier))
        )
    return tuple(steps)


def assess(form: RiskForm, *, today: str) -> RiskAssessment:
    """Return the assessment `form` gives; raise Malformed with every contradiction in it at once."""
    found = list(problems(form, today=today))
    if found:
        raise Malformed("; ".join(found), hint="correct the file and assess again")
    steps = derive_tier(form, today=today)
    ratings = tuple((rate(r.inherent), None if r.residual is None else rate(r.residual)) for r in form.risks)
    return RiskAssessment(form, steps[-1].tier, steps, ratings)


def problems(form: RiskForm, *, today: str) -> Iterator[str]:
    """Yield what contradicts itself in a form of the right shape, each with its path."""
    yield from _override_problems(form, today)
    seen: set[str] = set()
    yield from _day_problems(form)
    for index, risk in enumerate(form.risks):
        if risk.id in seen:
            yield f"risks[{index}].id: {risk.id!r} stands twice"
        seen.add(risk.id)
        if risk.residual is not None:
            yield from _residual_problems(risk.residual, risk, f"risks[{index}].residual")


def effective(risk: Risk, holds: Callable[[str], bool]) -> Rating:
    """Return the residual rating while every control that justifies it holds, else the inherent one."""
    if risk.residual is not None and all(holds(control) for control in risk.residual.controls):
        return rate(risk.residual)
    return rate(risk.inherent)


def verify_risk_document(data: bytes) -> RiskAssessment:
    """Return the assessment `data` spells, derived again; raise VerificationError if it does not follow."""
    form = form_of(parse_risk_document(data))
    # An override is judged as of the day it was signed: its end is for status, not for the document.
    again = assess_signed(form)
    if again.to_bytes() != data:
        raise VerificationError("RISK_MISMATCH", "the tier or a rating does not follow from the assessment")
    return again


def assess_signed(form: RiskForm) -> RiskAssessment:
    """Return the assessment as of the day it was signed, when its override was in force."""
    try:
        return assess(form, today="0000-00-00")
    except Malformed as error:
        raise VerificationError("RISK_MISMATCH", error.message) from error


def _named(flags: Modifiers | Floors) -> tuple[str, ...]:
    return tuple(name for name in flags.__struct_fields__ if getattr(flags, name))


def _day_problems(form: RiskForm) -> Iterator[str]:
    days = {"override.expires": form.override.expires if form.override is not None else None}
    for index, risk in enumerate(form.risks):
        days[f"risks[{index}].due"] = risk.due
        if risk.residual is not None:
            days[f"risks[{index}].residual.acceptor.accepted"] = risk.residual.acceptor.accepted
    for path, day in days.items():
        try:
            date.fromisoformat(day or "2000-01-01")
        except ValueError:
            yield f"{path}: there is no day {day}"


def _override_problems(form: RiskForm, today: str) -> Iterator[str]:
    override = form.override
    if override is None:
        return
    if override.expires is not None and override.expires < today:
        yield f"override.expires: {override.expires} is over"
        return
    derived = derive_tier(form, today=today)[-2].tier
    wanted = rating_of(override.tier)
    if wanted == derived:
        yield f"override.tier: the tier is {derived.word} without it"
    elif wanted < derived:
        if override.role != "risk-approver":
            yield f"override.role: only a risk approver may lower {derived.word}, found {override.role}"
        if override.expires is None:
            yield f"override.expires: lowering {derived.word} to {wanted.word} needs an end"


def _residual_problems(residual: Residual, risk: Risk, path: str) -> Iterator[str]:
    inherent, left, role = rate(risk.inherent), rate(residual), residual.acceptor.role
    more_likely = residual.likelihood > risk.inherent.likelihood
    if left > inherent or more_likely or residual.impact > risk.inherent.impact:
        yield f"{path}: {_scored(residual)} is more than the inherent {_scored(risk.inherent)}"
    if left > ACCEPTS[role]:
        yield f"{path}.acceptor.role: {role} accepts up to {ACCEPTS[role].word}, this is {left.word}"


def _scored(score: Score | Residual) -> str:
    return f"{score.likelihood} x {score.impact} ({rate(score).word})"
