"""Requests, decisions, withdrawals and what changed since: checked against the log, then kept as events."""

from datetime import timedelta

from registry.rules.dossier import DossierParts, parse_dossier
from registry.rules.policy import REVIEW_ROLES
from registry.trust.opening import (
    BODY_MISSING,
    Bodies,
    Opened,
    holds_role,
    require_signer,
    require_version,
    signed_by,
)
from registry.trust.predicates import (
    Approval,
    DossierChanged,
    ReviewRequested,
    Withdrawn,
    parse_predicate,
)
from registry.trust.reviews import void_reason_of_last
from registry.trust.state import Change, Decision, Request, ReviewEvent, State, Version, Withdrawal
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import moment

FREEZE_WINDOW = timedelta(minutes=15)

_WHY = {
    "REQUEST_REPEATED": "that dossier was asked about before",
    "SUBJECT_MISMATCH": "it is about nothing that stands in the log for the version in that environment",
    "DOSSIER_CLOSED": "a later request closed the dossier",
    "DOSSIER_CHANGED": "what the dossier describes had already changed",
    "SEPARATION_OF_DUTIES": "an author of the version approves it",
    "ROLE_MISSING": "somebody else's decision or break-glass is withdrawn",
    "KEY_REVOKED": "a compromised key signed what it rests on",
}


def review_requested(state: State, opened: Opened, bodies: Bodies) -> None:
    """Take a frozen dossier: timely, under the policy set in force, and true about what the log knows."""
    version, dossier = require_version(state, opened, "dossier")
    asked = parse_predicate(opened.statement.predicate, ReviewRequested)
    by = require_signer(state, opened, version.ref.namespace, asked.environment)
    age = moment(opened.leaf.time) - moment(asked.evaluated_at)
    if age < timedelta(0):
        raise opened.refuse("POSTDATED", f"evaluatedAt {asked.evaluated_at} is later than its leaf")
    if age > FREEZE_WINDOW:
        raise opened.refuse("BACKDATED", f"evaluatedAt {asked.evaluated_at} is over 15 minutes older")
    policy = state.policy_set
    if policy is None or (policy.version, policy.digest) != (
        asked.policy_set.version,
        asked.policy_set.digest,
    ):
        raise opened.refuse("POLICY_NOT_IN_FORCE", f"policy set {asked.policy_set.version} is not in force")
    data = bodies(dossier)
    frozen = None
    if data is not None:
        if Digest.of(data) != dossier:
            raise opened.refuse("BODY_DIGEST", "the dossier has another digest")
        frozen = parse_dossier(data)
        _match(state, opened, version, asked, frozen)
    request = Request(
        version.manifest, asked.environment, dossier, asked.evaluated_at, policy.version, frozen, by
    )
    append_event(state, opened, version, asked.environment, request)


def approval(state: State, opened: Opened) -> None:
    """Take a person's decision about one dossier, in a role they hold, at a believable time."""
    version, dossier = require_version(state, opened, "dossier")
    said = parse_predicate(opened.statement.predicate, Approval)
    by = signed_by(state, opened)
    if by.person != said.reviewer:
        raise opened.refuse("REVIEWER_MISMATCH", f"{by.person or by.service} signed as {said.reviewer}")
    if said.role not in REVIEW_ROLES or not holds_role(
        state, by, said.role, version.ref.namespace, said.environment
    ):
        raise opened.refuse("ROLE_MISSING", f"{by.person} is not {said.role} for {said.environment}")
    if said.log_context.origin != state.origin:
        raise opened.refuse("APPROVAL_OTHER_REGISTRY", "it was decided over another registry's log")
    if said.log_context.tree_size > opened.leaf.seq:
        raise opened.refuse("LOG_CONTEXT_FORK", f"it saw {said.log_context.tree_size} leaves before its own")
    _check_time(state, opened, version, said, dossier)
    decision = Decision(
        person=said.reviewer,
        role=said.role,
        decision=said.decision,
        dossier=dossier,
        environment=said.environment,
        decided_at=said.decided_at,
        expires_at=said.expires_at,
        conditions=said.conditions,
        opened=said.opened,
        reason=said.reason,
        log_context=said.log_context,
        envelope=opened.leaf.body,
        by=by,
    )
    append_event(state, opened, version, said.environment, decision)


def withdrawn(state: State, opened: Opened) -> None:
    """Take back a decision or end a break-glass; only the person who signed it may."""
    version, decision = require_version(state, opened, "decision")
    said = parse_predicate(opened.statement.predicate, Withdrawn)
    by = signed_by(state, opened)
    if by.person != said.reviewer:
        raise opened.refuse("REVIEWER_MISMATCH", f"{by.person or by.service} signed as {said.reviewer}")
    append_event(state, opened, version, said.environment, Withdrawal(said.reviewer, decision, by))


def dossier_changed(state: State, opened: Opened) -> None:
    """Take the service's word for what changed since a dossier was frozen."""
    version, base = require_version(state, opened, "dossier")
    said = parse_predicate(opened.statement.predicate, DossierChanged)
    by = require_signer(state, opened, version.ref.namespace, said.environment)
    known = state.reviews.get((version.manifest, said.environment), ())
    if said.base != base or not any(isinstance(e, Request) and e.dossier == base for e in known):
        said_why = "its base is no dossier that was frozen for that environment"
        raise refusal(state, opened, version, "SUBJECT_MISMATCH", said_why)
    if said.through >= opened.leaf.seq:
        raise opened.refuse("CHANGE_AHEAD", f"it speaks of leaf {said.through}, which is not before it")
    change = Change(base, said.to, said.parts, said.through, by)
    append_event(state, opened, version, said.environment, change)


def _match(
    state: State, opened: Opened, version: Version, asked: ReviewRequested, frozen: DossierParts
) -> None:
    about = (frozen.subject.ref, frozen.subject.manifest, frozen.environment)
    if about != (version.ref, version.manifest, asked.environment):
        raise opened.refuse("SUBJECT_MISMATCH", "the dossier is about another version or environment")
    same = (frozen.evaluated_at, frozen.policy_set.version, frozen.policy_set.digest)
    if same != (asked.evaluated_at, asked.policy_set.version, asked.policy_set.digest):
        raise opened.refuse("DOSSIER_MISMATCH", "the dossier and the request differ in time or policy set")
    policy = state.policies[frozen.policy_set.version].value
    typed = {rule.id for rule in policy.checks}
    for check in frozen.checks:
        if check.by == "attested" and check.rule in typed:
            raise opened.refuse("DOSSIER_MISMATCH", f"its check {check.rule} is computed, never attested")
    if state.missing.get(version.manifest):
        return  # what the log knows of the version is incomplete here: nothing more can be held against it
    # The tier picks the rule: it must be the one the log holds, neither higher, lower nor left out.
    known = state.find_risk(version.manifest)
    held = None if known is None else (known.digest, known.tier)
    if (None if frozen.risk is None else (frozen.risk.assessment, frozen.risk.tier)) != held:
        said = "none" if known is None else known.tier
        raise opened.refuse("DOSSIER_MISMATCH", f"the dossier says tier {frozen.tier}, the log says {said}")
    standing = {(e.kind, e.digest, e.level, e.valid_until) for e in state.standing_evidence(version.manifest)}
    for row in frozen.evidence:
        if (row.kind, row.digest, row.level, row.valid_until) not in standing:
            raise opened.refuse("DOSSIER_MISMATCH", f"the log does not hold its {row.kind[:80]} as it says")
    # The checks read these: one left out, or one nobody recorded, would give another result.
    held_bias = {document.digest for document in state.latest_bias(version.manifest)}
    if set(frozen.bias_checks) != held_bias:
        raise opened.refuse("DOSSIER_MISMATCH", "its bias checks are not the latest that the log holds")
    if set(frozen.evaluations) != state.standing_evaluations(version.manifest):
        raise opened.refuse("DOSSIER_MISMATCH", "its evaluations are not those that the log holds")
    if set(frozen.monitoring) != state.standing_monitoring(version.manifest):
        raise opened.refuse("DOSSIER_MISMATCH", "its reports of monitoring are not those that the log holds")


def _check_time(state: State, opened: Opened, version: Version, said: Approval, dossier: Digest) -> None:
    # A decision comes after its dossier was computed and before its leaf. A packet carried to another machine
    # and back may take as long as the policy set allows; older claims cannot be told from backdating.
    if said.decided_at > opened.leaf.time:
        raise opened.refuse("POSTDATED", f"decidedAt {said.decided_at} is later than its leaf")
    for event in state.reviews.get((version.manifest, said.environment), ()):
        if not isinstance(event, Request) or event.dossier != dossier:
            continue
        policy = state.policies[event.policy_version].value
        late = moment(opened.leaf.time) - moment(said.decided_at)
        if said.decided_at < event.evaluated_at or late > timedelta(hours=policy.decision_within_hours):
            raise opened.refuse(
                "BACKDATED",
                f"decidedAt {said.decided_at} is before its dossier was frozen"
                f" or over {policy.decision_within_hours} hours before its leaf",
            )


def append_event(
    state: State, opened: Opened, version: Version, environment: str, event: ReviewEvent
) -> None:
    """Keep an event of a review; raise, with the reason, when it does not count."""
    key = (version.manifest, environment)
    if key not in state.reviews:
        state.environments[key[0]] = (*state.environments.get(key[0], ()), key[1])
    state.reviews[key] = (*state.reviews.get(key, ()), event)
    if isinstance(event, Change):
        return
    # The event is kept even when it does not count, so that it is shown with its reason.
    void = void_reason_of_last(state, *key)
    if void is not None:
        raise refusal(state, opened, version, void, _WHY[void])


def refusal(state: State, opened: Opened, version: Version, code: str, message: str) -> VerificationError:
    """Return the refusal of a record about `version`, or that it cannot be judged from what is here."""
    # While a record about the version is not here, its absence cannot be held against another one.
    unread = any(gap.what != "manifest" for gap in state.missing.get(version.manifest, ()))
    return opened.refuse(BODY_MISSING if unread else code, message)
