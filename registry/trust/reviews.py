"""Replay the review of one version in one environment: which requests, decisions and rejections stand.

The events are replayed each time, without what compromised keys signed, so that a revocation reaching back
undoes a denial as well as a grant. The rules are RECORDS section 5:

1. A new request closes the open one; a decision on a closed dossier is void.
2. A decision on a dossier that already has a material change is void. A rejection is not: what denies
   counts wherever it lies.
3. A person's decision replaces their earlier one on the same dossier (an approval in a second role joins it).
4. A rejection or a withdrawal removes the person's approvals on every dossier; a rejection stays live until
   its signer decides anew or withdraws.
5. An author's approval is void where the rule keeps authors out.
6. An override by the root threshold ends one live rejection; its signer may reject anew.
7. A break-glass decides nothing: it stands beside the review until it expires or its signer ends it.
"""

import msgspec

from registry.rules.lifecycle import Event, VersionState, advance
from registry.rules.quorum import is_full
from registry.trust.review_parts import (
    TIER_RANK,
    Asked,
    Broken,
    Cause,
    Decided,
    Overridden,
    Review,
    authors_of,
    count,
    known_changes,
    rule_of,
    tier_of,
)
from registry.trust.state import (
    BreakGlass,
    Change,
    Decision,
    Override,
    Request,
    ReviewEvent,
    State,
    Withdrawal,
)
from schemas.digest import Digest

__all__ = [
    "TIER_RANK",
    "Asked",
    "Broken",
    "Cause",
    "Decided",
    "Overridden",
    "Review",
    "authors_of",
    "count",
    "known_changes",
    "review",
    "rule_of",
    "tier_of",
]


def review(state: State, manifest: Digest, environment: str) -> Review:
    """Return where the review of `manifest` for `environment` stands."""
    replay = _Replay(state)
    replay.follow(state.reviews.get((manifest, environment), ()))
    return replay.result()


def void_reason_of_last(state: State, manifest: Digest, environment: str) -> str | None:
    """Return the code for which the latest event does not count, None when it does.

    The fold asks this after each event, so the replay goes on where it stood. Only a revocation, which may
    reach back, begins it anew.
    """
    key = (manifest, environment)
    replay = state.replays.get(key)
    if not isinstance(replay, _Replay) or replay.revoked != state.revoked:
        replay = state.replays[key] = _Replay(state)
    events = state.reviews[key]
    replay.follow(events)
    return replay.void_reason(events[-1])


class _Replay:
    """The review so far; every method is one event."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.revoked = dict(state.revoked)
        self.followed = 0
        self.asked: dict[Digest, Asked] = {}
        self.void_requests: list[Asked] = []
        self.open: Digest | None = None
        self.decided: dict[int, Decided] = {}
        self.by_envelope: dict[Digest, Decision] = {}
        self.void_acts: dict[int, str] = {}
        # What stands: approvals by dossier and leaf; each person's leaves that stand; live rejections.
        self.approvals: dict[Digest, dict[int, Decision]] = {}
        self.live: dict[str, set[int]] = {}
        self.rejections: dict[str, Decision] = {}
        self.lifted_by: int | None = None
        self.overridden: list[Overridden] = []
        self.broken: dict[Digest, Broken] = {}
        # Counting is dear, so a dossier is counted again only when its approvals changed.
        self.full: set[Digest] = set()
        self.touched: set[Digest] = set()
        self.granted = False
        self.blocked = False
        self.version_state = VersionState.DRAFT

    def follow(self, events: tuple[ReviewEvent, ...]) -> None:
        """Take what came after the events that were followed before."""
        for event in events[self.followed :]:
            if isinstance(event, Request):
                self.request(event)
            elif isinstance(event, Decision):
                self.decide(event)
            elif isinstance(event, Withdrawal):
                self.withdraw(event)
            elif isinstance(event, Override):
                self.override(event)
            elif isinstance(event, BreakGlass):
                self.break_glass(event)
            else:
                self.change(event)
            self.settle(event)
        self.followed = len(events)

    def void_reason(self, event: ReviewEvent) -> str | None:
        """Return the code for which `event` does not count, None when it does."""
        if isinstance(event, Request):
            voided = (a.void for a in self.void_requests if a.request.by.seq == event.by.seq)
            return next(voided, None)
        if isinstance(event, Decision):
            return self.decided[event.by.seq].void
        return self.void_acts.get(event.by.seq)

    def result(self) -> Review:
        """Return the review after the last event."""
        asked = sorted((*self.asked.values(), *self.void_requests), key=lambda a: a.request.by.seq)
        return Review(
            tuple(asked),
            tuple(self.decided.values()),
            self.void_acts,
            tuple(self.rejections.values()),
            self.blocked,
            self.lifted_by,
            self.version_state,
            {dossier: tuple(found.values()) for dossier, found in self.approvals.items()},
            frozenset(self.full),
            tuple(self.overridden),
            tuple(self.broken.values()),
        )

    def request(self, event: Request) -> None:
        """Open a dossier and close the open one."""
        policy = self.state.policies.get(event.policy_version)
        if self.state.is_void(event.by) or policy is None or self.state.is_void(policy.by):
            self.void_requests.append(Asked(event, void="KEY_REVOKED"))
        elif event.dossier in self.asked:
            self.void_requests.append(Asked(event, void="REQUEST_REPEATED"))
        else:
            if self.open is not None:
                closed = msgspec.structs.replace(self.asked[self.open], closed_by=event.by.seq)
                self.asked[self.open] = closed
            self.asked[event.dossier] = Asked(event)
            self.open = event.dossier

    def decide(self, event: Decision) -> None:
        """Let a decision take the place of its signer's earlier ones."""
        void, seq = self._void(event), event.by.seq
        self.decided[seq] = Decided(event, void)
        self.by_envelope.setdefault(event.envelope, event)
        if void is not None:
            return
        for earlier in sorted(self.live.get(event.person, ())):
            if _replaces(event, self.decided[earlier].decision):
                self._end(earlier, seq)
        self._lift(event.person, seq)
        self.live.setdefault(event.person, set()).add(seq)
        if event.decision == "reject":
            self.rejections[event.person] = event
        if event.decision == "approve":
            self.approvals.setdefault(event.dossier, {})[seq] = event
            self.touched.add(event.dossier)

    def withdraw(self, event: Withdrawal) -> None:
        """Take back everything the signer of the decision stands for, or end their one break-glass."""
        broken = self.broken.get(event.decision)
        found = self.by_envelope.get(event.decision) if broken is None else broken.glass
        if self.state.is_void(event.by):
            self.void_acts[event.by.seq] = "KEY_REVOKED"
        elif found is None:
            self.void_acts[event.by.seq] = "SUBJECT_MISMATCH"
        elif found.person != event.person:
            self.void_acts[event.by.seq] = "ROLE_MISSING"
        elif broken is not None:
            ended = event.by.seq if broken.ended_by is None else broken.ended_by
            self.broken[event.decision] = msgspec.structs.replace(broken, ended_by=ended)
        else:
            for seq in sorted(self.live.get(event.person, ())):
                self._end(seq, event.by.seq)
            self._lift(event.person, event.by.seq)

    def override(self, event: Override) -> None:
        """End one live rejection."""
        found = self.by_envelope.get(event.decision)
        if self.state.is_void(event.by):
            self.void_acts[event.by.seq] = "KEY_REVOKED"
        elif found is None or self.rejections.get(found.person) != found:
            self.void_acts[event.by.seq] = "SUBJECT_MISMATCH"
        else:
            self._lift(found.person, event.by.seq)
            self.overridden.append(Overridden(event, found))

    def break_glass(self, event: BreakGlass) -> None:
        """Keep a break-glass as long as its signer, and the policy set that allowed it, are believed."""
        policy = self.state.policies.get(event.policy_version)
        if self.state.is_void(event.by) or policy is None or self.state.is_void(policy.by):
            self.void_acts[event.by.seq] = "KEY_REVOKED"
        else:
            self.broken[event.envelope] = Broken(event)

    def change(self, event: Change) -> None:
        """Let the latest word about a dossier's changes count; what it repeats keeps its date."""
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
        for digest in self.touched:
            (self.full.add if self._is_full(digest) else self.full.discard)(digest)
        self.touched.clear()
        granted = [digest for digest in self.full if not self._rejected(digest)]
        for digest in granted:
            if self.asked[digest].granted_by is None:
                self.asked[digest] = msgspec.structs.replace(self.asked[digest], granted_by=event.by.seq)
        blocked = self.open is not None and self._rejected(self.open)
        moved = {
            Event.REQUESTED: isinstance(event, Request) and self.asked.get(event.dossier) == Asked(event),
            Event.LOST: self.granted and not granted,
            Event.REJECTED: blocked and not self.blocked,
            Event.LIFTED: self.blocked and not blocked,
            Event.GRANTED: bool(granted),
        }
        for move, happened in moved.items():
            if happened:
                self.version_state = advance(self.version_state, move)
        self.granted, self.blocked = bool(granted), blocked

    def _is_full(self, digest: Digest) -> bool:
        request = self.asked[digest].request
        rule = rule_of(self.state, request)
        approvals = tuple(self.approvals.get(digest, {}).values())
        return rule is not None and is_full(count(rule, approvals, authors_of(self.state, request)))

    def _rejected(self, digest: Digest) -> bool:
        if not self.rejections:
            return False
        rule = rule_of(self.state, self.asked[digest].request)
        return rule is None or rule.rejection_blocks

    def _void(self, event: Decision) -> str | None:
        if self.state.is_void(event.by):
            return "KEY_REVOKED"
        asked = self.asked.get(event.dossier)
        # Nobody silences a rejection: by a new request, by a change told just before it, or by voiding the
        # request it answers.
        if event.decision == "reject" and (asked or self._was_asked(event.dossier)):
            return None
        return "SUBJECT_MISMATCH" if asked is None else self._void_on(asked, event)

    def _was_asked(self, dossier: Digest) -> bool:
        return any(asked.request.dossier == dossier for asked in self.void_requests)

    def _void_on(self, asked: Asked, event: Decision) -> str | None:
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
        self.decided[seq] = msgspec.structs.replace(found, ended_by=by)
        self.live[found.decision.person].discard(seq)
        if self.approvals.get(found.decision.dossier, {}).pop(seq, None) is not None:
            self.touched.add(found.decision.dossier)

    def _lift(self, person: str, by: int) -> None:
        rejection = self.rejections.pop(person, None)
        if rejection is None:
            return
        self.lifted_by = by
        if rejection.by.seq in self.live.get(person, ()):
            self._end(rejection.by.seq, by)


def _replaces(event: Decision, earlier: Decision) -> bool:
    if event.decision == "reject":
        return True
    joins = event.decision == earlier.decision == "approve" and event.role != earlier.role
    return event.dossier == earlier.dossier and not joins
