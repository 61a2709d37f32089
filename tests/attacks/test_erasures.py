"""What was erased takes proof away and gives nothing: UNPROVEN where it was read, never a PASS."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.bundle.contents import Withheld
from registry.rules.receipt import decide
from registry.rules.status import status
from registry.trust.fold import Record, fold
from schemas.digest import Digest
from schemas.ledger import parse_leaf
from schemas.statement import Statement, Subject
from tests.attacks.simulator import ENV, ORIGIN, Registry, honest
from tests.attacks.test_honest_histories import ACTS, STATUSES, History


def redaction(registry: Registry, digest: Digest, **said: object) -> Statement:
    predicate = {"nonce": registry.nonce(), "reason": "erasure-request", **said}
    return Statement("redaction", (Subject("redacted", digest),), predicate)


def erase_record(registry: Registry, seq: int, signer: str = "service") -> int:
    """Log the erasure of the record at leaf `seq`, and erase it."""
    digest = parse_leaf(registry.leaves[seq]).body
    leaf = registry.append(redaction(registry, digest, what="envelope", leaf=seq), signer)
    registry.envelopes[seq] = Withheld(digest, "redacted")
    return leaf


def erase_body(registry: Registry, digest: Digest, what: str) -> int:
    """Log the erasure of words or of a document, and erase them."""
    leaf = registry.append(redaction(registry, digest, what=what), "service")
    del registry.bodies[digest]
    return leaf


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


def test_a_claimed_erasure_that_the_log_does_not_know_is_named() -> None:
    registry, manifest, _, approval = honest()
    registry.claim(manifest, "valid")
    registry.envelopes[approval] = Withheld(parse_leaf(registry.leaves[approval]).body, "redacted")
    answer = registry.verify()

    assert (answer.verdict, answer.codes) == ("UNPROVEN", ("BODY_MISSING", "REDACTION_UNLOGGED"))


def test_an_erasure_signed_by_a_person_is_not_counted() -> None:
    registry, manifest, _, approval = honest()
    registry.claim(manifest, "valid")
    erase_record(registry, approval, "alice")

    assert registry.verify().codes == ("BODY_MISSING", "REDACTION_UNLOGGED", "ROLE_MISSING")


def test_an_erasure_whose_own_record_is_left_out_is_not_counted() -> None:
    registry, manifest, _, approval = honest()
    registry.claim(manifest, "valid")
    leaf = erase_record(registry, approval)
    registry.envelopes[leaf] = Withheld(parse_leaf(registry.leaves[leaf]).body, "omitted")

    assert registry.verify().codes == ("BODY_MISSING", "REDACTION_UNLOGGED")


@pytest.mark.parametrize("seq", [0, 1], ids=["trust root", "policy set"])
def test_a_root_and_a_policy_set_are_never_erased(seq: int) -> None:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")
    anchor = registry.anchor
    erase_record(registry, seq)
    answer = registry.verify(anchor=anchor)

    assert answer.verdict in ("UNPROVEN", "FAIL")
    assert {"REDACTION_FALSE", "REDACTION_UNLOGGED"} & set(answer.codes) or "NO_TRUST_ROOT" in answer.codes


def test_an_erasure_of_another_record_than_it_names_is_not_counted() -> None:
    registry, manifest, _, approval = honest()
    registry.claim(manifest, "valid")
    digest = parse_leaf(registry.leaves[approval]).body
    registry.append(redaction(registry, digest, what="envelope", leaf=approval - 1), "service")
    registry.envelopes[approval] = Withheld(digest, "redacted")
    answer = registry.verify()

    assert answer.codes == ("BODY_MISSING", "REDACTION_FALSE", "REDACTION_UNLOGGED")


@pytest.mark.parametrize(
    "said",
    [
        {"what": "envelope"},
        {"what": "text", "leaf": 1},
        {"what": "envelope", "leaf": 10_000},
        {"what": "everything"},
        {"what": "text", "reason": "shame"},
    ],
    ids=str,
)
def test_a_malformed_record_of_an_erasure_is_named_and_not_counted(said: dict[str, object]) -> None:
    registry, manifest, _, approval = honest()
    registry.claim(manifest, "valid")
    registry.append(redaction(registry, parse_leaf(registry.leaves[approval]).body, **said), "service")
    answer = registry.verify()

    assert (answer.verdict, answer.codes) == ("PASS", ("PREDICATE_MALFORMED",))


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


def test_an_erased_dossier_leaves_its_approval_unproven() -> None:
    registry, manifest, dossier, _ = honest()
    registry.claim(manifest, "valid")
    erase_body(registry, dossier, "document")
    answer = registry.verify()

    assert answer.verdict == "UNPROVEN"
    assert {"BODY_MISSING", "BODY_REDACTED"} <= set(answer.codes)


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
