"""Replay the review of one version in one environment: which requests, decisions and rejections stand.

The events are replayed each time, without what compromised keys signed, so that a revocation reaching back
undoes a denial as well as a grant. The rules are RECORDS section 5:

1. A new request closes the open one; a decision on a closed dossier is void.
2. A decision on a dossier that already has a material change is void.
3. A person's decision replaces their earlier one on the same dossier (an approval in a second role joins it).
4. A rejection or a withdrawal removes the person's approvals on every dossier; a rejection stays live until
   its signer decides anew or withdraws.
5. An author's approval is void where the rule keeps authors out.
"""

import msgspec

from registry.rules.lifecycle import Event, VersionState, advance
from registry.rules.policy import ApprovalRule
from registry.rules.quorum import RoleCount, is_full, match_roles
from registry.trust.state import Change, Decision, Request, ReviewEvent, State, Withdrawal
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

    @property
    def stands(self) -> bool:
        """It counts now."""
        return self.void is None and self.ended_by is None


class Review(msgspec.Struct, frozen=True):
    """Where the review stands; `blocked` by a live rejection, `lifted_by` the last leaf that ended one."""

    asked: tuple[Asked, ...]
    decided: tuple[Decided, ...]
    void_withdrawals: dict[int, str]
    rejections: tuple[Decision, ...]
    blocked: bool
    lifted_by: int | None
    version_state: VersionState

    def approvals(self, dossier: Digest) -> tuple[Decision, ...]:
        """Return the approvals of `dossier` that stand, in log order."""
        return tuple(
            d.decision
            for d in self.decided
            if d.stands and d.decision.decision == "approve" and d.decision.dossier == dossier
        )

    def void_reason(self, seq: int) -> str | None:
        """Return the code for which the event at leaf `seq` does not count, None when it does."""
        for asked in self.asked:
            if asked.request.by.seq == seq:
                return asked.void
        for decided in self.decided:
            if decided.decision.by.seq == seq:
                return decided.void
        return self.void_withdrawals.get(seq)


def review(state: State, manifest: Digest, environment: str) -> Review:
    """Return where the review of `manifest` for `environment` stands."""
    replay = _Replay(state, manifest)
    for event in state.reviews.get((manifest, environment), ()):
        if isinstance(event, Request):
            replay.request(event)
        elif isinstance(event, Decision):
            replay.decide(event)
        elif isinstance(event, Withdrawal):
            replay.withdraw(event)
        else:
            replay.change(event)
        replay.settle(event)
    return replay.result()


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
    """Return the pinned changes the fold sees by itself: evidence lost and tier raised since the freeze."""
    if request.frozen is None:
        return ()
    manifest = request.manifest
    standing = {e.digest for e in state.standing_evidence(manifest, before=before)}
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


def _lost_since(state: State, manifest: Digest, digest: Digest) -> str:
    times = [
        e.by.time
        for e in state.evidence.get(manifest, ())
        if (e.withdrawn and e.digest == digest) or e.replaces == digest
    ]
    return times[-1] if times else ""


class _Replay:
    """The review so far; every method is one event."""

    def __init__(self, state: State, manifest: Digest) -> None:
        self.state, self.manifest = state, manifest
        self.asked: dict[Digest, Asked] = {}
        self.repeated: list[Asked] = []
        self.decided: dict[int, Decided] = {}
        self.void_withdrawals: dict[int, str] = {}
        self.rejections: dict[str, Decision] = {}
        self.lifted_by: int | None = None
        self.granted: set[Digest] = set()
        self.blocked = False
        self.version_state = VersionState.DRAFT

    def result(self) -> Review:
        asked = sorted((*self.asked.values(), *self.repeated), key=lambda a: a.request.by.seq)
        return Review(
            tuple(asked),
            tuple(self.decided.values()),
            self.void_withdrawals,
            tuple(self.rejections.values()),
            self.blocked,
            self.lifted_by,
            self.version_state,
        )

    def request(self, event: Request) -> None:
        policy = self.state.policies.get(event.policy_version)
        if self.state.is_void(event.by) or policy is None or self.state.is_void(policy.by):
            self.repeated.append(Asked(event, void="KEY_REVOKED"))
        elif event.dossier in self.asked:
            self.repeated.append(Asked(event, void="REQUEST_REPEATED"))
        else:
            for digest, asked in self.asked.items():
                if asked.closed_by is None:
                    self.asked[digest] = msgspec.structs.replace(asked, closed_by=event.by.seq)
            self.asked[event.dossier] = Asked(event)

    def decide(self, event: Decision) -> None:
        void = self._void(event)
        self.decided[event.by.seq] = Decided(event, void)
        if void is not None:
            return
        everywhere = event.decision == "reject"
        for seq, found in self.decided.items():
            earlier = found.decision
            same = everywhere or (
                earlier.dossier == event.dossier
                and (
                    event.decision == "abstain" or earlier.decision != "approve" or earlier.role == event.role
                )
            )
            if earlier.person == event.person and same and seq != event.by.seq:
                self._end(seq, event.by.seq)
        self._lift(event.person, event.by.seq)
        if everywhere:
            self.rejections[event.person] = event

    def withdraw(self, event: Withdrawal) -> None:
        if self.state.is_void(event.by):
            self.void_withdrawals[event.by.seq] = "KEY_REVOKED"
            return
        found = next((d for d in self.decided.values() if d.decision.envelope == event.decision), None)
        if found is None or found.decision.person != event.person:
            self.void_withdrawals[event.by.seq] = "SUBJECT_MISMATCH" if found is None else "ROLE_MISSING"
            return
        for seq, decided in self.decided.items():
            if decided.decision.person == event.person:
                self._end(seq, event.by.seq)
        self._lift(event.person, event.by.seq)

    def change(self, event: Change) -> None:
        asked = self.asked.get(event.base)
        if asked is None or self.state.is_void(event.by):
            return
        since = {(c.part, c.cause): c.since for c in asked.changes}
        causes = tuple(
            Cause(p.part, p.cause, since.get((p.part, p.cause), event.by.time)) for p in event.parts
        )
        self.asked[event.base] = msgspec.structs.replace(asked, changes=causes, changed_by=event.by.seq)

    def settle(self, event: ReviewEvent) -> None:
        """Note what the event moved: which dossiers are granted now, and the version's state."""
        granted = {digest for digest in self.asked if self._is_granted(digest)}
        for digest in granted:
            if self.asked[digest].granted_by is None:
                self.asked[digest] = msgspec.structs.replace(self.asked[digest], granted_by=event.by.seq)
        blocked = self._is_blocked()
        moved = {
            Event.REQUESTED: isinstance(event, Request) and self._newest_seq() == event.by.seq,
            Event.LOST: bool(self.granted) and not granted,
            Event.REJECTED: blocked and not self.blocked,
            Event.LIFTED: self.blocked and not blocked,
            Event.GRANTED: bool(granted),
        }
        for move, happened in moved.items():
            if happened:
                self.version_state = advance(self.version_state, move)
        self.granted, self.blocked = granted, blocked

    def _is_granted(self, digest: Digest) -> bool:
        request = self.asked[digest].request
        rule = rule_of(self.state, request)
        if rule is None or (rule.rejection_blocks and self.rejections):
            return False
        standing = tuple(
            d.decision
            for d in self.decided.values()
            if d.stands and d.decision.decision == "approve" and d.decision.dossier == digest
        )
        return is_full(count(rule, standing, authors_of(self.state, request)))

    def _is_blocked(self) -> bool:
        newest = max(self.asked.values(), key=lambda a: a.request.by.seq, default=None)
        rule = None if newest is None else rule_of(self.state, newest.request)
        return bool(self.rejections) and (rule is None or rule.rejection_blocks)

    def _newest_seq(self) -> int:
        return max((a.request.by.seq for a in self.asked.values()), default=-1)

    def _void(self, event: Decision) -> str | None:
        if self.state.is_void(event.by):
            return "KEY_REVOKED"
        asked = self.asked.get(event.dossier)
        if asked is None:
            return "SUBJECT_MISMATCH"
        if asked.closed_by is not None:
            return "DOSSIER_CLOSED"
        if asked.changes or known_changes(self.state, asked.request, before=event.by.seq):
            return "DOSSIER_CHANGED"
        rule = rule_of(self.state, asked.request)
        excludes = rule is not None and rule.exclude_authors
        if event.decision == "approve" and excludes and event.person in authors_of(self.state, asked.request):
            return "SEPARATION_OF_DUTIES"
        return None

    def _end(self, seq: int, by: int) -> None:
        found = self.decided[seq]
        if found.void is None and found.ended_by is None:
            self.decided[seq] = msgspec.structs.replace(found, ended_by=by)

    def _lift(self, person: str, by: int) -> None:
        if self.rejections.pop(person, None) is not None:
            self.lifted_by = by
