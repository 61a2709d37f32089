"""The status of a version in an environment: a pure function of the fold and a time.

The gate, the screens and the offline verifier call this function and no other.
"""

import msgspec

from registry.rules.lifecycle import VersionState, combine
from registry.rules.policy import ApprovalRule
from registry.rules.quorum import RoleCount
from registry.rules.staleness import stale_causes
from registry.rules.standing import (
    days_after,
    expires_at,
    grant_seq,
    history,
    is_rejected,
    newest_granted,
    role_counts,
    tier_in_force,
    unexpired,
    word_for,
)
from registry.trust.reviews import Asked, Cause, Review, review, tier_of
from registry.trust.state import Decision, Request, State, Version
from schemas.digest import Digest
from schemas.ledger import origin_subject

HIGH_TIERS = ("high", "critical")

__all__ = [
    "Cause",
    "CheckAnswer",
    "DossierStatus",
    "RoleCount",
    "Status",
    "Verdict",
    "gate_verdict",
    "status",
    "version_state",
]


class CheckAnswer(msgspec.Struct, frozen=True):
    """One check that applies: what the frozen dossier says about it."""

    rule: str
    title: str
    severity: str
    result: str
    message: str

    @property
    def blocks(self) -> bool:
        """It keeps the version from being deployed."""
        return self.severity == "block" and self.result in ("fail", "error")


class DossierStatus(msgspec.Struct, frozen=True):
    """The status of one dossier's approval; an older one beside a newer is `superseded`."""

    dossier: Digest
    status: str
    requested_by: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What stands for a version in an environment, why, and what to do next."""

    status: str
    version_state: VersionState
    manifest: Digest
    environment: str
    at: str
    ref: str = ""
    tier: str | None = None
    dossier: Digest | None = None
    open_dossier: Digest | None = None
    causes: tuple[Cause, ...] = ()
    conditions: tuple[Digest, ...] = ()
    approvals: tuple[Decision, ...] = ()
    rejections: tuple[Decision, ...] = ()
    quorum: tuple[RoleCount, ...] = ()
    checks: tuple[CheckAnswer, ...] = ()
    history: tuple[DossierStatus, ...] = ()
    expires_at: str | None = None
    why: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    author_unknown: bool = False
    grant_seq: int | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The gate's answer: `allow`, `deny` or `unproven`, with the reasons a person reads."""

    verdict: str
    status: str
    why: tuple[str, ...]
    next: tuple[str, ...]
    checks: tuple[CheckAnswer, ...]


def status(state: State, manifest: Digest, environment: str, at: str) -> Status:
    """Return the status of `manifest` for `environment` at the time `at`."""
    version = state.find_version(manifest)
    if version is None:
        return Status(
            status="none",
            version_state=VersionState.DRAFT,
            manifest=manifest,
            environment=environment,
            at=at,
            why=("no such version is registered",),
            unproven=_missing(state, manifest),
        )
    found = review(state, manifest, environment)
    asked = newest_granted(state, found)
    word = "none" if asked is None else word_for(state, found, asked, at, speaks=asked)
    opened = next((a for a in reversed(found.asked) if a.open), None)
    shown = asked if asked is not None else opened
    base = Status(
        status=word,
        version_state=version_state(state, manifest),
        manifest=manifest,
        environment=environment,
        at=at,
        ref=str(version.ref),
        tier=state.find_tier(manifest),
        open_dossier=None if opened is None else opened.request.dossier,
        rejections=found.rejections,
        history=tuple(DossierStatus(*row) for row in history(state, found, at)),
        unproven=(*_missing(state, manifest), *_unread(found)),
        author_unknown=version.author_unknown,
    )
    whole = base if shown is None else _with_dossier(state, version, found, shown, base)
    rejected = is_rejected(state, found, asked)
    return msgspec.structs.replace(whole, why=_why(whole, rejected=rejected), next=_next(whole))


def version_state(state: State, manifest: Digest) -> VersionState:
    """Return where the version stands over all environments."""
    keys = [key for key in state.reviews if key[0] == manifest]
    return combine(review(state, *key).version_state for key in keys)


def gate_verdict(state: State, found: Status, *, signed_size: int) -> Verdict:
    """Return whether the version may be deployed; what grants must lie below `signed_size` leaves.

    1. A damaged log, or bytes that are not here, prove nothing.
    2. What is not valid is denied; so is a valid approval over a check that blocks.
    3. The policy in force may only warn or observe, or grant some days after a change.
    4. Separation of duties that cannot be proved, grants beyond the signed head and grants under an expired
       trust root are unproven.
    """
    damage = [p.message for p in state.problems if p.code in ("LEAF_SEQ", "LEAF_TIME")]
    if damage or found.unproven:
        return _answer(found, "unproven", (*damage, *found.unproven), "muniment audit verify")
    tier, tier_leaf = tier_in_force(state, found.manifest, _approved(state, found))
    rule = _rule_in_force(state, found, tier)
    refusals = _refusals(state, found, rule)
    grace = _grace(found, rule)
    if refusals and grace is None:
        mode = _mode(state, found, rule)
        if mode == "block":
            return _answer(found, "deny", refusals)
        return _granted(
            state, found, signed_size, tier_leaf, (*refusals, f"the policy set only says to {mode}")
        )
    if found.author_unknown and tier in HIGH_TIERS:
        said = f"author unknown: at tier {tier} separation of duties must be proved"
        return _answer(found, "unproven", (said,), f"muniment register {found.ref} signed by its author")
    notes = (*((grace,) if grace else ()), *(("author unknown",) if found.author_unknown else ()))
    return _granted(state, found, signed_size, tier_leaf, notes)


def _with_dossier(state: State, version: Version, found: Review, shown: Asked, base: Status) -> Status:
    approvals = found.approvals(shown.request.dossier)
    counted = unexpired(state, shown, approvals, base.at)
    standing = base.status not in ("none", "revoked")
    conditions = tuple(dict.fromkeys(c for a in counted for c in a.conditions)) if standing else ()
    word = "valid-with-conditions" if base.status == "valid" and conditions else base.status
    return msgspec.structs.replace(
        base,
        status=word,
        dossier=shown.request.dossier,
        causes=stale_causes(state, shown, approvals, base.at),
        conditions=conditions,
        approvals=approvals,
        quorum=role_counts(state, shown.request, counted),
        checks=_checks(state, version, shown.request),
        expires_at=expires_at(state, shown, approvals) if standing else None,
        grant_seq=grant_seq(state, version, found, shown, counted) if standing else None,
    )


def _missing(state: State, manifest: Digest) -> tuple[str, ...]:
    gaps = (*state.missing.get(origin_subject(state.origin), ()), *state.missing.get(manifest, ()))
    return tuple(dict.fromkeys(f"the {gap.what} at leaf {gap.seq} is not here" for gap in gaps))


def _unread(found: Review) -> tuple[str, ...]:
    unread = any(a.request.frozen is None and found.approvals(a.request.dossier) for a in found.asked)
    return ("the frozen dossier is not here",) if unread else ()


def _checks(state: State, version: Version, request: Request) -> tuple[CheckAnswer, ...]:
    # One result per applicable check of the set: none or several is an error, and so blocks. The severity is
    # the policy set's; a dossier cannot soften it.
    if request.frozen is None:
        return ()
    policy = state.policies[request.policy_version].value
    answers = []
    for rule in policy.applicable_checks(version.ref.namespace, request.environment, tier_of(request)):
        rows = [row for row in request.frozen.checks if row.rule == rule.id]
        if len(rows) == 1:
            answers.append(CheckAnswer(rule.id, rule.title, rule.severity, rows[0].result, rows[0].message))
        else:
            said = f"the dossier holds {len(rows)} results for it"
            answers.append(CheckAnswer(rule.id, rule.title, rule.severity, "error", said))
    return tuple(answers)


def _why(now: Status, *, rejected: bool) -> tuple[str, ...]:
    if rejected:
        return tuple(f"rejected by {d.person} as {d.role} at leaf {d.by.seq}" for d in now.rejections)
    plain = {
        "revoked": "an approval was given and then taken back",
        "expired": "the approval ran out",
    }
    if now.status in plain:
        return (plain[now.status],)
    if now.status == "stale":
        return tuple(_said(c) for c in now.causes)
    if now.status != "none":
        people = ", ".join(f"{a.person} as {a.role}" for a in now.approvals)
        return (f"approved by {people}",)
    if now.open_dossier is None:
        return ("no decision was asked for",)
    lacking = [f"{c.have} of {c.need} {c.role}" for c in now.quorum if c.have < c.need]
    changed = [_said(c) for c in now.causes]
    return (*(f"{text} approved" for text in lacking), *changed) or ("no approval rule covers it",)


def _said(cause: Cause) -> str:
    # Most causes begin with the part they are about: it is said once.
    part = cause.part.lower().removesuffix("s")
    return cause.cause if cause.cause.lower().startswith(part) else f"{cause.part}: {cause.cause}"


def _next(now: Status) -> tuple[str, ...]:
    where = f"{now.ref} --env {now.environment}"
    if now.status in ("valid", "valid-with-conditions"):
        return ()
    if now.status == "stale":
        return (f"muniment changes {where}", f"muniment request {where}")
    asked = now.status == "none" and now.open_dossier is not None and not now.causes and not now.rejections
    lacking = [c.role for c in now.quorum if c.have < c.need]
    if asked and lacking:
        return tuple(f"muniment approve {where} --role {role} --reason TEXT" for role in lacking)
    return (f"muniment request {where}",)


def _approved(state: State, found: Status) -> Request | None:
    # An approval that was taken back or rejected lowers no tier.
    if found.dossier is None or found.status in ("none", "revoked"):
        return None
    events = state.reviews.get((found.manifest, found.environment), ())
    return next((e for e in events if isinstance(e, Request) and e.dossier == found.dossier), None)


def _rule_in_force(state: State, found: Status, tier: str | None) -> ApprovalRule | None:
    policy, version = state.policy_set, state.find_version(found.manifest)
    if policy is None or version is None:
        return None
    return policy.value.find_rule(version.ref.namespace, found.environment, tier)


def _mode(state: State, found: Status, rule: ApprovalRule | None) -> str:
    # A tier that only a service assessed and nobody approved loosens nothing: the rule for an unassessed
    # version must let the gate merely warn as well.
    rules = [rule]
    said = [
        d for d in state.documents.get(found.manifest, ()) if d.what == "risk" and not state.is_void(d.by)
    ]
    if _approved(state, found) is None and not any(d.by.person is not None for d in said):
        rules.append(_rule_in_force(state, found, None))
    modes = ["block" if r is None else r.enforcement.at(found.at) for r in rules]
    return "block" if "block" in modes else modes[0]


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


def _granted(
    state: State, found: Status, signed_size: int, tier_leaf: int | None, notes: tuple[str, ...]
) -> Verdict:
    policy, root = state.policy_set, state.trust_root
    if root is not None and root.expires is not None and found.at >= root.expires:
        said = f"the trust root expired at {root.expires}"
        return _answer(found, "unproven", (said, *notes), "muniment root update")
    # The tier picks the rule in force: the assessment it rests on must be signed as well.
    leaves = (found.grant_seq, None if policy is None else policy.by.seq, tier_leaf)
    rests_on = [seq for seq in leaves if seq is not None]
    if any(seq >= signed_size for seq in rests_on):
        said = f"unsigned since {signed_size}: what grants lies beyond the signed head"
        return _answer(found, "unproven", (said, *notes), "muniment audit checkpoint")
    return _answer(found, "allow", (*found.why, *(n for n in notes if n not in found.why)))


def _answer(found: Status, verdict: str, why: tuple[str, ...], *steps: str) -> Verdict:
    then = steps or (() if verdict == "allow" else found.next)
    return Verdict(verdict=verdict, status=found.status, why=why, next=then, checks=found.checks)
