"""Why a granted dossier is stale: what changed, what a newer policy set asks, what evidence ran out."""

from collections.abc import Iterator
from itertools import takewhile

from registry.rules.check_rules import CheckRule, EvidenceCheck, MonitoringCheck
from registry.rules.dossier import EvidenceRow
from registry.rules.policy import ApprovalRule, ReApproveFrom
from registry.rules.quorum import is_full
from registry.rules.time_spans import days_after
from registry.trust.reviews import Asked, Cause, authors_of, count, known_changes, tier_of
from registry.trust.state import Decision, Document, PolicyInForce, Request, State


def stale_causes(state: State, asked: Asked, approvals: tuple[Decision, ...], at: str) -> tuple[Cause, ...]:
    """Return every reason why the dossier no longer stands at `at`; none when it does."""
    request = asked.request
    told = {cause.part for cause in asked.changes}
    return (
        *asked.changes,
        # The service tells of lost evidence and a raised tier as well; the fold sees both by itself.
        *(cause for cause in known_changes(state, request) if cause.part not in told),
        *_policy_causes(state, request, approvals, at),
        *_evidence_causes(state, request, at),
        *_monitoring_causes(state, request, at),
    )


def later_sets(state: State, request: Request) -> tuple[PolicyInForce, ...]:
    """Return the standing policy sets that came after the one the dossier was frozen under, oldest first."""
    return tuple(
        state.policies[version]
        for version in sorted(state.policies)
        if version > request.policy_version and not state.is_void(state.policies[version].by)
    )


def governing_rule(state: State, request: Request) -> ApprovalRule | None:
    """Return the rule to meet: that of the newest set that re-evaluates, else of the approvals' own."""
    sets = [p for p in later_sets(state, request) if p.value.existing_approvals == "reEvaluate"]
    policy = sets[-1] if sets else state.policies[request.policy_version]
    ref = state.versions[request.manifest].ref
    return policy.value.find_rule(ref.namespace, request.environment, tier_of(request))


def _policy_causes(
    state: State, request: Request, approvals: tuple[Decision, ...], at: str
) -> tuple[Cause, ...]:
    causes = []
    later = later_sets(state, request)
    for policy in later:
        mode = policy.value.existing_approvals
        if isinstance(mode, ReApproveFrom) and at >= mode.re_approve_from:
            said = f"policy set {policy.version} asks for new approval from {mode.re_approve_from}"
            causes.append(Cause("policySet", said, max(mode.re_approve_from, policy.by.time)))
    again = [p for p in later if p.value.existing_approvals == "reEvaluate"]
    rule = governing_rule(state, request)
    if again and (rule is None or not is_full(count(rule, approvals, authors_of(state, request)))):
        said = f"policy set {again[-1].version} asks for another quorum"
        causes.append(Cause("policySet", said, again[-1].by.time))
    return tuple(causes)


def _evidence_causes(state: State, request: Request, at: str) -> tuple[Cause, ...]:
    # Evidence that ran out is judged: it matters when a check that passed with it would not pass now.
    if request.frozen is None:
        return ()
    causes: dict[str, Cause] = {}
    for rule in _passed(state, request):
        if not isinstance(rule.check, EvidenceCheck):
            continue
        for kind in rule.check.kinds:
            rows = [row for row in request.frozen.evidence if row.kind == kind]
            ends = [row.valid_until for row in rows if row.valid_until is not None]
            if rows and all(_ran_out(row, at) for row in rows):
                causes[kind] = Cause("evidence", f"{kind} was valid until {max(ends)}", max(ends))
    return tuple(causes.values())


def freshened_by(state: State, request: Request, at: str) -> tuple[int, ...]:
    """Return the leaf of the first report of monitoring that is recent enough at `at`, for each check."""
    watched = _watched_days(state, request)
    seen = state.standing_documents(request.manifest, "monitoring") if watched else ()
    fresh = (list(_fresh(seen, days, at)) for days in watched)
    return tuple(found[-1].by.seq for found in fresh if found)


def _fresh(seen: tuple[Document, ...], days: int, at: str) -> Iterator[Document]:
    # Leaf times never decrease: behind the first that is too old all are.
    return takewhile(lambda document: at < days_after(document.by.time, days), reversed(seen))


def _monitoring_causes(state: State, request: Request, at: str) -> tuple[Cause, ...]:
    # Unlike evidence, a later report counts without a new approval: it is what keeps a version in use.
    watched = _watched_days(state, request)
    seen = state.standing_documents(request.manifest, "monitoring") if watched else ()
    causes = []
    for days in watched:
        last = seen[-1].by.time if seen else request.by.time
        ends = days_after(last, days) if seen else last
        if at >= ends:
            said = f"last seen in use at {last}" if seen else "no report of its use stands"
            causes.append(Cause("monitoring", f"{said}, one every {days} days is asked for", ends))
    return tuple(causes)


def _watched_days(state: State, request: Request) -> tuple[int, ...]:
    checks = (rule.check for rule in _passed(state, request))
    return tuple(check.max_age_days for check in checks if isinstance(check, MonitoringCheck))


def _passed(state: State, request: Request) -> tuple[CheckRule, ...]:
    """Return the checks that apply to the dossier and passed when it was frozen."""
    if request.frozen is None:
        return ()
    version = state.versions[request.manifest]
    policy = state.policies[request.policy_version].value
    passed = {row.rule for row in request.frozen.checks if row.result == "pass"}
    rules = policy.applicable_checks(version.ref.namespace, request.environment, tier_of(request))
    return tuple(rule for rule in rules if rule.id in passed)


def _ran_out(row: EvidenceRow, at: str) -> bool:
    return row.valid_until is not None and at >= row.valid_until
