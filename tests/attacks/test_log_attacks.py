"""The operator rewrites, cuts or forks the log, holding the log key and the service key."""

import base64
import hashlib

import msgspec
import pytest

from registry.bundle import contents as at
from registry.bundle.verify import Answer, verify_bundle
from registry.bundle.write import write_bundle
from registry.trust import merkle
from registry.trust.note import sign_checkpoint, vkey
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.ledger import Checkpoint, parse_leaf
from tests.attacks.forger import Edit, forge, replace_line, restate
from tests.attacks.simulator import ORIGIN, Registry, altered_root, honest, key


def _claimed() -> Registry:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")
    return registry


def _answer(registry: Registry, edit: Edit) -> Answer:
    return verify_bundle(forge(registry.bundle(), edit), anchor=registry.anchor)


def _resign(payload: dict[str, bytes], log_key: str = "log", origin: str = ORIGIN) -> None:
    """Sign a head over whatever leaves are there now, and say so in bundle.json."""
    leaves = at.lines_of(payload[at.LEAVES], at.LEAVES)
    head = Checkpoint(origin, len(leaves), merkle.root(merkle.leaf_hash(leaf) for leaf in leaves))
    payload[at.CHECKPOINT] = sign_checkpoint(head, key(log_key)).encode()
    restate(payload, head)


def _set_leaf(line: int, **members: object) -> Edit:
    return replace_line(at.LEAVES, line, lambda row: canonical(parse_canonical(row) | members))


def _both_lines(change: object) -> Edit:
    def edit(payload: dict[str, bytes]) -> None:
        for name in (at.LEAVES, at.ATTESTATIONS):
            payload[name] = change(payload[name])  # type: ignore[operator]

    return edit


def _swap(data: bytes) -> bytes:
    rows = data.split(b"\n")
    rows[2], rows[3] = rows[3], rows[2]
    return b"\n".join(rows)


def _cut_third(data: bytes) -> bytes:
    rows = data.split(b"\n")
    return b"\n".join(rows[:3] + rows[4:])


def _cut_last(data: bytes) -> bytes:
    return b"".join(row + b"\n" for row in data.split(b"\n")[:-2])


def _cut_leaf(payload: dict[str, bytes]) -> None:
    payload[at.LEAVES] = _cut_last(payload[at.LEAVES])


def _cut_envelope(payload: dict[str, bytes]) -> None:
    payload[at.ATTESTATIONS] = _cut_last(payload[at.ATTESTATIONS])


def _note(old: bytes, new: bytes) -> Edit:
    def edit(payload: dict[str, bytes]) -> None:
        assert old in payload[at.CHECKPOINT]
        payload[at.CHECKPOINT] = payload[at.CHECKPOINT].replace(old, new)

    return edit


def _repeat_signature(payload: dict[str, bytes]) -> None:
    text = payload[at.CHECKPOINT]
    payload[at.CHECKPOINT] = text + text.split(b"\n\n")[1]


def _stranger_signs_too(payload: dict[str, bytes]) -> None:
    leaves = at.lines_of(payload[at.LEAVES], at.LEAVES)
    head = Checkpoint(ORIGIN, len(leaves), merkle.root(merkle.leaf_hash(leaf) for leaf in leaves))
    payload[at.CHECKPOINT] += sign_checkpoint(head, key("mallory")).encode().split(b"\n\n")[1]


CASES = {
    "a leaf's time is changed": (_set_leaf(2, time="2026-11-23T10:01:30Z"), "LOG_ROOT_MISMATCH"),
    "a leaf's type is changed": (_set_leaf(2, type="run-linked"), "LEAF_TYPE_MISMATCH"),
    "a leaf is indexed under another subject": (
        _set_leaf(4, subjects=["sha256:" + "0" * 64]),
        "SUBJECT_MISMATCH",
    ),
    "a leaf is removed from the middle": (_both_lines(_cut_third), "LEAF_SEQ"),
    "two leaves are reordered": (_both_lines(_swap), "LEAF_SEQ"),
    "a leaf's seq is not its place": (_set_leaf(3, seq=9), "LEAF_SEQ"),
    "the last leaf is removed and the head kept": (_both_lines(_cut_last), "LOG_TRUNCATED"),
    "the last leaf is removed without its envelope": (_cut_leaf, "BODY_UNREFERENCED"),
    "an envelope is removed without its leaf": (_cut_envelope, "BODY_MISSING"),
    "a leaf goes back in time": (_set_leaf(3, time="2020-01-01T00:00:00Z"), "LEAF_TIME"),
    "a leaf has an unknown type": (_set_leaf(3, type="blessing"), "LEAF_TYPE_UNKNOWN"),
    "a leaf's type is no text": (_set_leaf(3, type=["approval"]), "LEAF_TYPE_UNKNOWN"),
    "a leaf's version is another": (_set_leaf(3, v=2), "LEAF_MALFORMED"),
    "a leaf has no subject": (_set_leaf(3, subjects=[]), "LEAF_MALFORMED"),
    "the head's size is altered": (_note(b"\n5\n", b"\n4\n"), "NOTE_SIGNATURE_INVALID"),
    "the head's size has a leading zero": (_note(b"\n5\n", b"\n05\n"), "NOTE_MALFORMED"),
    "the head has CRLF line ends": (_note(b"\n", b"\r\n"), "NOTE_MALFORMED"),
    "the head has an extension line": (_note(b"\n\n", b"\nhello\n\n"), "NOTE_MALFORMED"),
    "the head is not UTF-8": (_note(b"muniment", b"\xff\xfe"), "NOTE_MALFORMED"),
    "the head's signature stands twice": (_repeat_signature, "NOTE_DUPLICATE_SIGNATURE"),
    "a stranger signs the head too": (_stranger_signs_too, "NOTE_UNKNOWN_SIGNER"),
    "the head is signed by an unknown key": (lambda p: _resign(p, "mallory"), "NOTE_UNKNOWN_SIGNER"),
    "the log is called another registry's": (
        lambda p: _resign(p, "log", "muniment.dev/log/" + "f" * 32),
        "ORIGIN_MISMATCH",
    ),
    "lines end in nothing": (lambda p: p.update({at.LEAVES: p[at.LEAVES][:-1]}), "LINES_MALFORMED"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_changed_log_is_refused_by_name(case: str) -> None:
    edit, code = CASES[case]
    answer = _answer(_claimed(), edit)
    assert answer.verdict == "FAIL"
    assert code in answer.codes


def test_history_rewritten_before_an_approval_contradicts_what_the_reviewer_saw() -> None:
    def rewrite(payload: dict[str, bytes]) -> None:
        _set_leaf(2, time="2026-11-23T10:02:30Z")(payload)
        _resign(payload)

    answer = _answer(_claimed(), rewrite)
    assert answer.verdict == "FAIL"
    assert "LOG_CONTEXT_FORK" in answer.codes


def test_a_tail_cut_off_and_signed_again_is_seen_by_whoever_kept_a_head() -> None:
    registry, manifest, _, seq = honest()
    registry.claim(manifest, "valid")
    before = registry.head()
    short = registry.bundle()
    registry.withdraw(manifest, seq)
    after = registry.head()
    assert verify_bundle(short, anchor=registry.anchor).verdict == "PASS"
    assert verify_bundle(short, anchor=registry.anchor, prior=(before.size, before.root)).verdict == "PASS"
    answer = verify_bundle(short, anchor=registry.anchor, prior=(after.size, after.root))
    assert (answer.verdict, answer.codes) == ("FAIL", ("ROLLBACK",))


def test_another_history_of_the_same_length_is_a_fork() -> None:
    registry = _claimed()
    answer = registry.verify(prior=(5, hashlib.sha256(b"another root").digest()))
    assert (answer.verdict, answer.codes) == ("FAIL", ("FORK",))


def test_an_earlier_head_of_another_history_is_a_fork() -> None:
    registry = _claimed()
    other = Checkpoint(ORIGIN, 3, hashlib.sha256(b"another root").digest())
    contents = msgspec.structs.replace(registry.contents(), checkpoints=(sign_checkpoint(other, key("log")),))
    answer = verify_bundle(write_bundle(contents, key("service")), anchor=registry.anchor)
    assert (answer.verdict, answer.codes) == ("FAIL", ("FORK",))


def test_earlier_heads_of_this_history_are_welcome() -> None:
    registry = _claimed()
    earlier = tuple(sign_checkpoint(registry.head(size), key("log")) for size in (2, 4))
    contents = msgspec.structs.replace(registry.contents(), checkpoints=earlier)
    answer = verify_bundle(write_bundle(contents, key("service")), anchor=registry.anchor)
    assert (answer.verdict, answer.codes) == ("PASS", ())


def test_the_anchor_of_another_registry_does_not_fit() -> None:
    answer = _claimed().verify(anchor=Digest.of(b"another trust root"))
    assert (answer.verdict, answer.codes) == ("FAIL", ("ANCHOR_MISMATCH",))


def test_without_an_anchor_nothing_is_worth_more_than_unanchored() -> None:
    answer = verify_bundle(_claimed().bundle())
    assert (answer.verdict, answer.codes, answer.exit_code) == ("UNANCHORED", ("UNANCHORED",), 3)


def test_a_log_key_that_was_retired_signs_no_later_head() -> None:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")
    fresh = altered_root(registry.root, version=2, log_keys=(vkey(ORIGIN, key("log-2").public),))
    registry.add_root(fresh, "alice")
    assert "LOG_KEY_RETIRED" in registry.verify().codes
    renewed = verify_bundle(registry.bundle(log_key="log-2"), anchor=registry.anchor)
    assert (renewed.verdict, renewed.codes) == ("PASS", ())


def test_a_log_without_a_trust_root_proves_nothing() -> None:
    registry = _claimed()
    anchor, first = registry.anchor, parse_leaf(registry.leaves[0])
    registry.envelopes[0] = at.Withheld(first.body, "redacted")
    answer = registry.verify(anchor=anchor)
    assert answer.verdict == "FAIL"
    assert "NO_TRUST_ROOT" in answer.codes


def test_a_head_with_the_wrong_root_is_refused_however_it_is_signed() -> None:
    registry = _claimed()
    wrong = Checkpoint(ORIGIN, 5, base64.b64decode("A" * 43 + "="))
    answer = verify_bundle(registry.bundle(head=wrong), anchor=registry.anchor)
    assert (answer.verdict, answer.codes) == ("FAIL", ("LOG_ROOT_MISMATCH",))
