"""What the gate makes of a status: allow, deny or unproven."""

from registry.rules.answers import Status, Verdict
from registry.rules.break_glass import banner, exception_notes, live_glass
from registry.rules.in_force import approved_request, mode_in_force, rule_in_force
from registry.rules.policy import ApprovalRule
from registry.rules.standing import tier_in_force
from registry.rules.time_spans import days_after
from registry.trust.state import State

HIGH_TIERS = ("high", "critical")


def gate_verdict(state: State, found: Status, *, signed_size: int) -> Verdict:
    """Return whether the version may be deployed; what grants must lie below `signed_size` leaves.

    1. A damaged log, or bytes that are not here, prove nothing.
    2. What is not valid is denied; so is a valid approval over a check that blocks.
    3. The policy in force may only warn or observe, or grant some days after a change; and a person may have
       broken the glass.
    4. Separation of duties that cannot be proved, grants beyond the signed head and grants under an expired
       trust root are unproven.
    """
    damage = [p.message for p in state.problems if p.code in ("LEAF_SEQ", "LEAF_TIME")]
    if damage or found.unproven:
        return _answer(found, "unproven", (*damage, *found.unproven), "muniment audit verify")
    tier, tier_leaf = tier_in_force(state, found.manifest, approved_request(state, found))
    rule = rule_in_force(state, found, tier)
    refusals = _refusals(state, found, rule)
    grace = _grace(found, rule)
    rests_on = (found.grant_seq, tier_leaf)
    if refusals and grace is None:
        return _refused(state, found, signed_size, rests_on, refusals)
    if found.author_unknown and tier in HIGH_TIERS:
        said = f"author unknown: at tier {tier} separation of duties must be proved"
        return _answer(found, "unproven", (said,), f"muniment register {found.ref} signed by its author")
    notes = (*((grace,) if grace else ()), *(("author unknown",) if found.author_unknown else ()))
    why = (*found.why, *(n for n in notes if n not in found.why), *exception_notes(found))
    return _granted(state, found, signed_size, rests_on, why)


def _refused(
    state: State,
    found: Status,
    signed_size: int,
    rests_on: tuple[int | None, ...],
    refusals: tuple[str, ...],
) -> Verdict:
    mode = mode_in_force(state, found)
    if mode != "block":
        told = f"the policy set only says to {mode}"
        why = (*found.why, *(n for n in (*refusals, told) if n not in found.why), *exception_notes(found))
        return _granted(state, found, signed_size, rests_on, why)
    glass = live_glass(found, signed_size)
    if glass is None:
        return _answer(found, "deny", (*refusals, *exception_notes(found)))
    # An approval that no longer holds grants nothing, but it may have picked the tier and so the rule.
    why = (banner(glass), *refusals)
    return _granted(state, found, signed_size, (glass.rests_on, *rests_on), why, *found.next)


def _granted(
    state: State,
    found: Status,
    signed_size: int,
    rests_on: tuple[int | None, ...],
    why: tuple[str, ...],
    *steps: str,
) -> Verdict:
    policy, root = state.policy_set, state.trust_root
    if root is not None and root.expires is not None and found.at >= root.expires:
        said = f"the trust root expired at {root.expires}"
        return _answer(found, "unproven", (said, *why), "muniment root update")
    # The tier picks the rule in force: the assessment it rests on must be signed as well.
    leaves = (*rests_on, None if policy is None else policy.by.seq)
    if any(seq >= signed_size for seq in leaves if seq is not None):
        said = f"unsigned since {signed_size}: what grants lies beyond the signed head"
        return _answer(found, "unproven", (said, *why), "muniment audit checkpoint")
    return _answer(found, "allow", why, *steps)


def _refusals(state: State, found: Status, rule: ApprovalRule | None) -> tuple[str, ...]:
    if state.policy_set is None:
        return ("no policy set is in force",)
    if rule is None:
        return ("no approval rule of the policy set covers it",)
    if found.status not in ("valid", "valid-with-conditions"):
        return found.why or (f"the status is {found.status}",)
    return tuple(f"check {c.rule} is {c.result}: {c.message or c.title}" for c in found.checks if c.blocks)


def _grace(found: Status, rule: ApprovalRule | None) -> str | None:
    # Days of grace excuse staleness alone; a check that blocks still blocks.
    if rule is None or found.status != "stale" or any(c.blocks for c in found.checks):
        return None
    ends = []
    for cause in found.causes:
        days = rule.on_stale.parts.get(cause.part, rule.on_stale.allow_days)
        if not days or not cause.since:
            return None
        ends.append(days_after(cause.since, days))
    return f"stale, allowed until {min(ends)}" if ends and found.at < min(ends) else None


def _answer(found: Status, verdict: str, why: tuple[str, ...], *steps: str) -> Verdict:
    then = steps or (() if verdict == "allow" else found.next)
    return Verdict(verdict=verdict, status=found.status, why=why, next=then, checks=found.checks)
