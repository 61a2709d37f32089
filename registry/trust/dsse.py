"""Sign a statement and verify an envelope (DSSE 1.0.2); a quorum of persons is the caller's count."""

from collections.abc import Mapping
from typing import Protocol

from registry.trust.keys import key_id, verify
from schemas.errors import VerificationError
from schemas.statement import Envelope, Signature, Statement


class Signer(Protocol):
    """Whatever can sign with one Ed25519 key: a file, an agent, a token."""

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""

    @property
    def keyid(self) -> str:
        """Hex SHA-256 of the key's DER SPKI."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""


def sign_statement(statement: Statement, *signers: Signer) -> Envelope:
    """Return the envelope of `statement` with one signature per signer, in the order given."""
    if not signers:
        raise ValueError("expected at least one signer")
    unsigned = Envelope(statement.payload(), ())
    message = unsigned.pae()
    signatures = tuple(Signature(key_id(s.public), s.sign(message)) for s in signers)
    return Envelope(unsigned.payload, signatures)


def verify_envelope(envelope: Envelope, keys: Mapping[str, bytes], threshold: int = 1) -> tuple[str, ...]:
    """Return the ids of the keys that signed; raise VerificationError unless `threshold` of `keys` did.

    Every signature must be by one of `keys` and valid: an extra signature nobody can check is refused.
    """
    if threshold < 1:
        raise ValueError("a threshold below one proves nothing")
    message = envelope.pae()
    signed: list[str] = []
    for signature in envelope.signatures:
        public = keys.get(signature.keyid)
        if public is None:
            raise VerificationError("SIGNER_UNKNOWN", f"no enrolled key has the id {signature.keyid[:80]!r}")
        keyid = key_id(public)  # the one text of it, where a log has as many as it has records
        if keyid != signature.keyid:
            raise VerificationError("KEYID_MISMATCH", f"{signature.keyid[:80]!r} is not the id of its key")
        if keyid in signed:
            raise VerificationError("DUPLICATE_SIGNATURE", "the same key signed twice")
        verify(public, message, signature.sig)
        signed.append(keyid)
    if len(signed) < threshold:
        raise VerificationError("THRESHOLD", f"expected {threshold} signatures, found {len(signed)}")
    return tuple(signed)
