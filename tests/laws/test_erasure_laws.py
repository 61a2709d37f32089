"""Whatever happened, erasing any one body leaves the gate's answer as it was, or unproven."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.rules.dossier import EvidenceRow
from registry.rules.policy import ApprovalRule
from registry.rules.receipt import decide
from registry.rules.status import status
from registry.trust.fold import Record, fold
from schemas.digest import Digest
from schemas.ledger import RECORD_TYPES, origin_subject
from tests.conftest import ALICE, BOB, CAROL, ORIGIN, REF, Logbook, TestKey, honest

PEOPLE = {"alice": ALICE, "bob": BOB, "carol": CAROL}
APPROVAL, REJECTION = ("bob", "approve", "risk-approver"), ("carol", "reject", "risk-approver")
STORIES: list[list[Any]] = [
    [],
    [APPROVAL, REJECTION, "assess low", "ask", "assess high", ("carol", "abstain", "risk-approver")],
    ["ask falsely", APPROVAL],
    ["add evidence", "ask", APPROVAL, REJECTION, "withdraw evidence", "ask", APPROVAL],
    ["tiers", "assess high", "ask", APPROVAL, ("carol", "approve", "validator")],
]
"""Beginnings in which a dossier alone tells whether a decision counts."""
ACT = st.one_of(
    st.sampled_from(["ask", "ask elsewhere", "ask falsely", "tiers", "change", "no change"]),
    st.sampled_from(["add evidence", "withdraw evidence", "assess low", "assess high"]),
    st.tuples(
        st.sampled_from(sorted(PEOPLE)),
        st.sampled_from(["approve", "reject", "abstain", "withdraw"]),
        st.sampled_from(["validator", "risk-approver"]),
    ),
)
ACTS = st.builds(lambda story, more: [*story, *more], st.sampled_from(STORIES), st.lists(ACT, max_size=9))


class Life:
    """A version to which things happen by name."""

    def __init__(self) -> None:
        self.book: Logbook = honest()
        self.risk: Any = None
        self.evidence: list[Digest] = []
        self.dossier = self.book.request()
        self.decided: dict[str, int] = {}

    def happen(self, act: Any) -> None:
        if isinstance(act, tuple):
            self._decide(*act)
        elif act.startswith("ask"):
            where = "staging" if "elsewhere" in act else "production"
            false: dict[str, Any] = (
                {"evaluations": (Digest.of(b"never recorded"),)} if "falsely" in act else {}
            )
            listed = tuple(EvidenceRow(kind="test_report", digest=d, level="verified") for d in self.evidence)
            dossier = self.book.request(environment=where, risk=self.risk, evidence=listed, **false)
            self.dossier = dossier if act == "ask" else self.dossier
        elif act == "tiers":
            rules: tuple[ApprovalRule, ...] = (
                ApprovalRule(tiers=("high",), roles={"validator": 1, "risk-approver": 1}),
            )
            rules += (ApprovalRule(roles={"risk-approver": 1}, max_age_days=30),)
            assert self.book.policy is not None
            version = self.book.policy.version + 1
            self.book.set_policy(msgspec.structs.replace(self.book.policy, version=version, approval=rules))
        elif act.endswith("change"):
            self.book.change(self.dossier, *(() if act.startswith("no") else ("lineage",)))
        elif act.startswith("assess"):
            self.risk = self.book.assess(act.split()[1])
        else:
            self._evidence(add=act.startswith("add"))
        self.book.later(minutes=5)

    def _evidence(self, *, add: bool) -> None:
        predicate: dict[str, Any] = {"kind": "test_report", "level": "verified"}
        if add:
            self.evidence.append(self.book.put(b"evidence %d" % len(self.book.records)))
            about = [self.book.subject(), ("evidence", self.evidence[-1])]
            self.book.log("evidence-added", about, predicate, ALICE)
        elif self.evidence:
            about = [self.book.subject(), ("evidence", self.evidence.pop())]
            self.book.log("evidence-withdrawn", about, {}, ALICE)

    def _decide(self, name: str, decision: str, role: str) -> None:
        key: TestKey = PEOPLE[name]
        if decision != "withdraw":
            words = self.book.put(b"sixteen bytes ok" + name.encode())
            self.decided[name] = self.book.decide(key, self.dossier, decision, role, reason=words)
        elif name in self.decided:
            self.book.withdraw(key, self.decided.pop(name))


def answer(book: Logbook, records: list[Record], bodies: dict[Digest, bytes], where: str) -> str:
    state = fold(ORIGIN, records, bodies.get, complete=True)
    manifest = book.manifest(REF).digest
    found = decide(state, manifest, where, book.now, len(records))
    known = status(state, manifest, where, book.now)
    wanted = {manifest, origin_subject(ORIGIN)}
    some = fold(ORIGIN, [r for r in records if wanted & set(r.leaf.subjects)], bodies.get)
    assert status(some, manifest, where, book.now) == known
    return "unproven" if known.unproven else f"{found.verdict} {found.status}"


@settings(max_examples=300, deadline=None)
@given(ACTS, st.data())
def test_an_erasure_grants_nothing_and_denies_nothing(acts: list[Any], data: st.DataObject) -> None:
    life = Life()
    for act in acts:
        life.happen(act)
    book = life.book
    kept = {r.leaf.body for r in book.records if RECORD_TYPES[r.leaf.type].about_origin}
    erasable = [d for d in (*(r.leaf.body for r in book.records), *book.bodies) if d not in kept]
    digest = data.draw(st.sampled_from(erasable))
    left = [Record(r.leaf, None) if r.leaf.body == digest else r for r in book.records]
    bodies = {d: body for d, body in book.bodies.items() if d != digest}

    for where in ("production", "staging"):
        before = answer(book, book.records, book.bodies, where)
        assert answer(book, left, bodies, where) in (before, "unproven"), (acts, digest)


@settings(max_examples=60, deadline=None)
@given(ACTS)
def test_erased_words_change_no_answer(acts: list[Any]) -> None:
    life = Life()
    for act in acts:
        life.happen(act)
    words = {d for d, body in life.book.bodies.items() if body.startswith(b"sixteen bytes ok")}
    bodies = {d: body for d, body in life.book.bodies.items() if d not in words}

    for where in ("production", "staging"):
        before = answer(life.book, life.book.records, life.book.bodies, where)
        assert answer(life.book, life.book.records, bodies, where) == before
