"""Which approval rules hold for a version now: those of the policy set in force, by the tier that counts."""

from registry.rules.answers import Status
from registry.rules.policy import ApprovalRule
from registry.rules.standing import tier_in_force
from registry.trust.state import Request, State


def approved_request(state: State, found: Status) -> Request | None:
    """Return the request whose approval stands; one that was taken back or rejected lowers no tier."""
    if found.dossier is None or found.status in ("none", "revoked"):
        return None
    events = state.reviews.get((found.manifest, found.environment), ())
    return next((e for e in events if isinstance(e, Request) and e.dossier == found.dossier), None)


def rule_in_force(state: State, found: Status, tier: str | None) -> ApprovalRule | None:
    """Return the rule of the policy set in force that covers such a version, or None."""
    policy, version = state.policy_set, state.find_version(found.manifest)
    if policy is None or version is None:
        return None
    return policy.value.find_rule(version.ref.namespace, found.environment, tier)


def loosening_rules(state: State, found: Status) -> tuple[ApprovalRule | None, ...]:
    """Return every rule that must agree before the gate lets through what is not approved.

    A tier that only a service assessed and nobody approved loosens nothing: the rule for an unassessed
    version must agree as well.
    """
    approved = approved_request(state, found)
    tier, _ = tier_in_force(state, found.manifest, approved)
    rules = [rule_in_force(state, found, tier)]
    said = [
        d for d in state.documents.get(found.manifest, ()) if d.what == "risk" and not state.is_void(d.by)
    ]
    if approved is None and not any(d.by.person is not None for d in said):
        rules.append(rule_in_force(state, found, None))
    return tuple(rules)


def mode_in_force(state: State, found: Status) -> str:
    """Return whether the gate blocks, warns or only observes."""
    modes = ["block" if r is None else r.enforcement.at(found.at) for r in loosening_rules(state, found)]
    return "block" if "block" in modes else modes[0]
