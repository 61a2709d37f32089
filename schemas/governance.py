"""A risk assessment: how it is written, the tier it gives, the risks on its register, the document signed.

Authoring files are snake_case YAML (or JSON); signed documents are camelCase canonical JSON. Sources:
governance.md sections 8.2 and 8.4.
"""

from enum import IntEnum
from typing import Annotated, Any, Literal

import msgspec

from schemas.canonical import canonical, parse_canonical
from schemas.errors import VerificationError


class Rating(IntEnum):
    """Low to critical; the tier of a version and the rating of a risk are told in the same words."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The rating as documents write it."""
        return self.name.lower()


def rating_of(word: str) -> Rating:
    """Return the rating called `word`; raise KeyError for any other."""
    return Rating[word.upper()]


RatingWord = Literal["low", "medium", "high", "critical"]
Area = Literal[
    "health", "safety", "rights", "fairness", "privacy", "security", "performance", "financial",
    "legal", "operations", "reputation", "environment", "other",
]  # fmt: skip
Scenario = Literal["intended", "misuse", "vendor", "emergent"]
Treatment = Literal["avoid", "reduce", "transfer", "accept"]
AcceptorRole = Literal["owner", "risk-approver", "committee"]

Scale = Annotated[int, msgspec.Meta(ge=1, le=5)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
RiskId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the authoring file; a member we do not know would be signed unread, so it is refused."""


class Modifiers(_Written, frozen=True, kw_only=True):
    """What makes a model harder to oversee; two or more raise the tier by one step."""

    complex: bool = False
    opaque: bool = False
    autonomous: bool = False
    special_category_data: bool = False


class Floors(_Written, frozen=True, kw_only=True):
    """What the law or the use sets as the lowest tier, whatever the table says."""

    ai_act_high_risk: bool = False
    ll144_aedt: bool = False
    gdpr_22: bool = False
    customer_facing_generative: bool = False


class Override(_Written, frozen=True, kw_only=True):
    """A person sets another tier: upward its owner may, downward a risk approver until a day."""

    tier: RatingWord
    reason: Text
    approver: Line
    role: AcceptorRole
    expires: Day | None = None


class Score(_Written, frozen=True, kw_only=True):
    """Likelihood and impact, 1 to 5 each."""

    likelihood: Scale
    impact: Scale


class Acceptor(_Written, frozen=True, kw_only=True):
    """Who answers for what is left of a risk, in what role, since when."""

    who: Line
    role: AcceptorRole
    accepted: Day


class Residual(_Written, frozen=True, kw_only=True):
    """What is left of a risk while the named controls hold."""

    likelihood: Scale
    impact: Scale
    justification: Text
    controls: Annotated[tuple[Line, ...], msgspec.Meta(min_length=1, max_length=50)]
    acceptor: Acceptor


class Risk(_Written, frozen=True, kw_only=True):
    """One entry of the register."""

    id: RiskId
    title: Line
    area: Area
    scenario: Scenario
    inherent: Score
    cause: Text | None = None
    affected: Annotated[tuple[Line, ...], msgspec.Meta(max_length=50)] = ()
    treatment: Treatment = "reduce"
    owner: Line | None = None
    due: Day | None = None
    residual: Residual | None = None


class RiskForm(_Written, frozen=True, kw_only=True):
    """The authoring file of a risk assessment."""

    exposure: Scale
    purpose: Scale
    summary: Text
    affected_people: Text | None = None
    modifiers: Modifiers = Modifiers()
    floors: Floors = Floors()
    override: Override | None = None
    risks: Annotated[tuple[Risk, ...], msgspec.Meta(max_length=500)] = ()


class Step(msgspec.Struct, frozen=True):
    """One step of the derivation: what was applied and the tier after it."""

    rule: str
    tier: Rating


class RiskAssessment(msgspec.Struct, frozen=True):
    """A form that holds together, its tier, and how the tier came about."""

    form: RiskForm
    tier: Rating
    steps: tuple[Step, ...]
    ratings: tuple[tuple[Rating, Rating | None], ...]
    """Per risk: inherent, and residual when there is one."""

    def to_document(self) -> dict[str, Any]:
        """Return the document that is signed: canonical-JSON-safe, risks in the order of their ids."""
        form = self.form
        derivation: dict[str, Any] = {
            "cell": self.steps[0].tier.word,
            "exposure": form.exposure,
            "floors": [name for name, on in _flags(form.floors) if on],
            "modifiers": [name for name, on in _flags(form.modifiers) if on],
            "purpose": form.purpose,
            "steps": [{"rule": s.rule, "tier": s.tier.word} for s in self.steps],
        }
        if form.override is not None:
            derivation["override"] = _plain(form.override)
        document: dict[str, Any] = {
            "derivation": derivation,
            "risks": [
                _risk_document(risk, inherent, residual)
                for risk, (inherent, residual) in zip(form.risks, self.ratings, strict=True)
            ],
            "semantics": 1,
            "summary": form.summary,
            "tier": self.tier.word,
        }
        document["risks"].sort(key=lambda risk: risk["id"])
        if form.affected_people is not None:
            document["affectedPeople"] = form.affected_people
        return document

    def to_bytes(self) -> bytes:
        """Return the canonical bytes of the document."""
        return canonical(self.to_document())


_BESIDE = ("acceptor", "controls")
"""Members of a residual score that a document shows beside it."""


def _flags(value: Modifiers | Floors) -> list[tuple[str, bool]]:
    return [(_camel(name), getattr(value, name)) for name in value.__struct_fields__]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).replace("gdpr22", "gdpr_22")


def _plain(value: Any) -> Any:
    """Return a written part as camelCase JSON, members that are absent left out."""
    if isinstance(value, msgspec.Struct):
        pairs = ((name, getattr(value, name)) for name in value.__struct_fields__)
        return {_camel(name): _plain(item) for name, item in pairs if item is not None}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _risk_document(risk: Risk, inherent: Rating, residual: Rating | None) -> dict[str, Any]:
    document: dict[str, Any] = _plain(risk)
    document["inherent"]["rating"] = inherent.word
    if residual is None:
        document |= {"controls": [], "residual": {"absent": "not-assessed"}}
    else:
        document["residual"]["rating"] = residual.word
        document |= {name: document["residual"].pop(name) for name in _BESIDE}
    return document


def parse_risk_document(data: bytes) -> dict[str, Any]:
    """Return the risk document spelled by `data`; raise VerificationError for anything else.

    `registry.rules.risk.verify_risk_document` computes it again.
    """
    document = parse_canonical(data)
    if not isinstance(document, dict) or document.get("semantics") != 1 or "derivation" not in document:
        raise VerificationError("RISK_MALFORMED", "not a risk document")
    return document


def form_of(document: dict[str, Any]) -> RiskForm:
    """Return the form a risk document was made from; raise VerificationError when it holds none."""
    try:
        derivation = document["derivation"]
        value = {
            "exposure": derivation["exposure"],
            "purpose": derivation["purpose"],
            "summary": document["summary"],
            "modifiers": {_snake(name): True for name in derivation["modifiers"]},
            "floors": {_snake(name): True for name in derivation["floors"]},
            "risks": [_risk_written(risk) for risk in document["risks"]],
        }
        value |= {"override": derivation["override"]} if "override" in derivation else {}
        value |= {"affected_people": document["affectedPeople"]} if "affectedPeople" in document else {}
        form = msgspec.convert(value, RiskForm)
    except (KeyError, TypeError, AttributeError, msgspec.ValidationError) as error:
        raise VerificationError("RISK_MALFORMED", "not a risk document") from error
    # The published pattern ends in `$`, which lets a line end follow.
    if any(risk.id.endswith("\n") for risk in form.risks):
        raise VerificationError("RISK_MALFORMED", "a risk's id ends in a line end")
    return form


def _risk_written(risk: dict[str, Any]) -> dict[str, Any]:
    written = {_snake(name): value for name, value in risk.items()}
    written["inherent"] = {k: v for k, v in risk["inherent"].items() if k != "rating"}
    beside = {name: written.pop(name) for name in _BESIDE if name in written}
    if "absent" in risk["residual"]:
        del written["residual"]
    else:
        written["residual"] = {k: v for k, v in risk["residual"].items() if k != "rating"} | beside
    return written
