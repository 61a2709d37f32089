"""The status of a version in an environment: a pure function of the fold and a time.

The gate, the screens and the offline verifier call this function and no other.
"""

import msgspec

from registry.rules.answers import CheckAnswer, DossierStatus, Glass, Status, Verdict
from registry.rules.break_glass import list_glasses
from registry.rules.lifecycle import VersionState, combine
from registry.rules.quorum import RoleCount
from registry.rules.staleness import stale_causes
from registry.rules.standing import (
    expires_at,
    grant_seq,
    history,
    is_rejected,
    newest_granted,
    role_counts,
    unexpired,
    word_for,
)
from registry.rules.verdict import gate_verdict
from registry.trust.reviews import Asked, Cause, Review, review, tier_of
from registry.trust.state import Request, State, Version
from schemas.digest import Digest
from schemas.ledger import origin_subject

__all__ = [
    "Cause",
    "CheckAnswer",
    "DossierStatus",
    "Glass",
    "RoleCount",
    "Status",
    "Verdict",
    "gate_verdict",
    "part_words",
    "said",
    "status",
    "version_state",
]


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
        overridden=found.overridden,
    )
    whole = base if shown is None else _with_dossier(state, version, found, shown, base)
    rejected = is_rejected(state, found, asked)
    return msgspec.structs.replace(
        whole,
        why=_why(whole, rejected=rejected),
        next=_after_rejection(whole) if rejected else _next(whole),
        break_glass=list_glasses(state, version, found, whole),
    )


def version_state(state: State, manifest: Digest) -> VersionState:
    """Return where the version stands over all environments."""
    known = state.environments.get(manifest, ())
    return combine(review(state, manifest, environment).version_state for environment in known)


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
        grant_seq=grant_seq(state, version, found, shown, counted, base.at) if standing else None,
    )


def _missing(state: State, manifest: Digest) -> tuple[str, ...]:
    gaps = (*state.missing.get(origin_subject(state.origin), ()), *state.missing.get(manifest, ()))
    return tuple(dict.fromkeys(f"the {gap.what} at leaf {gap.seq} is not here" for gap in gaps))


def _unread(found: Review) -> tuple[str, ...]:
    """Say so when a dossier that is not here could have made a decision count otherwise."""
    absent = {a.request.dossier: a.request.by.seq for a in found.asked if a.request.frozen is None}
    # A second request of the same dossier is void, and opens nothing again.
    closed = {a.request.dossier: a.closed_by for a in found.asked if a.void is None}
    for decided in found.decided:
        dossier = decided.decision.dossier
        # A change or an author that only the dossier tells would void it; a rejection is never voided so.
        counted = dossier in absent and decided.void is None and decided.decision.decision != "reject"
        # A request that its dossier belies would have closed nothing.
        silenced = decided.void == "DOSSIER_CLOSED" and closed.get(dossier) in absent.values()
        if counted or silenced:
            return ("the frozen dossier is not here",)
    return ()


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
        return tuple(said(c) for c in now.causes)
    if now.status != "none":
        people = ", ".join(f"{a.person} as {a.role}" for a in now.approvals)
        return (f"approved by {people}",)
    if now.open_dossier is None:
        return ("no decision was asked for",)
    lacking = [f"{c.have} of {c.need} {c.role}" for c in now.quorum if c.have < c.need]
    changed = [said(c) for c in now.causes]
    return (*(f"{text} approved" for text in lacking), *changed) or ("no approval rule covers it",)


def said(cause: Cause) -> str:
    """Return a cause in words; most begin with the part they are about, which is said once."""
    part = part_words(cause.part)
    return cause.cause if cause.cause.lower().startswith(part.removesuffix("s")) else f"{part}: {cause.cause}"


def part_words(part: str) -> str:
    """Return a part's name as words: `biasChecks` as `bias checks`."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in part).strip()


def _after_rejection(now: Status) -> tuple[str, ...]:
    # No new request ends a rejection: its signer takes it back, or root holders override it.
    where = f"{now.ref} --env {now.environment}"
    several = len(now.rejections) > 1
    return (
        *(f"muniment withdraw {where} --reason TEXT --as {d.person}" for d in now.rejections),
        *(
            f"muniment override {where} --reason TEXT{f' --decision {d.envelope}' if several else ''}"
            for d in now.rejections
        ),
    )


def _next(now: Status) -> tuple[str, ...]:
    where = f"{now.ref} --env {now.environment}"
    if now.status in ("valid", "valid-with-conditions"):
        return ()
    if now.status == "stale" and all(cause.part == "monitoring" for cause in now.causes):
        return (f"muniment import monitoring FILE --for {now.ref}",)
    if now.status == "stale":
        return (f"muniment changes {where}", f"muniment request {where}")
    asked = now.status == "none" and now.open_dossier is not None and not now.causes and not now.rejections
    lacking = [c.role for c in now.quorum if c.have < c.need]
    if asked and lacking:
        return tuple(f"muniment approve {where} --role {role} --reason TEXT" for role in lacking)
    return (f"muniment request {where}",)
