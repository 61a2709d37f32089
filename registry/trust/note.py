"""Signed heads of the log as text: C2SP signed-note v1.0.0 and tlog-checkpoint v1.0.0.

Stricter than C2SP where a bundle needs it: no extension lines, and every signature line must be by
a key the reader knows, because a line nobody checks could be changed by anybody. What witnesses add to
a head is in `cosignature`.
"""

import base64
import binascii
import hashlib
import re

import msgspec

from registry.trust.dsse import Signer
from registry.trust.keys import KEY_BYTES, SIGNATURE_BYTES, check_public, verify
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint

MAX_NOTE = 16_384
MAX_LINES = 16
ED25519 = b"\x01"
"""The algorithm byte of a key that signs notes."""
COSIGNER = b"\x04"
"""The algorithm byte of a key that cosigns checkpoints, with a time (C2SP tlog-cosignature)."""
TIME_BYTES = 8
_DASH = "\N{EM DASH} "
_NAME = re.compile(r"[!-*,-~]{1,200}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_VKEY = re.compile(r"([!-*,-~]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})")


class VerifierKey(msgspec.Struct, frozen=True):
    """A name and an Ed25519 key, as a note's reader knows them, and what the key signs."""

    name: str
    public: bytes
    algorithm: bytes = ED25519

    @property
    def hash(self) -> bytes:
        """The four bytes by which a signature line refers to this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + self.algorithm + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.hash.hex()}+{base64.b64encode(self.algorithm + self.public).decode()}"


class NoteSignature(msgspec.Struct, frozen=True):
    """One signature line: who says to have signed, the key's short hash, the signature.

    A cosigner's `sig` begins with the eight bytes of its time.
    """

    name: str
    hash: bytes
    sig: bytes

    def is_by(self, key: VerifierKey) -> bool:
        """Tell whether the line says to be by `key`."""
        return (self.name, self.hash) == (key.name, key.hash)

    @property
    def timed(self) -> bool:
        """Tell whether the line has the length of a cosigner's."""
        return len(self.sig) == TIME_BYTES + SIGNATURE_BYTES


class SignedCheckpoint(msgspec.Struct, frozen=True):
    """A parsed checkpoint and its signature lines, not yet verified."""

    checkpoint: Checkpoint
    text: str
    signatures: tuple[NoteSignature, ...]


def vkey(name: str, public: bytes) -> str:
    """Return the verifier key of `public` under `name`, as C2SP writes it."""
    return str(VerifierKey(name, public))


def parse_vkey(text: str, algorithm: bytes = ED25519) -> VerifierKey:
    """Return the key spelled by `text`; raise VerificationError for anything but its one spelling."""
    match = _VKEY.fullmatch(text)
    if match:
        try:
            raw = base64.b64decode(match[3], validate=True)
        except binascii.Error:
            raw = b""
        key = VerifierKey(match[1], raw[1:], algorithm)
        if raw[:1] == algorithm and len(raw) == 1 + KEY_BYTES and str(key) == text:
            check_public(key.public)
            return key
    kind = "a witness's" if algorithm == COSIGNER else "an"
    raise VerificationError(
        "KEY_MALFORMED", f"expected NAME+HASH+KEY of {kind} Ed25519 key, found {text[:200]!r}"
    )


def checkpoint_text(checkpoint: Checkpoint) -> str:
    """Return the three lines that a head's signature covers."""
    root = base64.b64encode(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n"


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """Return the signed note of `checkpoint`, under the log's origin as the key's name."""
    text = checkpoint_text(checkpoint)
    key = VerifierKey(checkpoint.origin, signer.public)
    return f"{text}\n" + signature_line(key, signer.sign(text.encode()))


def signature_line(key: VerifierKey, sig: bytes) -> str:
    """Return the line by which `key` signs, its newline included."""
    return f"{_DASH}{key.name} {base64.b64encode(key.hash + sig).decode()}\n"


def parse_checkpoint(text: str) -> SignedCheckpoint:
    """Return the checkpoint spelled by `text`; raise NOTE_MALFORMED for anything but its one spelling."""
    body, blank, lines = text.partition("\n\n")
    rows = body.split("\n")
    if len(text) > MAX_NOTE or not blank or len(rows) != 3 or not lines.endswith("\n"):
        raise VerificationError("NOTE_MALFORMED", "expected origin, size, root, an empty line and signatures")
    listed = lines[:-1].split("\n")
    root = _base64(rows[2])
    if not _NAME.fullmatch(rows[0]) or not _SIZE.fullmatch(rows[1]) or len(root) != 32:
        raise VerificationError("NOTE_MALFORMED", "a line of the checkpoint is not in canonical form")
    if len(listed) > MAX_LINES:
        raise VerificationError("NOTE_MALFORMED", f"{len(listed)} signature lines, at most {MAX_LINES}")
    signatures = tuple(map(parse_signature, listed))
    if len({(s.name, s.hash) for s in signatures}) != len(signatures):
        raise VerificationError("NOTE_DUPLICATE_SIGNATURE", "the same key signs the note twice")
    return SignedCheckpoint(Checkpoint(rows[0], int(rows[1]), root), body + "\n", signatures)


def verify_checkpoint(text: str, key: str) -> Checkpoint:
    """Return the checkpoint when `key` (a vkey) signed it and nobody else did."""
    known, signed = parse_vkey(key), parse_checkpoint(text)
    for signature in signed.signatures:
        if not signature.is_by(known):
            raise VerificationError("NOTE_UNKNOWN_SIGNER", f"{signature.name!r} is no key of this log")
        verify_log_line(signed, signature, known)
    return signed.checkpoint


def verify_log_line(signed: SignedCheckpoint, signature: NoteSignature, key: VerifierKey) -> None:
    """Return when the log's `key` made the signature over this head of its own log; raise otherwise."""
    try:
        verify(key.public, signed.text.encode(), signature.sig)
    except VerificationError as error:
        raise VerificationError("NOTE_SIGNATURE_INVALID", "the log key did not sign this head") from error
    if signed.checkpoint.origin != key.name:
        raise VerificationError("ORIGIN_MISMATCH", "the head names another log than its key")


def parse_signature(line: str) -> NoteSignature:
    """Return the signature line spelled by `line` (no newline); raise NOTE_MALFORMED for anything else."""
    name, space, blob = line.removeprefix(_DASH).partition(" ")
    raw = _base64(blob)
    if (
        not line.startswith(_DASH)
        or not space
        or not _NAME.fullmatch(name)
        or len(raw) - 4 not in (SIGNATURE_BYTES, TIME_BYTES + SIGNATURE_BYTES)
    ):
        raise VerificationError("NOTE_MALFORMED", "a signature line is not in canonical form")
    return NoteSignature(name, raw[:4], raw[4:])


def _base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise VerificationError("NOTE_MALFORMED", "not base64") from error
    if base64.b64encode(data).decode() != text:
        raise VerificationError("NOTE_MALFORMED", "not canonical base64")
    return data
