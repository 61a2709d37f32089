"""What a log hands a witness, and when a witness may confirm it (C2SP tlog-witness v1).

The text is an `old` line with the size the witness confirmed last, the consistency proof from there, an
empty line, and the signed head: the body of `add-checkpoint`, and a file that travels as well.
"""

import base64
import re

import msgspec

from registry.trust import merkle
from registry.trust.cosignature import verify_head
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint
from schemas.statement import strict_base64

MAX_STEPS = 63
MAX_TEXT = 32_768
_OLD = re.compile(r"old (0|[1-9][0-9]{0,15})")


class Submission(msgspec.Struct, frozen=True):
    """A head to be confirmed, with the proof that it continues `old` leaves; nothing in it is checked yet."""

    old: int
    proof: tuple[bytes, ...]
    note: str


class Confirmed(msgspec.Struct, frozen=True):
    """The head of a log that a witness confirmed last."""

    size: int
    root: bytes


def format_submission(given: Submission) -> str:
    """Return the text of a submission."""
    steps = "".join(f"{base64.b64encode(step).decode()}\n" for step in given.proof)
    return f"old {given.old}\n{steps}\n{given.note}"


def parse_submission(text: str) -> Submission:
    """Return the submission `text` spells; a signed head alone is one without a proof, from size 0.

    Raise PROOF_MALFORMED for anything else; the head is parsed by who verifies it.
    """
    if len(text) > MAX_TEXT:
        raise VerificationError("PROOF_MALFORMED", f"{len(text)} characters are no head and its proof")
    if not text.startswith("old "):
        return Submission(0, (), text)
    above, blank, note = text.partition("\n\n")
    first, *steps = above.split("\n")
    old = _OLD.fullmatch(first)
    if old is None or not blank or len(steps) > MAX_STEPS:
        raise VerificationError(
            "PROOF_MALFORMED", "expected `old SIZE`, at most 63 hashes, an empty line, a head"
        )
    proof = tuple(map(strict_base64, steps))
    if any(len(step) != merkle.HASH_BYTES for step in proof):
        raise VerificationError("PROOF_MALFORMED", "a step of the proof is not 32 bytes")
    return Submission(int(old[1]), proof, note)


def judge(given: Submission, key: str, last: Confirmed | None) -> Checkpoint:
    """Return the head when a witness who confirmed `last` may confirm it; raise otherwise.

    ROLLBACK: smaller than `last`. FORK: as large, with another root. CONSISTENCY_INVALID: no proof that it
    continues `last`.
    """
    head = verify_head(given.note, key, (), strict=False).checkpoint
    if head.size == 0:
        raise VerificationError("CONSISTENCY_INVALID", "the head of an empty log proves nothing")
    if last is None:
        return head
    if head.size < last.size:
        raise VerificationError(
            "ROLLBACK", f"the head is over {head.size} leaves, {last.size} were confirmed before"
        )
    if head.size == last.size:
        if head.root != last.root:
            raise VerificationError(
                "FORK",
                f"another head over {head.size} leaves was confirmed before: the log shows two histories",
            )
        return head
    if given.old != last.size:
        raise VerificationError(
            "CONSISTENCY_INVALID", f"expected a proof from {last.size} leaves, found one from {given.old}"
        )
    merkle.verify_consistency(last.size, head.size, given.proof, last.root, head.root)
    return head
