"""L: the operator, holding the log key and the service key, rewrites, cuts or forks the log."""

import hashlib
from collections.abc import Callable

import msgspec

from registry.bundle import contents as at
from registry.bundle.write import write_bundle
from registry.trust import merkle
from registry.trust.note import sign_checkpoint, vkey
from schemas.asset import Manifest
from schemas.canonical import canonical, parse_canonical
from schemas.ledger import Checkpoint, parse_leaf
from tests.attacks.case import Handed, approved, case, claimed, forged, handed, reference, table
from tests.attacks.forger import Edit, replace_line, restate
from tests.attacks.simulator import ORIGIN, Registry, altered_root, honest, key

OTHER = "muniment.dev/log/" + "f" * 32
ROOT = "LOG_ROOT_MISMATCH"


def _head(payload: dict[str, bytes], origin: str = ORIGIN) -> Checkpoint:
    leaves = at.lines_of(payload[at.LEAVES], at.LEAVES)
    return Checkpoint(origin, len(leaves), merkle.root(merkle.leaf_hash(leaf) for leaf in leaves))


def _resign(payload: dict[str, bytes], log_key: str = "log", origin: str = ORIGIN) -> None:
    """Sign a head over whatever leaves are there now, and say so in bundle.json."""
    head = _head(payload, origin)
    payload[at.CHECKPOINT] = sign_checkpoint(head, key(log_key)).encode()
    restate(payload, head)


def _leaf(line: int, **members: object) -> Edit:
    return replace_line(at.LEAVES, line, lambda row: canonical(parse_canonical(row) | members))


def _both(change: Callable[[list[bytes]], object], *names: str) -> Edit:
    """Change the lines of leaves and envelopes alike."""

    def edit(payload: dict[str, bytes]) -> None:
        for name in names or (at.LEAVES, at.ATTESTATIONS):
            lines = at.lines_of(payload[name], name)
            change(lines)
            payload[name] = b"".join(line + b"\n" for line in lines)

    return edit


def note(old: bytes, new: bytes) -> Edit:
    def edit(payload: dict[str, bytes]) -> None:
        assert old in payload[at.CHECKPOINT]
        payload[at.CHECKPOINT] = payload[at.CHECKPOINT].replace(old, new)

    return edit


def signature_lines(text: bytes) -> bytes:
    return text.split(b"\n\n")[1]


def _stranger_signs_too(payload: dict[str, bytes]) -> None:
    payload[at.CHECKPOINT] += signature_lines(sign_checkpoint(_head(payload), key("mallory")).encode())


def _then_resign(edit: Edit) -> Edit:
    def both(payload: dict[str, bytes]) -> None:
        edit(payload)
        _resign(payload)

    return both


@case(
    "L01",
    "FAIL",
    f"LEAF_TYPE_MISMATCH {ROOT} | CLAIM_SUBJECT FORK RECEIPT_FALSE SUBJECT_MISMATCH UNEXPECTED_FILE",
    "a leaf is changed",
)
def leaf_changed() -> Handed:
    return forged(_leaf(2, type="run-linked"))


@case("L02", "FAIL", "LEAF_SEQ", "a leaf is removed from the middle")
def leaf_removed() -> Handed:
    return forged(_both(lambda rows: rows.pop(3)))


@case("L03", "FAIL", "LOG_TRUNCATED | RECEIPT_NOT_SEALED", "the last leaf is removed and the head kept")
def tail_removed() -> Handed:
    return forged(_both(lambda rows: rows.pop()))


@case("L04", "FAIL", "LEAF_SEQ", "two leaves are reordered")
def leaves_reordered() -> Handed:
    return forged(_both(lambda rows: rows.insert(2, rows.pop(3))))


@case("L06", "FAIL", "FORK", "another history of the length that the auditor saw")
def fork() -> Handed:
    registry, manifest = approved()
    return claimed(registry, manifest, prior=(5, hashlib.sha256(b"another root").digest()))


@case("L07", "FAIL", "ROLLBACK", "the withdrawal that the auditor saw is cut off with the tail")
def rollback() -> Handed:
    registry, manifest, _, seq = honest()
    found = claimed(registry, manifest)
    registry.withdraw(manifest, seq)
    after = registry.head()
    return msgspec.structs.replace(found, prior=(after.size, after.root))


@case("L17", "PASS", "", "the log continues the head that the auditor saw")
def continued() -> Handed:
    registry, manifest = approved()
    before = registry.head()
    registry.seal(registry.gate(manifest))
    return claimed(registry, manifest, prior=(before.size, before.root))


@case(
    "L08",
    "FAIL",
    "LOG_CONTEXT_FORK | FORK RECEIPT_UNPROVEN",
    "history before an approval is rewritten and the head signed again: the reviewer saw another log",
)
def history_rewritten() -> Handed:
    return forged(_then_resign(_leaf(2, time="2026-11-23T10:02:30Z")))


@case("L09", "FAIL", "NOTE_UNKNOWN_SIGNER", "the head is signed by an unknown key")
def unknown_log_key() -> Handed:
    return forged(lambda p: _resign(p, "mallory"))


@case(
    "L10",
    "FAIL",
    f"NOTE_SIGNATURE_INVALID | DERIVED_MISMATCH LOG_UNSIGNED_TAIL {ROOT}",
    "the head's size is altered",
)
def size_altered() -> Handed:
    return forged(note(b"\n6\n", b"\n5\n"))


@case("L11", "FAIL", "NOTE_MALFORMED", "the head's size has a leading zero")
def size_with_a_leading_zero() -> Handed:
    return forged(note(b"\n6\n", b"\n06\n"))


@case("L28", "FAIL", "NOTE_UNKNOWN_SIGNER", "a stranger signs the head beside the log key")
def stranger_signs_too() -> Handed:
    return forged(_stranger_signs_too)


@case("L15", "FAIL", "LEAF_SEQ", "a leaf's seq is not its position")
def seq_is_not_the_position() -> Handed:
    return forged(_leaf(3, seq=9))


@case(
    "L16",
    "FAIL",
    "ORIGIN_MISMATCH | BUNDLE_STATEMENT CLAIM_SUBJECT DERIVED_MISMATCH EXPORTER_UNKNOWN"
    " NO_TRUST_ROOT RECEIPT_NOT_SEALED UNEXPECTED_FILE",
    "the log is called another registry's",
)
def another_origin() -> Handed:
    return forged(lambda p: _resign(p, "log", OTHER))


@case("L18", "FAIL", "FORK", "an earlier head in the bundle is of another history")
def earlier_head_of_another_history() -> Handed:
    registry, manifest = approved()
    registry.claim(manifest, "valid")
    other = Checkpoint(ORIGIN, 3, hashlib.sha256(b"another root").digest())
    return _with_heads(registry, sign_checkpoint(other, key("log")))


@case("L19", "PASS", "", "earlier heads of this history are welcome")
def earlier_heads() -> Handed:
    registry, manifest = approved()
    registry.claim(manifest, "valid")
    return _with_heads(registry, *(sign_checkpoint(registry.head(n), key("log")) for n in (2, 4)))


@case("L20", "FAIL", ROOT, "the head states a root that its leaves do not give")
def wrong_root() -> Handed:
    registry, manifest = approved()
    registry.claim(manifest, "valid")
    return Handed(registry.bundle(head=Checkpoint(ORIGIN, 5, b"\0" * 32)), registry.anchor)


@case("F12", "FAIL", "LOG_KEY_RETIRED", "the log key was rotated, and the old one signs a later head")
def retired_log_key() -> Handed:
    return claimed(*_rotated())


@case("L21", "PASS", "", "the log key was rotated, and the new one signs the head")
def renewed_log_key() -> Handed:
    registry, manifest = _rotated()
    registry.claim(manifest, "valid")
    return Handed(registry.bundle(log_key="log-2"), registry.anchor)


@case("L22", "FAIL", "NO_TRUST_ROOT | BODY_MISSING EXPORTER_UNKNOWN", "the first trust root is held back")
def no_trust_root() -> Handed:
    registry, manifest = approved()
    anchor, first = registry.anchor, parse_leaf(registry.leaves[0])
    registry.envelopes[0] = at.Withheld(first.body, "omitted")
    return claimed(registry, manifest, anchor=anchor)


@case(
    "L23", "FAIL", "BODY_DIGEST | RECEIPT_NOT_SEALED", "the last leaf's envelope is taken from another leaf"
)
def envelope_of_another_leaf() -> Handed:
    return forged(_both(lambda rows: rows.__setitem__(-1, rows[3]), at.ATTESTATIONS))


@case("L24", "FAIL", "BODY_MISSING | LOG_INCOMPLETE", "an envelope is removed without its leaf")
def envelope_removed() -> Handed:
    return forged(_both(lambda rows: rows.pop(), at.ATTESTATIONS))


@case(
    "L25",
    "FAIL",
    "BODY_UNREFERENCED | LOG_INCOMPLETE LOG_TRUNCATED",
    "a leaf is removed without its envelope",
)
def leaf_removed_alone() -> Handed:
    return forged(_both(lambda rows: rows.pop(), at.LEAVES))


@case("L26", "FAIL", "LOG_UNSIGNED_TAIL", "a leaf is added that no head covers")
def unsigned_tail() -> Handed:
    registry, manifest = approved()
    registry.claim(manifest, "valid")
    return Handed(registry.bundle(head=registry.head(4)), registry.anchor)


@case(
    "L27",
    "FAIL",
    "SUBJECT_MISMATCH | CLAIM_FALSE FORK QUORUM_NOT_MET RECEIPT_FALSE",
    "a leaf is indexed under another subject, and the head signed again",
)
def indexed_elsewhere() -> Handed:
    return forged(_then_resign(_leaf(4, subjects=["sha256:" + "0" * 64])))


def _rotated() -> tuple[Registry, Manifest]:
    registry, manifest = approved()
    fresh = altered_root(registry.root, version=2, log_keys=(vkey(ORIGIN, key("log-2").public),))
    registry.add_root(fresh, "alice")
    return registry, manifest


def _with_heads(registry: Registry, *notes: str) -> Handed:
    contents = msgspec.structs.replace(registry.contents(), checkpoints=notes)
    return Handed(write_bundle(contents, key("service")), registry.anchor)


LEAF_ROWS: dict[str, tuple[str, dict[str, object]]] = {
    "another time": (f"{ROOT} | FORK LOG_CONTEXT_FORK RECEIPT_UNPROVEN", {"time": "2026-11-23T10:02:30Z"}),
    "a time that goes back": (
        f"LEAF_TIME {ROOT} | CLAIM_SUBJECT FORK RECEIPT_FALSE SUBJECT_MISMATCH UNEXPECTED_FILE",
        {"time": "2020-01-01T00:00:00Z"},
    ),
    "no time": ("TIME_MALFORMED", {"time": "noon"}),
    "a day that does not exist": ("TIME_MALFORMED", {"time": "2026-02-30T00:00:00Z"}),
    "an unknown type": ("LEAF_TYPE_UNKNOWN", {"type": "blessing"}),
    "a type that is a list": ("LEAF_TYPE_UNKNOWN", {"type": ["approval"]}),
    "another version of the format": ("LEAF_MALFORMED", {"v": 2}),
    "no subject": ("LEAF_MALFORMED", {"subjects": []}),
    "a member more": ("LEAF_MALFORMED", {"zeal": 1}),
    "a body that is no digest": ("LEAF_MALFORMED", {"body": "sha256:x"}),
    "a place that is true": ("LEAF_MALFORMED", {"seq": True}),
}
table(
    "L",
    30,
    "a leaf has",
    [
        (words, codes, lambda members=members: forged(_leaf(2, **members)))  # type: ignore[misc]
        for words, (codes, members) in LEAF_ROWS.items()
    ],
)


@case("L60", "FAIL", "NOTE_DUPLICATE_SIGNATURE", "the head's signature stands twice")
def signature_twice() -> Handed:
    return forged(lambda p: p.update({at.CHECKPOINT: p[at.CHECKPOINT] + signature_lines(p[at.CHECKPOINT])}))


@case("L61", "FAIL", "LINES_MALFORMED", "the last line of the log has no end")
def line_without_end() -> Handed:
    return forged(lambda p: p.update({at.LEAVES: p[at.LEAVES][:-1]}))


@case("L62", "FAIL", "LINES_MALFORMED", "an empty line stands among the envelopes")
def empty_line() -> Handed:
    return forged(lambda p: p.update({at.ATTESTATIONS: b"\n" + p[at.ATTESTATIONS]}))


@case("L63", "PASS", "", "the honest bundle that every forgery starts from")
def honest_bundle() -> Handed:
    return handed(reference())
