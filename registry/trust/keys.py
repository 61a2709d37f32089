"""Ed25519 public keys: their id, which are fit to enrol, and strict verification.

Low-order points and non-canonical encodings are refused in keys and in signatures: with the identity
point as a key one signature verifies for every message, and where honest verifiers differ about an
encoding a signer could make them disagree (trust.md section 2.4).
"""

import base64
import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas.errors import VerificationError

ALGORITHM = "ed25519"
KEY_BYTES = 32
SIGNATURE_BYTES = 64
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_SIGN_BIT = 1 << 255
_SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
_LOW_ORDER_Y = frozenset(
    {
        0,
        1,
        _P - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)
"""The y of the eight points whose order divides 8: orders 4, 1, 2, and both of order 8."""
_UNFIT = {
    (y | sign).to_bytes(KEY_BYTES, "little"): fault
    for fault, listed in (("of low order", _LOW_ORDER_Y), ("not in canonical form", range(_P, _SIGN_BIT)))
    for y in listed
    for sign in (0, _SIGN_BIT)
}
"""Every encoding of a point that is refused, and why: 48 in all, so one look-up tells."""


def spki(public: bytes) -> bytes:
    """Return the DER SubjectPublicKeyInfo of an Ed25519 key (RFC 8410)."""
    return _SPKI_PREFIX + public


@lru_cache(maxsize=4096)
def key_id(public: bytes) -> str:
    """Return hex SHA-256 of the DER SPKI: `openssl pkey -pubin -outform DER | sha256sum`."""
    return hashlib.sha256(spki(public)).hexdigest()


def public_pem(public: bytes) -> str:
    """Return the key as an SPKI PEM file."""
    body = base64.b64encode(spki(public)).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


def parse_public_pem(text: str) -> bytes:
    """Return the key whose `public_pem` is exactly `text`; raise VerificationError otherwise."""
    lines = text.split("\n")
    try:
        der = base64.b64decode(lines[1], validate=True) if len(lines) == 4 else b""
    except ValueError:
        der = b""
    public = der[len(_SPKI_PREFIX) :]
    if len(public) != KEY_BYTES or public_pem(public) != text:
        raise VerificationError("KEY_MALFORMED", "expected the SPKI PEM of an Ed25519 key in canonical form")
    return check_public(public)


def check_public(public: bytes) -> bytes:
    """Return `public` when it is fit to enrol: 32 bytes, canonical, not of low order."""
    _parse_public(public)
    return public


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Return when `public` signed `message`; raise VerificationError SIGNATURE_INVALID otherwise."""
    key = _parse_public(public)
    if len(signature) != SIGNATURE_BYTES or signature[:KEY_BYTES] in _UNFIT:
        raise VerificationError("SIGNATURE_INVALID", "not a canonical Ed25519 signature")
    try:
        key.verify(signature, message)
    except InvalidSignature as error:
        raise VerificationError(
            "SIGNATURE_INVALID", f"key {key_id(public)[:16]} did not sign these bytes"
        ) from error


@lru_cache(maxsize=4096)
def _parse_public(public: bytes) -> Ed25519PublicKey:
    # Kept, since a log holds many signatures of few keys.
    if len(public) != KEY_BYTES:
        raise VerificationError("KEY_MALFORMED", f"expected {KEY_BYTES} bytes of key, found {len(public)}")
    if public in _UNFIT:
        raise VerificationError("KEY_LOW_ORDER", f"the key is {_UNFIT[public]}")
    if not _on_curve(public):
        # OpenSSL takes such bytes for a key under which nothing ever verifies.
        raise VerificationError("KEY_MALFORMED", "the bytes are no point of the curve")
    return Ed25519PublicKey.from_public_bytes(public)


def _on_curve(encoded: bytes) -> bool:
    # x^2 = (y^2 - 1) / (d y^2 + 1): a fraction is a square where numerator times denominator is one.
    y = int.from_bytes(encoded, "little") & (_SIGN_BIT - 1)
    return pow((y * y - 1) * (_D * y * y + 1), (_P - 1) // 2, _P) == 1
