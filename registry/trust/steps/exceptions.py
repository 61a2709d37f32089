"""Overrides and break-glasses: the exceptions a registry allows, each signed and never silent."""

from registry.rules.break_glass import why_refused
from registry.rules.policy import REVIEW_ROLES
from registry.rules.status import status
from registry.trust.opening import Opened, holds_role, require_root_threshold, require_version, signed_by
from registry.trust.predicates import GlassBroken, Overridden, parse_predicate
from registry.trust.state import BreakGlass, Override, State
from registry.trust.steps.reviews import append_event, refusal


def override(state: State, opened: Opened) -> None:
    """End a rejection by the root threshold: one envelope, signed by enough root holders."""
    version, decision = require_version(state, opened, "decision")
    said = parse_predicate(opened.statement.predicate, Overridden)
    by = require_root_threshold(state, opened)
    event = Override(decision=decision, reason=said.reason, envelope=opened.leaf.body, by=by)
    append_event(state, opened, version, said.environment, event)


def break_glass(state: State, opened: Opened) -> None:
    """Take a person's break-glass where the policy set in force lets their role break it."""
    version, _ = require_version(state, opened)
    said = parse_predicate(opened.statement.predicate, GlassBroken)
    by = signed_by(state, opened)
    if by.person != said.reviewer:
        raise opened.refuse("REVIEWER_MISMATCH", f"{by.person or by.service} signed as {said.reviewer}")
    if said.role not in REVIEW_ROLES or not holds_role(
        state, by, said.role, version.ref.namespace, said.environment
    ):
        raise opened.refuse("ROLE_MISSING", f"{by.person} is not {said.role} for {said.environment}")
    policy = state.policy_set
    event = BreakGlass(
        person=said.reviewer,
        role=said.role,
        expires_at=said.expires_at,
        reason=said.reason,
        envelope=opened.leaf.body,
        policy_version=0 if policy is None else policy.version,
        by=by,
    )
    found = status(state, version.manifest, said.environment, by.time)
    why = why_refused(state, found, event)
    if why is not None:
        raise refusal(state, opened, version, "BREAK_GLASS_REFUSED", why)
    append_event(state, opened, version, said.environment, event)
