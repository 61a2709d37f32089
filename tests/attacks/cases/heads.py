"""L: heads in other forms than their one, and heads over nothing."""

from registry.bundle import contents as at
from registry.trust import merkle
from registry.trust.note import sign_checkpoint
from schemas.ledger import Checkpoint
from tests.attacks.case import Handed, case, forged, handed, reference, table
from tests.attacks.cases.log import note, signature_lines
from tests.attacks.forger import Edit
from tests.attacks.simulator import ORIGIN, key

NOTE_ROWS: dict[str, Edit] = {
    "an extension line": note(b"\n\n", b"\nhello\n\n"),
    "a control character": note(b"muniment", b"muni\x07ent"),
    "bytes that are not UTF-8": note(b"muniment", b"\xff\xfe"),
    "a line more at its end": lambda p: p.update({at.CHECKPOINT: p[at.CHECKPOINT] + b"\n"}),
    "no signature": lambda p: p.update({at.CHECKPOINT: p[at.CHECKPOINT].split(b"\n\n")[0] + b"\n\n"}),
    "seventeen signatures": lambda p: p.update(
        {at.CHECKPOINT: p[at.CHECKPOINT] + signature_lines(p[at.CHECKPOINT]) * 16}
    ),
    "nothing": lambda p: p.update({at.CHECKPOINT: b""}),
}
table(
    "L",
    50,
    "the head has",
    [
        (words, "NOTE_MALFORMED", lambda edit=edit: forged(edit))  # type: ignore[misc]
        for words, edit in NOTE_ROWS.items()
    ],
)


@case("E16", "FAIL", "NOTE_MALFORMED", "the head's lines end in CRLF")
def crlf_in_the_head() -> Handed:
    return forged(note(b"\n", b"\r\n"))


def _empty_head(name: str, root: bytes) -> Handed:
    empty = sign_checkpoint(Checkpoint(ORIGIN, 0, root), key("log")).encode()
    return forged(lambda p: p.update({name: empty}))


@case(
    "L64",
    "FAIL",
    "LOG_UNSIGNED_TAIL | DERIVED_MISMATCH NO_TRUST_ROOT",
    "the head is over no leaf",
)
def head_over_no_leaf() -> Handed:
    return _empty_head(at.CHECKPOINT, merkle.EMPTY_ROOT)


@case("L65", "FAIL", "NO_TRUST_ROOT", "an earlier head is over no leaf: no root was in force to sign it")
def earlier_head_over_no_leaf() -> Handed:
    return _empty_head(at.CHECKPOINTS + "000000000.txt", merkle.EMPTY_ROOT)


@case("L66", "FAIL", "FORK NO_TRUST_ROOT", "an earlier head over no leaf states a root all the same")
def earlier_head_over_no_leaf_with_a_root() -> Handed:
    return _empty_head(at.CHECKPOINTS + "000000000.txt", b"\0" * 32)


@case("T06", "PASS", "", "the auditor saw the log when it was empty")
def empty_log_seen_before() -> Handed:
    return handed(reference(), prior=(0, merkle.EMPTY_ROOT))


@case("T07", "FAIL", "FORK", "the auditor saw an empty log with a root")
def empty_log_with_a_root_seen_before() -> Handed:
    return handed(reference(), prior=(0, b"\0" * 32))


# What a token says is for a session that can read it: verifiers without that library give the same answer to
# these, and so no token that would be refused stands under the name of a head that is here.


@case("T08", "FAIL", "UNEXPECTED_FILE", "a timestamp of a head that is not here")
def token_without_a_head() -> Handed:
    return forged(lambda p: p.update({at.token_name(99): b"\x30\x00"}))


@case("T09", "FAIL", "UNEXPECTED_FILE", "a timestamp of the head under another spelling of its size")
def token_under_another_name() -> Handed:
    size = reference().head().size
    return forged(lambda p: p.update({f"{at.TIMESTAMPS}{size}.tsr": b"\x30\x00"}))
