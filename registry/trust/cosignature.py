"""What witnesses add to a head: C2SP tlog-cosignature v1 (Ed25519).

A witness says: at this time, this is the largest tree of that log I have seen, and it continues every
tree of it that I have seen before. Its line stands below the log's own in the note.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

import msgspec

from registry.trust.dsse import Signer
from registry.trust.keys import verify
from registry.trust.note import (
    COSIGNER,
    TIME_BYTES,
    NoteSignature,
    SignedCheckpoint,
    VerifierKey,
    parse_checkpoint,
    parse_signature,
    parse_vkey,
    signature_line,
    verify_log_line,
)
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint, time_text

_MAX_TIME = 253_402_300_799
"""The last second of the year 9999: later ones cannot be written as a time of the log."""


class Cosignature(msgspec.Struct, frozen=True):
    """One witness's word about a head, verified; `time` is its own clock, in POSIX seconds."""

    witness: str
    """The witness's verifier key."""
    time: int

    @property
    def name(self) -> str:
        """The witness's name."""
        return self.witness.partition("+")[0]

    @property
    def at(self) -> str:
        """The time as the log writes times."""
        return time_text(datetime.fromtimestamp(self.time, UTC))


class CosignedHead(msgspec.Struct, frozen=True):
    """A head that its log signed, the witnesses that confirm it, and how many lines are by others."""

    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]
    ignored: int = 0


def witness_vkey(name: str, public: bytes) -> str:
    """Return the verifier key of a witness, as C2SP writes it."""
    return str(VerifierKey(name, public, COSIGNER))


def parse_witness_vkey(text: str) -> VerifierKey:
    """Return the witness's key spelled by `text`; raise VerificationError for anything else."""
    return parse_vkey(text, COSIGNER)


def cosign(text: str, name: str, signer: Signer, time: int) -> str:
    """Return the line by which the witness `name` confirms the three lines `text` of a head."""
    key = VerifierKey(name, signer.public, COSIGNER)
    return signature_line(key, time.to_bytes(TIME_BYTES, "big") + signer.sign(_message(text, time)))


def verify_head(text: str, key: str, witnesses: Collection[str], *, strict: bool = True) -> CosignedHead:
    """Return the head when the log's `key` signed it, and which of `witnesses` (vkeys) confirm it.

    A line by anybody else is refused; with `strict=False` it is counted and ignored, as C2SP has it.
    """
    log, signed, found, ignored, own = parse_vkey(key), parse_checkpoint(text), [], 0, False
    known = {(w.name, w.hash): w for w in map(parse_witness_vkey, witnesses)}
    for signature in signed.signatures:
        witness = known.get((signature.name, signature.hash))
        if signature.is_by(log):
            verify_log_line(signed, signature, log)
            own = True
        elif witness is not None:
            found.append(_verify(signed, signature, witness))
        elif strict:
            raise VerificationError(
                "NOTE_UNKNOWN_SIGNER", f"{signature.name!r} is neither a key of this log nor a witness of it"
            )
        else:
            ignored += 1
    if not own:
        raise VerificationError("NOTE_UNKNOWN_SIGNER", "no line of the head is by the key of its log")
    return CosignedHead(signed.checkpoint, tuple(found), ignored)


def find_cosignatures(
    note: str, lines: Iterable[str], witnesses: Collection[str]
) -> list[tuple[Cosignature, str]]:
    """Return those of `lines` by which one of `witnesses` confirms the head in `note`, each with its line.

    A line by somebody else, or in a form unknown here, is passed over; one of a witness that does not
    verify raises.
    """
    signed, found = parse_checkpoint(note), []
    known = {(w.name, w.hash): w for w in map(parse_witness_vkey, witnesses)}
    for line in lines:
        try:
            signature = parse_signature(line)
        except VerificationError:
            continue
        witness = known.get((signature.name, signature.hash))
        if witness is not None:
            found.append((_verify(signed, signature, witness), line))
    return found


def confirmed_at(cosignatures: Iterable[Cosignature], quorum: int) -> str:
    """Return the time by which `quorum` (at least one) had confirmed a head; empty when fewer did."""
    times, needed = sorted(c.at for c in cosignatures), max(quorum, 1)
    return times[needed - 1] if len(times) >= needed else ""


def without_cosignatures(text: str) -> str:
    """Return the note as its log signed it: what a timestamp is over."""
    body, _, lines = text.partition("\n\n")
    kept = [line for line in lines.splitlines() if not parse_signature(line).timed]
    return "\n".join((body, "", *kept, ""))


def _verify(signed: SignedCheckpoint, signature: NoteSignature, witness: VerifierKey) -> Cosignature:
    time = int.from_bytes(signature.sig[:TIME_BYTES], "big")
    if not signature.timed or not 0 < time <= _MAX_TIME:
        raise VerificationError("NOTE_MALFORMED", f"the line of the witness {witness.name!r} holds no time")
    try:
        verify(witness.public, _message(signed.text, time), signature.sig[TIME_BYTES:])
    except VerificationError as error:
        raise VerificationError(
            "NOTE_SIGNATURE_INVALID", f"the witness {witness.name!r} did not sign this head"
        ) from error
    return Cosignature(str(witness), time)


def _message(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
