"""Which dossier's approval speaks for a version, what it is worth at a time, and which leaves it rests on."""

from registry.rules.policy import ApprovalRule
from registry.rules.quorum import RoleCount, is_full
from registry.rules.staleness import freshened_by, governing_rule, stale_causes
from registry.rules.time_spans import days_after
from registry.trust.reviews import (
    TIER_RANK,
    Asked,
    Review,
    authors_of,
    count,
    known_changes,
    rule_of,
    tier_of,
)
from registry.trust.state import Decision, Document, Evidence, Request, State, Version
from schemas.digest import Digest


def newest_granted(state: State, found: Review) -> Asked | None:
    """Return the newest dossier whose quorum is full; else the newest that once was granted; else None."""
    asked = [a for a in reversed(found.asked) if a.void is None]
    full = next((a for a in asked if a.request.dossier in found.full), None)
    return full or next((a for a in asked if _was_granted(state, found, a)), None)


def word_for(state: State, found: Review, asked: Asked, at: str, *, speaks: Asked | None) -> str:
    """Return the status of one dossier's approval; first match: revoked, superseded, expired, stale.

    `speaks` is the dossier whose approval speaks for the version: an older one is superseded by it.
    """
    approvals = found.approvals(asked.request.dossier)
    if is_rejected(state, found, asked):
        return "none"  # a rejected version has no approval, whatever stood before
    if asked.request.dossier not in found.full:
        return "revoked" if _was_granted(state, found, asked) else "none"
    if speaks is not None and speaks.request.by.seq > asked.request.by.seq:
        return "superseded"
    if not _is_full(state, asked.request, unexpired(state, asked, approvals, at)):
        return "expired"
    return "stale" if stale_causes(state, asked, approvals, at) else "valid"


def is_rejected(state: State, found: Review, asked: Asked | None) -> bool:
    """Say whether a live rejection blocks, by the newest dossier's rule or by that of `asked`."""
    rule = None if asked is None else rule_of(state, asked.request)
    return found.blocked or (bool(found.rejections) and rule is not None and rule.rejection_blocks)


def unexpired(state: State, asked: Asked, approvals: tuple[Decision, ...], at: str) -> tuple[Decision, ...]:
    """Return the approvals that still count at `at`: by their own expiry and the rule's greatest age."""
    rule = governing_rule(state, asked.request) or rule_of(state, asked.request)
    return tuple(a for a in approvals if not (end := _ends(a, rule)) or at < end)


def expires_at(state: State, asked: Asked, approvals: tuple[Decision, ...]) -> str | None:
    """Return when the quorum ceases to be full as approvals run out, None when it never does."""
    rule = governing_rule(state, asked.request) or rule_of(state, asked.request)
    ends = sorted({end for a in approvals if (end := _ends(a, rule))})
    return next(
        (e for e in ends if not _is_full(state, asked.request, unexpired(state, asked, approvals, e))), None
    )


def role_counts(state: State, request: Request, approvals: tuple[Decision, ...]) -> tuple[RoleCount, ...]:
    """Return how full each role of the governing rule is, nothing when no rule covers the version."""
    rule = governing_rule(state, request)
    return () if rule is None else count(rule, approvals, authors_of(state, request))


def grant_seq(
    state: State, version: Version, found: Review, asked: Asked, approvals: tuple[Decision, ...], at: str
) -> int:
    """Return the highest leaf that the grant at `at` rests on: all of them must lie under a signed head.

    Those are the registration, the policy set, the request, the approvals that first fill the quorum, the
    record that cleared a change, the report of monitoring that is recent enough, the leaf that ended a
    rejection, and a revocation that may have voided a denial: one of a compromised key that signed anything
    this status depends on.
    """
    request = asked.request
    leaves = [version.by.seq, state.policies[request.policy_version].by.seq, request.by.seq]
    for index in range(len(approvals)):
        if _is_full(state, request, approvals[: index + 1]):
            leaves.append(approvals[index].by.seq)
            break
    cleared = (asked.changed_by, found.lifted_by, _cleared_by(state, request))
    leaves += [seq for seq in cleared if seq is not None]
    leaves += freshened_by(state, request, at)
    signers = signers_of(state, request.manifest, request.environment)
    leaves += [r.seq for r in state.revoked.values() if r.void_from is not None and r.keyid in signers]
    return max(leaves)


def signers_of(state: State, manifest: Digest, environment: str) -> set[str]:
    """Return the ids of all keys that signed anything the status of a version there depends on."""
    events = (
        *state.reviews.get((manifest, environment), ()),
        *state.evidence.get(manifest, ()),
        *state.documents.get(manifest, ()),
        *state.policies.values(),
    )
    return {keyid for event in events for keyid in (event.by.keyid, *event.by.cosigners)}


def tier_in_force(state: State, manifest: Digest, approved: Request | None) -> tuple[str | None, int | None]:
    """Return the tier that picks the rule, and the leaf of the assessment (or revocation) that says so.

    It is the highest of the approved dossier's tier and of every assessment since; without an approved
    dossier, of every assessment there is. So an assessment raises it, and only a newly approved dossier
    lowers it. No leaf: the approved dossier says so, or nobody does.
    """
    tier, since = (None, -1) if approved is None else (tier_of(approved), approved.by.seq)
    said: int | None = None
    voided: list[int] = []
    for document in state.documents.get(manifest, ()):
        if document.what != "risk" or document.by.seq < since:
            continue
        if state.is_void(document.by):
            voided.append(state.revoked[document.by.keyid].seq)
            continue
        first = approved is None and tier is None
        if first or TIER_RANK[document.tier] > TIER_RANK[tier]:
            tier, said = document.tier, document.by.seq
    return tier, max((seq for seq in (said, *voided) if seq is not None), default=None)


def history(state: State, found: Review, at: str) -> tuple[tuple[Digest, str, int], ...]:
    """Return every dossier asked about with its approval's status and its request's leaf, oldest first."""
    speaks = newest_granted(state, found)
    return tuple(
        (a.request.dossier, word_for(state, found, a, at, speaks=speaks), a.request.by.seq)
        for a in found.asked
        if a.void is None
    )


def _is_full(state: State, request: Request, approvals: tuple[Decision, ...]) -> bool:
    rule = rule_of(state, request)
    return rule is not None and is_full(count(rule, approvals, authors_of(state, request)))


def _was_granted(state: State, found: Review, asked: Asked) -> bool:
    # What compromised keys signed is left out of the replay; with it, the quorum may once have been full.
    voided = tuple(
        d.decision
        for d in found.decided
        if d.void == "KEY_REVOKED"
        and d.decision.decision == "approve"
        and d.decision.dossier == asked.request.dossier
    )
    standing = found.approvals(asked.request.dossier)
    return asked.granted_by is not None or (
        bool(voided) and _is_full(state, asked.request, (*standing, *voided))
    )


def _ends(approval: Decision, rule: ApprovalRule | None) -> str | None:
    ends = [] if approval.expires_at is None else [str(approval.expires_at)]
    if rule is not None and rule.max_age_days is not None:
        ends.append(days_after(approval.by.time, rule.max_age_days))
    return min(ends, default=None)


def _cleared_by(state: State, request: Request) -> int | None:
    # Evidence put back and a tier lowered again take away a cause that the fold sees by itself.
    manifest = request.manifest
    facts: tuple[Evidence | Document, ...] = (
        *state.evidence.get(manifest, ()),
        *state.documents.get(manifest, ()),
    )
    cleared = [
        event.by.seq
        for event in facts
        if event.by.seq > request.by.seq
        and known_changes(state, request, before=event.by.seq)
        and not known_changes(state, request, before=event.by.seq + 1)
    ]
    return max(cleared, default=None)
