"""What was erased takes proof away and gives nothing: UNPROVEN where it was read, never a PASS."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.rules.receipt import decide
from registry.rules.status import status
from registry.trust.fold import Record, fold
from schemas.digest import Digest
from schemas.ledger import parse_leaf
from tests.attacks.cases.erasures import erase_body, erase_record
from tests.attacks.histories import ACTS, STATUSES, History
from tests.attacks.simulator import ENV, ORIGIN, Registry, honest


@pytest.mark.parametrize("record", ["approval", "withdrawn", "review-requested", "version-registered"])
def test_an_erased_record_leaves_the_answer_unproven_and_says_why(record: str) -> None:
    registry, manifest, _, approval = honest()
    registry.withdraw(manifest, approval)
    registry.claim(manifest, "revoked")
    seq = next(i for i, data in enumerate(registry.leaves) if parse_leaf(data).type == record)
    leaf = erase_record(registry, seq)
    answer = registry.verify()

    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("BODY_MISSING", "BODY_REDACTED"))
    said = [f.message for f in answer.checks if f.code == "BODY_REDACTED"]
    assert said == [f"the {record} at leaf {seq} was erased at leaf {leaf} (erasure-request)"]


def test_erased_words_are_named_and_change_no_verdict() -> None:
    registry, manifest, _, approval = honest()
    registry.claim(manifest, "valid")
    words = next(d for d, data in registry.bodies.items() if data.endswith(b"checked drift"))
    leaf = erase_body(registry, words, "text")
    answer = registry.verify()

    assert (answer.verdict, answer.codes) == ("PASS", ("TEXT_ERASED",))
    said = [f.message for f in answer.checks if f.code == "TEXT_ERASED"]
    assert said == [f"words of the decision at leaf {approval} were erased at leaf {leaf} (erasure-request)"]
    assert answer.record["claims"][0]["approvals"][0]["reason"] == ""


def _gate(registry: Registry, manifest: Digest, records: list[Record], bodies: dict[Digest, bytes]) -> str:
    state = fold(ORIGIN, records, bodies.get, complete=True)
    found = status(state, manifest, ENV, state.time)
    answer = decide(state, manifest, ENV, state.time, len(records))
    return "unproven" if found.unproven else f"{answer.verdict} {found.status}"


@settings(max_examples=40, deadline=None)
@given(ACTS, st.data())
def test_an_erasure_leaves_a_verdict_as_it_was_or_unproven(acts: list[str], data: st.DataObject) -> None:
    history = History()
    for act in acts:
        history.happen(act)
    registry, manifest = history.registry, history.version
    before = registry.records()
    was = _gate(registry, manifest.digest, before, registry.bodies)
    word = status(registry.state(), manifest.digest, ENV, registry.state().time).status
    digest = data.draw(st.sampled_from([*registry.bodies, *(r.leaf.body for r in before[2:])]))

    left = [Record(r.leaf, None) if r.leaf.body == digest else r for r in before]
    bodies = {d: body for d, body in registry.bodies.items() if d != digest}
    assert _gate(registry, manifest.digest, left, bodies) in (was, "unproven"), (acts, digest)

    seq = next((r.leaf.seq for r in before if r.leaf.body == digest), None)
    if seq is None:
        erase_body(registry, digest, "document")
    else:
        erase_record(registry, seq)
        # An exporter encloses no answer whose seal is gone.
        registry.receipts = [r for r in registry.receipts if r.seal != seq]
    for claimed in STATUSES:
        registry.claims = []
        registry.claim(manifest, claimed)
        answer = registry.verify()
        assert answer.verdict != "PASS" or claimed == word, (acts, digest, claimed)
        assert answer.verdict != "FAIL" or claimed != word, (acts, digest, claimed, answer.codes)
