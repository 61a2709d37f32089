"""Proof that whoever asks to be enrolled holds the private key: a statement the key signs about itself.

It binds the registry's origin, the name asked for and the key, so it enrols nobody else, nowhere else.
It is no type of record: the log refuses it.
"""

from registry.trust.dsse import Signer, sign_statement, verify_envelope
from registry.trust.keys import key_id
from schemas.errors import VerificationError
from schemas.ledger import ORIGIN, origin_subject
from schemas.statement import Statement, Subject, parse_envelope, parse_statement

KIND = "key-possession"


def sign_possession(signer: Signer, origin: str, name: str, *, nonce: str) -> bytes:
    """Return the envelope by which `signer` says: this key is to be `name` in the registry `origin`."""
    if not ORIGIN.fullmatch(origin):
        raise VerificationError("IDENTIFIER", f"{origin[:120]!r} is no log origin")
    predicate = {"keyid": signer.keyid, "name": name, "nonce": nonce}
    statement = Statement(KIND, (Subject(origin, origin_subject(origin)),), predicate)
    return sign_statement(statement, signer).to_bytes()


def verify_possession(data: bytes, public: bytes, origin: str, name: str) -> None:
    """Return when the key `public` itself asks to be `name` in `origin`; raise POSSESSION_… otherwise."""
    envelope = parse_envelope(data)
    keyid = key_id(public)
    try:
        verify_envelope(envelope, {keyid: public})
    except VerificationError as error:
        raise VerificationError("POSSESSION_INVALID", f"the key did not sign it: {error.message}") from error
    statement = parse_statement(envelope.payload)
    if statement.kind != KIND or set(statement.predicate) != {"keyid", "name", "nonce"}:
        raise VerificationError(
            "POSSESSION_INVALID", f"expected a {KIND} statement, found {statement.kind!r}"
        )
    if statement.subjects != (Subject(origin, origin_subject(origin)),):
        raise VerificationError(
            "POSSESSION_MISMATCH", f"it was made for the registry {statement.subjects[0].name[:120]}"
        )
    if statement.predicate["keyid"] != keyid:
        raise VerificationError("POSSESSION_MISMATCH", "it speaks of another key than the one that signed it")
    if statement.predicate["name"] != name:
        said = str(statement.predicate["name"])[:120]
        raise VerificationError("POSSESSION_MISMATCH", f"it was made for {said!r}, not for {name!r}")
