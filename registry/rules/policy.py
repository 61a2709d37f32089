"""The policy set: who must approve what, which checks block, and what a new set means for standing approvals.

An approval rule applies by namespace, environment and tier; the first that matches is the rule. A version
without a risk assessment has no tier and matches only `*`. Only the fold evaluates approval rules; checks are
evaluated when a dossier is frozen (RECORDS section 5). A set that demands nothing is refused when read.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

import msgspec

from registry.rules.check_rules import (
    CHECK_KINDS,
    ArtifactCheck,
    BiasCheck,
    CheckRule,
    CheckRuleText,
    EvidenceCheck,
    LineageCheck,
    MonitoringCheck,
    RiskCheck,
    Strict,
    TierWords,
    TrainingDataCheck,
    Words,
    covers,
    parse_check,
)
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import parse_time_text

REVIEW_ROLES = ("owner", "developer", "validator", "risk-approver")
"""Roles that register, request, record and decide; `policy`, `root` and `auditor` do none of it."""


Count = Annotated[int, msgspec.Meta(ge=1, le=20)]
Days = Annotated[int, msgspec.Meta(ge=1, le=36_500)]
SPAN_PATTERN = r"^[1-9][0-9]{0,4}[mhd]\Z"
TIME_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z"
Span = Annotated[str, msgspec.Meta(pattern=SPAN_PATTERN)]
ReviewRole = Literal["owner", "developer", "validator", "risk-approver"]
Moment = Annotated[str, msgspec.Meta(pattern=TIME_PATTERN)]


_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def span_of(text: str) -> timedelta:
    """Return the time that a span such as `90m`, `24h` or `7d` lasts."""
    return int(text[:-1]) * _UNITS[text[-1]]


class OnStale(Strict, frozen=True):
    """How many days the gate still allows after an approval went stale; `parts` says it part by part."""

    allow_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0
    parts: dict[str, Annotated[int, msgspec.Meta(ge=0, le=36_500)]] = msgspec.field(default_factory=dict)


class Enforcement(Strict, frozen=True):
    """Whether the gate blocks, warns or only observes; before `since` it only observes."""

    mode: Literal["block", "warn", "observe"] = "block"
    since: Moment | None = None

    def at(self, time: str) -> str:
        """Return the mode in force at `time`."""
        return "observe" if self.since is not None and time < self.since else self.mode


LONGEST_BREAK_GLASS = 720
"""Hours; no policy set may allow more."""


class BreakGlassRule(Strict, frozen=True, kw_only=True):
    """Who may let a denied version through, and for how many hours at most."""

    roles: Annotated[tuple[ReviewRole, ...], msgspec.Meta(min_length=1)]
    max_hours: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_BREAK_GLASS)]


class ApprovalRule(Strict, frozen=True, kw_only=True):
    """Who must approve, for which namespaces, environments and tiers; without `break_glass` nobody may."""

    namespaces: Words = ("*",)
    environments: Words = ("*",)
    tiers: TierWords = ("*",)
    roles: Annotated[dict[ReviewRole, Count], msgspec.Meta(min_length=1)]
    exclude_authors: bool = True
    rejection_blocks: bool = True
    max_age_days: Days | None = None
    on_stale: OnStale = OnStale()
    enforcement: Enforcement = Enforcement()
    break_glass: BreakGlassRule | None = None

    def covers(self, namespace: str, environment: str, tier: str | None) -> bool:
        """Say whether this rule is about such a version."""
        return covers(self, namespace, environment, tier)


class ReApproveFrom(Strict, frozen=True):
    """From this moment on, approvals given under an earlier set are stale."""

    re_approve_from: Moment


class PolicySet(msgspec.Struct, frozen=True, kw_only=True):
    """All rules in force at once; `existing_approvals` says what this set means for standing approvals."""

    version: int
    approval: tuple[ApprovalRule, ...]
    checks: tuple[CheckRule, ...] = ()
    semantics: int = 1
    source: Digest | None = None
    existing_approvals: Literal["newRequests", "reEvaluate"] | ReApproveFrom = "newRequests"
    decision_within_hours: int = 24
    max_unsealed_age: str | None = None

    def find_rule(self, namespace: str, environment: str, tier: str | None) -> ApprovalRule | None:
        """Return the first approval rule that covers such a version, or None."""
        return next((r for r in self.approval if r.covers(namespace, environment, tier)), None)

    def applicable_checks(self, namespace: str, environment: str, tier: str | None) -> tuple[CheckRule, ...]:
        """Return the checks that cover such a version, in the order written."""
        return tuple(c for c in self.checks if c.covers(namespace, environment, tier))

    def to_predicate(self, nonce: str) -> dict[str, Any]:
        """Return the predicate of a `policy-set` statement."""
        names = {kind: name for name, kind in CHECK_KINDS.items()}
        checks = [{**_json(c), "check": {names[type(c.check)]: _json(c.check)}} for c in self.checks]
        value = {
            "version": self.version,
            "semantics": self.semantics,
            "approval": [_json(r) for r in self.approval],
            "checks": checks,
            "existingApprovals": _json(self.existing_approvals),
            "decisionWithinHours": self.decision_within_hours,
            "nonce": nonce,
        }
        said = {"maxUnsealedAge": self.max_unsealed_age, "source": self.source and str(self.source)}
        return {**value, **{name: text for name, text in said.items() if text is not None}}


class PolicySetText(Strict, frozen=True, kw_only=True):
    """A policy set as JSON; `parse_policy_set` reads it."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    semantics: Literal[1]
    approval: Annotated[tuple[ApprovalRule, ...], msgspec.Meta(min_length=1)]
    nonce: str
    checks: tuple[CheckRuleText, ...] = ()
    source: Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}\Z")] | None = None
    existing_approvals: Literal["newRequests", "reEvaluate"] | ReApproveFrom = "newRequests"
    decision_within_hours: Annotated[int, msgspec.Meta(ge=1, le=24 * 366)] = 24
    max_unsealed_age: Span | None = None


def parse_policy_set(predicate: dict[str, Any]) -> PolicySet:
    """Return the set `predicate` spells; raise POLICY_MALFORMED when it demands nothing."""
    try:
        text = msgspec.convert(predicate, PolicySetText)
        checks = tuple(parse_check(c) for c in text.checks)
        for moment in _moments(text):
            parse_time_text(moment)
    except msgspec.ValidationError as error:
        raise VerificationError("POLICY_MALFORMED", str(error)[:200]) from error
    except VerificationError as error:
        raise VerificationError("POLICY_MALFORMED", error.message) from error
    ids = [c.id for c in checks]
    if len(set(ids)) != len(ids):
        raise VerificationError("POLICY_MALFORMED", "two checks have the same id")
    return PolicySet(
        version=text.version,
        approval=text.approval,
        checks=checks,
        semantics=text.semantics,
        source=None if text.source is None else Digest(text.source),
        existing_approvals=text.existing_approvals,
        decision_within_hours=text.decision_within_hours,
        max_unsealed_age=text.max_unsealed_age,
    )


def _moments(text: PolicySetText) -> list[str]:
    since = [r.enforcement.since for r in text.approval if r.enforcement.since is not None]
    mode = text.existing_approvals
    return [*since, mode.re_approve_from] if isinstance(mode, ReApproveFrom) else since


def _json(value: Any) -> Any:
    # Every default is written out, so that a signed set says all it means; what is not asked is left out.
    return _present(msgspec.to_builtins(value))


def _present(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _present(v) for k, v in value.items() if v is not None}
    return [_present(v) for v in value] if isinstance(value, list | tuple) else value


STARTER_CHECKS = (
    CheckRule(
        id="artifact-verified",
        title="The artifact's bytes were hashed here",
        severity="block",
        check=ArtifactCheck("verified"),
    ),
    CheckRule(
        id="training-data-known",
        title="The training run and the data it read are known",
        severity="block",
        check=TrainingDataCheck(),
    ),
)

AVAILABLE_CHECKS = (
    CheckRule(id="risk-assessed", title="The risk is assessed", severity="block", check=RiskCheck()),
    CheckRule(
        id="risk-tier",
        title="The risk tier is no higher than high",
        severity="block",
        check=RiskCheck(max_tier="high"),
    ),
    CheckRule(
        id="bias-sex",
        title="Every group's impact ratio by sex is at least four fifths",
        severity="block",
        check=BiasCheck(attributes=("sex",)),
    ),
    CheckRule(
        id="lineage-complete",
        title="The lineage has no gap and nothing weaker than reported",
        severity="warn",
        check=LineageCheck("reported", 0),
    ),
    CheckRule(
        id="monitoring-fresh",
        title="Monitoring reported of it in the last 30 days",
        severity="block",
        check=MonitoringCheck(30),
    ),
    CheckRule(
        id="validation-report",
        title="A validation report is attached",
        severity="block",
        check=EvidenceCheck(("validation_report",)),
    ),
)
"""Checks a policy author may add as they are; none of them is in force at the start."""


def starter_policy_set(source: Digest | None = None) -> PolicySet:
    """Return version 1: one risk approver who is no author, a rejection blocks, a year's validity."""
    rule = ApprovalRule(roles={"risk-approver": 1}, max_age_days=365)
    return PolicySet(version=1, approval=(rule,), checks=STARTER_CHECKS, source=source)
