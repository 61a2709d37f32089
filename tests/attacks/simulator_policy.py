"""What policy sets add to the honest registry: break-glasses, overrides, a check of monitoring."""

from datetime import timedelta
from typing import Any

from registry.rules.check_rules import ArtifactCheck, CheckRule, MonitoringCheck
from registry.rules.dossier import CheckRow
from registry.rules.policy import ApprovalRule, BreakGlassRule, PolicySet
from schemas.asset import Manifest
from schemas.ledger import parse_leaf, time_text
from schemas.statement import Statement, Subject
from tests.attacks.simulator import ENV, Registry, person_id


def allow_breaking(registry: Registry, *roles: str, hours: int = 24) -> int:
    """Log the next policy set: one risk approver, and `roles` may break the glass for `hours`."""
    glass = BreakGlassRule(roles=roles or ("risk-approver",), max_hours=hours)  # type: ignore[arg-type]
    rule = ApprovalRule(roles={"risk-approver": 1}, max_age_days=365, break_glass=glass)
    check = CheckRule(id="artifact", title="Bytes hashed", severity="block", check=ArtifactCheck("verified"))
    policy = PolicySet(version=registry.policy_version + 1, approval=(rule,), checks=(check,))
    return registry.append(
        registry.about_origin("policy-set", policy.to_predicate(registry.nonce())), "alice"
    )


WATCHED = CheckRule(id="watched", title="Watched", severity="block", check=MonitoringCheck(30))


def ask_for_monitoring(registry: Registry) -> int:
    """Log the next policy set: one risk approver, and a report of monitoring every 30 days."""
    rule = ApprovalRule(roles={"risk-approver": 1}, max_age_days=365)
    policy = PolicySet(version=registry.policy_version + 1, approval=(rule,), checks=(WATCHED,))
    return registry.append(
        registry.about_origin("policy-set", policy.to_predicate(registry.nonce())), "alice"
    )


def watched_row(last: str, until: str) -> CheckRow:
    """Return the row of a check of monitoring that passed."""
    values = {"last": last, "validUntil": until}
    return CheckRow(rule="watched", title="Watched", severity="block", result="pass", values=values)


def glass(
    registry: Registry, manifest: Manifest, who: str = "rita", hours: int = 4, **changed: Any
) -> Statement:
    """Return a break-glass, not yet signed; `changed` replaces members of the predicate."""
    predicate = {
        "environment": ENV,
        "expiresAt": time_text(registry.now + timedelta(hours=hours)),
        "nonce": registry.nonce(),
        "reason": registry.put(b"sixteen bytes ok" + b"the old model is down"),
        "reviewer": person_id(who),
        "role": "risk-approver",
    }
    return Statement("break-glass", (Subject(str(manifest.ref), manifest.digest),), predicate | changed)


def break_glass(registry: Registry, manifest: Manifest, who: str = "rita", **changed: Any) -> int:
    """Log a person's break-glass."""
    return registry.append(glass(registry, manifest, who, **changed), who)


def override(registry: Registry, manifest: Manifest, seq: int, *signers: str, environment: str = ENV) -> int:
    """Log that root holders end the rejection at leaf `seq`."""
    predicate = {
        "environment": environment,
        "nonce": registry.nonce(),
        "reason": registry.put(b"sixteen bytes ok" + b"the board decided"),
    }
    subjects = (
        Subject(str(manifest.ref), manifest.digest),
        Subject("decision", parse_leaf(registry.leaves[seq]).body),
    )
    return registry.append(Statement("override", subjects, predicate), *(signers or ("alice",)))
