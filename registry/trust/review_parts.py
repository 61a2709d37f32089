"""What a review is made of: requests, decisions, changes, and what became of each."""

import msgspec

from registry.rules.lifecycle import VersionState
from registry.rules.policy import ApprovalRule
from registry.rules.quorum import RoleCount, match_roles
from registry.trust.state import BreakGlass, Decision, Override, Request, State
from schemas.digest import Digest

TIER_RANK = {None: 0, "low": 0, "medium": 1, "high": 2, "critical": 3}
"""An unassessed version ranks with the lowest tier: assessing it low raises nothing."""


class Cause(msgspec.Struct, frozen=True):
    """A part of the dossier that is no longer what was reviewed, why, and since when (a leaf's time)."""

    part: str
    cause: str
    since: str


class Asked(msgspec.Struct, frozen=True):
    """A request and what became of it; `granted_by` is the leaf that first filled its quorum."""

    request: Request
    void: str | None = None
    closed_by: int | None = None
    granted_by: int | None = None
    changes: tuple[Cause, ...] = ()
    changed_by: int | None = None

    @property
    def open(self) -> bool:
        """Decisions on it still count."""
        return self.void is None and self.closed_by is None


class Decided(msgspec.Struct, frozen=True):
    """A decision and what became of it: void from the start, or ended by a later leaf."""

    decision: Decision
    void: str | None = None
    ended_by: int | None = None


class Overridden(msgspec.Struct, frozen=True):
    """An override and the rejection it ended."""

    override: Override
    rejection: Decision


class Broken(msgspec.Struct, frozen=True):
    """A break-glass and the leaf at which its signer ended it, None while nobody did."""

    glass: BreakGlass
    ended_by: int | None = None


class Review(msgspec.Struct, frozen=True):
    """Where the review stands; `blocked` by a live rejection, `lifted_by` the last leaf that ended one.

    `full` are the dossiers whose quorum is full, whether or not a rejection blocks them. `void_acts` are
    withdrawals, overrides and break-glasses that count for nothing, by leaf.
    """

    asked: tuple[Asked, ...]
    decided: tuple[Decided, ...]
    void_acts: dict[int, str]
    rejections: tuple[Decision, ...]
    blocked: bool
    lifted_by: int | None
    version_state: VersionState
    standing: dict[Digest, tuple[Decision, ...]]
    full: frozenset[Digest]
    overridden: tuple[Overridden, ...] = ()
    broken: tuple[Broken, ...] = ()

    def approvals(self, dossier: Digest) -> tuple[Decision, ...]:
        """Return the approvals of `dossier` that stand, in log order."""
        return self.standing.get(dossier, ())


def rule_of(state: State, request: Request) -> ApprovalRule | None:
    """Return the approval rule of the policy set the dossier was frozen under."""
    policy = state.policies.get(request.policy_version)
    version = state.versions.get(request.manifest)
    if policy is None or version is None:
        return None
    return policy.value.find_rule(version.ref.namespace, request.environment, tier_of(request))


def tier_of(request: Request) -> str | None:
    """Return the tier the reviewers were shown."""
    return None if request.frozen is None else request.frozen.tier


def authors_of(state: State, request: Request) -> frozenset[str]:
    """Return everyone the reviewed version is by: registration, request, and the authors in the dossier."""
    version = state.versions.get(request.manifest)
    named = () if request.frozen is None else request.frozen.authors
    asker = (request.by.person,) if request.by.person is not None else ()
    return frozenset((*(() if version is None else version.authors), *asker, *named))


def count(
    rule: ApprovalRule, approvals: tuple[Decision, ...], authors: frozenset[str]
) -> tuple[RoleCount, ...]:
    """Return how full the rule's quorum is with these approvals."""
    signed: dict[str, set[str]] = {}
    for approval in approvals:
        if not (rule.exclude_authors and approval.person in authors):
            signed.setdefault(approval.person, set()).add(approval.role)
    return match_roles({str(role): need for role, need in rule.roles.items()}, signed)


def known_changes(state: State, request: Request, *, before: int | None = None) -> tuple[Cause, ...]:
    """Return the pinned changes the fold sees by itself: evidence lost and tier raised since the freeze.

    Evidence a person took away since then stays lost to this dossier, whoever adds the same bytes again.
    """
    if request.frozen is None:
        return ()
    manifest = request.manifest
    standing = {e.digest for e in state.standing_evidence(manifest, before=before)}
    standing -= _taken_away(state, request, before)
    causes = []
    for row in request.frozen.evidence:
        if row.digest not in standing:
            since = _lost_since(state, manifest, row.digest)
            causes.append(Cause("evidence", f"{row.kind} was withdrawn or replaced", since))
    risk = state.find_risk(manifest, before=before)
    if risk is not None and TIER_RANK[risk.tier] > TIER_RANK[request.frozen.tier]:
        was = request.frozen.tier or "unassessed"
        causes.append(Cause("risk", f"tier raised from {was} to {risk.tier}", risk.by.time))
    return tuple(causes)


def _taken_away(state: State, request: Request, before: int | None) -> set[Digest]:
    # One look at each event: a version may have many documents, and this is asked at every decision.
    taken: set[Digest] = set()
    for event in state.evidence.get(request.manifest, ()):
        late = before is not None and event.by.seq >= before
        if event.by.person is None or event.by.seq <= request.by.seq or late or state.is_void(event.by):
            continue
        if event.withdrawn:
            taken.add(event.digest)
        if event.replaces is not None and event.replaces != event.digest:
            taken.add(event.replaces)
    return taken


def _lost_since(state: State, manifest: Digest, digest: Digest) -> str:
    times = [
        e.by.time
        for e in state.evidence.get(manifest, ())
        if (e.withdrawn and e.digest == digest) or e.replaces == digest
    ]
    return times[-1] if times else ""
