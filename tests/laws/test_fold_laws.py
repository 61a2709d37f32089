"""Laws of the fold over random histories with real signatures."""

import base64
import json
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.rules.policy import ApprovalRule, BreakGlassRule, PolicySet
from registry.rules.status import gate_verdict, status
from registry.trust.fold import fold, start, step
from registry.trust.opening import Record
from schemas.asset import VersionRef
from schemas.digest import Digest

QUIET = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SEVEN, EIGHT = VersionRef("retail", "credit-risk", 7), VersionRef("retail", "credit-risk", 8)
ENVIRONMENTS = ("production", "staging")
DECIDERS = ("bob", "carol")
ASKED = ("request", "alice", "production")
GRANTED = (ASKED, ("approve", "bob", "production"))
BROKEN = (("policy", "newRequests", "1"), ("glass", "bob", "production"), ("glass", "carol", "staging"))
OVERRIDDEN = (*GRANTED, ("reject", "carol", "production"), ("override", "alice", "production"))
STAGED = (*GRANTED, ("request", "alice", "staging"), ("approve", "carol", "staging"))

# Reviews that end somewhere are long and common; what shakes them is short and rarer.
DECISIONS = st.tuples(
    st.sampled_from(("approve", "approve", "approve", "reject", "abstain", "withdraw")),
    st.sampled_from((*DECIDERS, *DECIDERS, "alice", "mallory")),
    st.sampled_from(ENVIRONMENTS),
)
EVENTS = st.one_of(
    st.tuples(st.just("request"), st.sampled_from(("alice", "bob")), st.sampled_from(ENVIRONMENTS)),
    st.tuples(st.just("change"), st.sampled_from(("lineage", "")), st.sampled_from(ENVIRONMENTS)),
    st.tuples(st.just("assess"), st.sampled_from(("low", "high")), st.just("")),
    st.tuples(st.just("policy"), st.sampled_from(("newRequests", "reEvaluate")), st.sampled_from(("1", "2"))),
    st.tuples(st.just("override"), st.sampled_from(("alice", "bob")), st.sampled_from(ENVIRONMENTS)),
    st.tuples(st.just("glass"), st.sampled_from((*DECIDERS, "alice")), st.sampled_from(ENVIRONMENTS)),
    st.tuples(st.just("end"), st.sampled_from(DECIDERS), st.sampled_from(ENVIRONMENTS)),
    st.tuples(st.just("revoke"), st.sampled_from(DECIDERS), st.sampled_from(("left", "compromised"))),
    st.tuples(st.sampled_from(("other", "withhold")), st.just(""), st.just("")),
    st.tuples(st.just("wait"), st.sampled_from(("1", "400")), st.just("")),
)
HISTORIES = st.builds(
    lambda start, rest: [*start, *rest],
    st.sampled_from(((), (ASKED,), GRANTED, STAGED, BROKEN, OVERRIDDEN)),
    st.lists(st.one_of(DECISIONS, EVENTS), max_size=8),
)


class History:
    """Plays moves on a log; a move that makes no sense yet does nothing."""

    def __init__(self, book: Any, people: Any) -> None:
        self.book, self.people = book, people
        self.dossiers: dict[str, Digest] = {}
        self.decisions: dict[tuple[str, str], int] = {}
        self.glasses: dict[tuple[str, str], int] = {}

    def play(self, moves: list[tuple[str, str, str]]) -> Any:
        for kind, one, other in moves:
            getattr(self, f"do_{kind}", self.do_decide)(kind, one, other)
        return self.book

    def do_request(self, _kind: str, person: str, environment: str) -> None:
        tier = self.book.fold().find_risk(self.book.subject()[1])
        parts = {} if tier is None else {"risk": {"assessment": tier.digest, "tier": tier.tier}}
        self.dossiers[environment] = self.book.request(getattr(self.people, person), environment, **parts)

    def do_decide(self, kind: str, person: str, environment: str) -> None:
        dossier = self.dossiers.get(environment)
        if dossier is not None:
            key = getattr(self.people, person)
            leaf = self.book.decide(key, dossier, kind, environment=environment)
            self.decisions[person, environment] = leaf

    def do_withdraw(self, _kind: str, person: str, environment: str) -> None:
        if (person, environment) in self.decisions:
            key = getattr(self.people, person)
            self.book.withdraw(key, self.decisions[person, environment], environment)

    def do_override(self, _kind: str, person: str, environment: str) -> None:
        for who in DECIDERS:
            if (who, environment) in self.decisions:
                leaf = self.decisions[who, environment]
                self.book.override(leaf, getattr(self.people, person), environment=environment)
                return

    def do_glass(self, _kind: str, person: str, environment: str) -> None:
        key = getattr(self.people, person)
        self.glasses[person, environment] = self.book.break_glass(key, environment=environment)

    def do_end(self, _kind: str, person: str, environment: str) -> None:
        if (person, environment) in self.glasses:
            key = getattr(self.people, person)
            self.book.withdraw(key, self.glasses[person, environment], environment)

    def do_change(self, _kind: str, part: str, environment: str) -> None:
        if environment in self.dossiers:
            parts = (part,) if part else ()
            self.book.change(self.dossiers[environment], *parts, environment=environment)

    def do_assess(self, _kind: str, tier: str, _: str) -> None:
        self.book.assess(tier)

    def do_policy(self, _kind: str, mode: str, count: str) -> None:
        # A set that asks for one person lets risk approvers break the glass; one that asks for two does not.
        glass = BreakGlassRule(roles=("risk-approver",), max_hours=24) if count == "1" else None
        rule = ApprovalRule(roles={"risk-approver": int(count)}, max_age_days=365, break_glass=glass)
        version = self.book.policy.version + 1
        self.book.set_policy(
            PolicySet(version=version, approval=(rule,), existing_approvals=mode)  # type: ignore[arg-type]
        )

    def do_revoke(self, _kind: str, person: str, reason: str) -> None:
        self.book.revoke(getattr(self.people, person), reason, len(self.book.records) - 2)

    def do_other(self, _kind: str, _one: str, _other: str) -> None:
        self.book.register(ref=EIGHT)

    def do_withhold(self, _kind: str, _one: str, _other: str) -> None:
        if len(self.book.records) > 4:
            self.book.records[-1] = msgspec.structs.replace(self.book.records[-1], envelope=None)

    def do_wait(self, _kind: str, days: str, _: str) -> None:
        self.book.later(days=int(days))


@QUIET
@given(moves=HISTORIES)
def test_the_fold_of_a_subjects_leaves_gives_the_status_of_the_whole_fold(
    new_logbook: Any, people: Any, moves: list[tuple[str, str, str]]
) -> None:
    book = History(new_logbook(), people).play(moves)
    whole = book.fold()
    for ref in (SEVEN, EIGHT):
        manifest = book.subject(ref)[1]
        part = book.fold(only=manifest)
        for environment in ENVIRONMENTS:
            found = status(part, manifest, environment, book.now)
            expected = status(whole, manifest, environment, book.now)
            assert found == expected
            assert gate_verdict(part, found, signed_size=9) == gate_verdict(whole, expected, signed_size=9)


@QUIET
@given(moves=HISTORIES)
def test_stepping_gives_what_folding_gives_and_leaves_the_earlier_state_alone(
    new_logbook: Any, people: Any, moves: list[tuple[str, str, str]]
) -> None:
    book = History(new_logbook(), people).play(moves)
    state = start(book.fold().origin)
    for record in book.records:
        before = msgspec.structs.asdict(state.copy())
        after = step(state, record, book.bodies.get)
        assert msgspec.structs.asdict(state) == before
        state = after

    assert state == fold(state.origin, book.records, book.bodies.get)


@QUIET
@given(moves=HISTORIES, data=st.data())
def test_a_record_logged_again_changes_no_status(
    new_logbook: Any, people: Any, moves: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    book = History(new_logbook(), people).play(moves)
    known = [r for r in book.records if r.envelope is not None]
    at = book.now
    before = [book.status(environment, at) for environment in ENVIRONMENTS]
    for record in data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=4)):
        book.append(record.leaf.type, record.envelope)

    assert [book.status(environment, at) for environment in ENVIRONMENTS] == before


def damaged(record: Record, position: int, bit: int) -> Record:
    """Return `record` with one bit of its payload or signature changed, and its leaf repaired to match."""
    value = json.loads(record.envelope or b"")
    payload = bytearray(base64.b64decode(value["payload"]))
    signature = bytearray(base64.b64decode(value["signatures"][0]["sig"]))
    whole = payload + signature
    whole[position % len(whole)] ^= 1 << bit
    value["payload"] = base64.b64encode(bytes(whole[: len(payload)])).decode()
    value["signatures"][0]["sig"] = base64.b64encode(bytes(whole[len(payload) :])).decode()
    envelope = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    leaf = msgspec.structs.replace(record.leaf, body=Digest.of(envelope))
    return Record(leaf, envelope)


@QUIET
@given(moves=HISTORIES, which=st.integers(0, 99), position=st.integers(0, 9999), bit=st.integers(0, 7))
def test_a_changed_record_counts_as_though_it_were_not_there_and_is_reported(
    new_logbook: Any, people: Any, moves: list[tuple[str, str, str]], which: int, position: int, bit: int
) -> None:
    book = History(new_logbook(), people).play([m for m in moves if m[0] != "withhold"])
    index = which % len(book.records)
    manifest, origin = book.subject()[1], book.fold().origin
    dropped = fold(origin, [r for r in book.records if r.leaf.seq != index], book.bodies.get)
    book.records[index] = damaged(book.records[index], position, bit)
    changed = fold(origin, book.records, book.bodies.get)

    assert index in {p.seq for p in changed.problems}
    for environment in ENVIRONMENTS:
        assert status(changed, manifest, environment, book.now) == status(
            dropped, manifest, environment, book.now
        )


@QUIET
@given(withdrawn=st.booleans(), superseded=st.booleans(), expired=st.booleans(), stale=st.booleans())
def test_the_first_that_applies_is_the_status_of_an_approval(
    new_logbook: Any, people: Any, *, withdrawn: bool, superseded: bool, expired: bool, stale: bool
) -> None:
    book = new_logbook()
    dossier = book.request()
    approval = book.decide(people.bob, dossier, expiresAt="2026-02-01T00:00:00Z")
    if superseded:
        book.later(hours=1)
        book.decide(people.carol, book.request())
    if stale:
        book.change(dossier, "lineage")
    if withdrawn:
        book.withdraw(people.bob, approval)

    found = book.status(at="2026-03-01T00:00:00Z" if expired else book.now)

    holds = {
        "revoked": withdrawn,
        "superseded": superseded,
        "expired": expired,
        "stale": stale,
        "valid": True,
    }
    assert found.history[0].status == next(word for word, true in holds.items() if true)
