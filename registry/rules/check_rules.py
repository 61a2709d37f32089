"""Typed checks as a policy set writes them. `checks.py` holds what they test."""

from typing import Annotated, Any, Literal, Protocol

import msgspec

from schemas.errors import VerificationError

TIERS = ("low", "medium", "high", "critical")
LEVELS = ("absent", "inferred", "reported", "signed", "verified")

WORD_PATTERN = r"^(\*|[a-z0-9][a-z0-9._-]{0,63})\Z"
Word = Annotated[str, msgspec.Meta(pattern=WORD_PATTERN)]
Words = Annotated[tuple[Word, ...], msgspec.Meta(min_length=1)]
TierWords = Annotated[
    tuple[Literal["*", "low", "medium", "high", "critical"], ...], msgspec.Meta(min_length=1)
]
Level = Literal["absent", "inferred", "reported", "signed", "verified"]
Severity = Literal["block", "warn", "info"]


class Strict(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A rule with a member we do not know would be obeyed in part: it is refused instead."""


class ArtifactCheck(Strict, frozen=True):
    """The artifact's bytes are known at least at `level`."""

    level: Level = "verified"


class TrainingDataCheck(Strict, frozen=True):
    """The training run is known and read at least one dataset."""

    known: Literal[True] = True


class LineageCheck(Strict, frozen=True):
    """No weaker link than `min_level`, no more than `max_gaps` gaps."""

    min_level: Level | None = None
    max_gaps: Annotated[int, msgspec.Meta(ge=0)] | None = None


class RiskCheck(Strict, frozen=True):
    """The version's risk is assessed, and its tier no higher than `max_tier`."""

    assessed: Literal[True] = True
    max_tier: Literal["low", "medium", "high", "critical"] | None = None


class Fraction(Strict, frozen=True):
    """A ratio as two whole numbers in decimal digits, compared by multiplication."""

    num: Annotated[str, msgspec.Meta(pattern=r"^(0|[1-9][0-9]{0,17})\Z")]
    den: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,17}\Z")]


class BiasCheck(Strict, frozen=True, kw_only=True):
    """Every adequately sized group's impact ratio is at least `min`, by point or by an interval's bound."""

    attributes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    min: Fraction = Fraction("4", "5")
    rule: Literal["point", "ci_lower", "ci_upper"] = "point"
    min_group_n: Annotated[int, msgspec.Meta(ge=1)] = msgspec.field(default=30, name="minGroupN")


class EvidenceCheck(Strict, frozen=True):
    """One unexpired document of each kind is in the dossier."""

    kinds: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class MonitoringCheck(Strict, frozen=True):
    """Monitoring reported of the version in use, no longer ago than `max_age_days`."""

    max_age_days: Annotated[int, msgspec.Meta(ge=1, le=36_500)]


Check = (
    ArtifactCheck | TrainingDataCheck | LineageCheck | RiskCheck | BiasCheck | EvidenceCheck | MonitoringCheck
)

CHECK_KINDS: dict[str, type[Check]] = {
    "artifact": ArtifactCheck,
    "trainingData": TrainingDataCheck,
    "lineage": LineageCheck,
    "risk": RiskCheck,
    "bias": BiasCheck,
    "evidence": EvidenceCheck,
    "monitoring": MonitoringCheck,
}


class CheckRule(msgspec.Struct, frozen=True, kw_only=True):
    """One typed check and where it applies; `check` is the test itself."""

    id: str
    title: str
    severity: Severity
    namespaces: tuple[str, ...] = ("*",)
    environments: tuple[str, ...] = ("*",)
    tiers: tuple[str, ...] = ("*",)
    check: Check

    def covers(self, namespace: str, environment: str, tier: str | None) -> bool:
        """Say whether this check applies to such a version."""
        return covers(self, namespace, environment, tier)


class CheckRuleText(Strict, frozen=True, kw_only=True):
    """A check rule as JSON: `check` is an object with the one key that names its kind."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}\Z")]
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    severity: Severity
    namespaces: Words = ("*",)
    environments: Words = ("*",)
    tiers: TierWords = ("*",)
    check: Annotated[dict[str, dict[str, Any]], msgspec.Meta(min_length=1, max_length=1)]


def parse_check(text: CheckRuleText) -> CheckRule:
    """Return the check `text` spells; raise when its kind or a member of it is unknown."""
    ((kind, value),) = text.check.items()
    shape = CHECK_KINDS.get(kind)
    if shape is None:
        raise VerificationError(
            "POLICY_MALFORMED",
            f"check {text.id}: expected one of {', '.join(CHECK_KINDS)}, found {kind[:40]!r}",
        )
    check = msgspec.convert(value, shape)
    if isinstance(check, LineageCheck) and check.min_level is None and check.max_gaps is None:
        raise VerificationError("POLICY_MALFORMED", f"check {text.id}: expected minLevel or maxGaps")
    return CheckRule(
        id=text.id,
        title=text.title,
        severity=text.severity,
        namespaces=text.namespaces,
        environments=text.environments,
        tiers=text.tiers,
        check=check,
    )


class Scoped(Protocol):
    """A rule that says where it applies."""

    @property
    def namespaces(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def environments(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def tiers(self) -> tuple[str, ...]: ...  # noqa: D102


def covers(rule: Scoped, namespace: str, environment: str, tier: str | None) -> bool:
    """Say whether `rule` is about such a version; one without a tier is covered by `*` alone."""
    return (
        ("*" in rule.namespaces or namespace in rule.namespaces)
        and ("*" in rule.environments or environment in rule.environments)
        and ("*" in rule.tiers or (tier is not None and tier in rule.tiers))
    )
