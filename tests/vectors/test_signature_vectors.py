"""Signatures at the edges of Ed25519: our verifier, libsodium and plain arithmetic say the same of each.

They are of the kinds that Wycheproof and CCTV collect, made here: with a hostile signer, honest verifiers
that differ about one of them would disagree about a record.
"""

import hashlib
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

import nacl.bindings
import nacl.exceptions
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.signing.keyfile import PrivateKey
from registry.trust.keys import verify
from schemas.errors import VerificationError
from tests.vectors import edwards
from tests.vectors.edwards import IDENTITY, L, P, Point, add, challenge, encode, negative, signed, times

SEED = hashlib.sha256(b"alice").digest()
ALICE = PrivateKey.from_seed(SEED)
SCALAR, _ = edwards.secret(SEED)
A = edwards.decode(ALICE.public) or IDENTITY
MESSAGE = b"retail/credit-risk@7"
TORSION = edwards.torsion()
SECOND = "registry.bundle.standalone"
Vector = tuple[bytes, bytes, bytes]
"""A public key, a message and a signature."""


def _spellings(point: Point) -> list[bytes]:
    """Return every 32 bytes that a lenient reader takes for the point."""
    ys = [point.y, *([point.y + P] if point.y < 19 else [])]
    return [
        (y | odd << 255).to_bytes(32, "little") for y in ys for odd in ({point.x & 1} if point.x else {0, 1})
    ]


def _made(a: bytes, scalar: int, nonce: int, message: bytes, more: Point = IDENTITY) -> Vector:
    """Return a signature under the key `a`, its R moved by the point `more`."""
    r = encode(add(times(nonce, edwards.BASE), more))
    return a, message, signed(r, (nonce + challenge(r, a, message) * scalar) % L)


def _scalars() -> Iterator[tuple[str, Vector]]:
    good = ALICE.sign(MESSAGE)
    s = int.from_bytes(good[32:], "little")
    for words, other in (
        ("S plus L", s + L),
        ("S plus 2 L", s + 2 * L),
        ("S is L", L),
        ("S is 2^256-1", 2**256 - 1),
    ):
        yield words, (ALICE.public, MESSAGE, signed(good[:32], other))
    yield "S is 0", (ALICE.public, MESSAGE, signed(good[:32], 0))
    yield "S is negative", (ALICE.public, MESSAGE, signed(good[:32], L - s))


def _lengths() -> Iterator[tuple[str, Vector]]:
    good = ALICE.sign(MESSAGE)
    for size in (0, 1, 32, 63):
        yield f"{size} bytes", (ALICE.public, MESSAGE, good[:size])
    for more in (b"\0", good):
        yield f"{64 + len(more)} bytes", (ALICE.public, MESSAGE, good + more)
    yield "halves swapped", (ALICE.public, MESSAGE, good[32:] + good[:32])
    yield "nothing but zeros", (ALICE.public, MESSAGE, bytes(64))


def _low_order_keys() -> Iterator[tuple[str, Vector]]:
    # With S = 0 and R = -kA the equation holds: for the identity as key, over every message.
    for number, point in enumerate(TORSION):
        for a in _spellings(point):
            for there, r in enumerate(TORSION):
                for spelled in _spellings(r):
                    if r == negative(times(challenge(spelled, a, MESSAGE), point)):
                        yield (
                            f"key {number} as {a.hex()[:4]}…{a.hex()[-2:]}, R {there}",
                            (a, MESSAGE, signed(spelled, 0)),
                        )


def _low_order_r() -> Iterator[tuple[str, Vector]]:
    # With R the identity and S = ka the equation holds under an honest key.
    for number, point in enumerate(TORSION):
        for r in _spellings(point):
            s = challenge(r, ALICE.public, MESSAGE) * SCALAR % L
            yield f"R {number} as {r.hex()[:4]}…{r.hex()[-2:]}", (ALICE.public, MESSAGE, signed(r, s))


def _mixed() -> Iterator[tuple[str, Vector]]:
    # A verifier that multiplies by the cofactor takes all of these, one that does not takes some.
    for number, point in enumerate(TORSION[1:], 1):
        a = encode(add(A, point))
        for nonce in (11, 12, 13):
            yield f"key moved by {number}, nonce {nonce}", _made(a, SCALAR, nonce, MESSAGE)
        yield f"R moved by {number}", _made(ALICE.public, SCALAR, 11, MESSAGE, point)
        yield f"both moved by {number}", _made(a, SCALAR, 11, MESSAGE, point)
    for n in range(40):
        a = encode(add(A, TORSION[4]))
        yield f"key moved by order 2, message {n}", _made(a, SCALAR, 11, b"%d" % n)


def _contexts() -> Iterator[tuple[str, Vector]]:
    scalar, prefix = edwards.secret(SEED)
    for words, flag, text in (("Ed25519ph", 1, hashlib.sha512(MESSAGE).digest()), ("Ed25519ctx", 0, MESSAGE)):
        domain = b"SigEd25519 no Ed25519 collisions" + bytes([flag, 3]) + b"foo"
        nonce = int.from_bytes(hashlib.sha512(domain + prefix + text).digest(), "little") % L
        r = encode(times(nonce, edwards.BASE))
        k = int.from_bytes(hashlib.sha512(domain + r + ALICE.public + text).digest(), "little") % L
        yield words, (ALICE.public, MESSAGE, signed(r, (nonce + k * scalar) % L))


GOOD = {
    "an honest signature": (ALICE.public, MESSAGE, ALICE.sign(MESSAGE)),
    "an honest signature of nothing": (ALICE.public, b"", ALICE.sign(b"")),
    "a signature with another nonce": _made(ALICE.public, SCALAR, 7, MESSAGE),
}
KINDS = (_scalars, _lengths, _low_order_keys, _low_order_r, _mixed, _contexts)
VECTORS: dict[str, Vector] = {
    **GOOD,
    **{f"{kind.__name__.strip('_')}: {words}": vector for kind in KINDS for words, vector in kind()},
}


def _we_accept(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        verify(public, message, signature)
    except VerificationError:
        return False
    return True


def _libsodium_accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    if len(signature) != 64:
        return False
    try:
        nacl.bindings.crypto_sign_open(signature + message, public)
    except nacl.exceptions.BadSignatureError:
        return False
    return True


def test_the_arithmetic_signs_as_the_library_does() -> None:
    assert encode(times(SCALAR, edwards.BASE)) == ALICE.public
    assert all(times(8, point) == IDENTITY for point in TORSION)
    assert len({encode(point) for point in TORSION}) == 8


@pytest.mark.parametrize("name", VECTORS)
def test_everybody_says_the_same(name: str) -> None:
    vector = VECTORS[name]
    expected = edwards.holds(*vector)
    assert (_we_accept(*vector), _libsodium_accepts(*vector)) == (expected, expected)


@pytest.mark.skipif(find_spec(SECOND) is None, reason="the second verifier is not here yet")
@pytest.mark.parametrize("name", [n for n, (_, message, _) in VECTORS.items() if message])
def test_the_second_verifier_says_the_same(name: str) -> None:
    # The openssl command reads no empty file; no message of ours is empty.
    second, vector = import_module(SECOND), VECTORS[name]
    try:
        second.verify_signature(*vector)
        accepted = True
    except second.Refused:
        accepted = False
    assert accepted == edwards.holds(*vector)


def test_the_vectors_hold_what_a_lenient_verifier_would_take() -> None:
    lenient = 0
    for public, message, signature in VECTORS.values():
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
        except (InvalidSignature, ValueError):
            continue
        lenient += not _we_accept(public, message, signature)
    assert lenient >= 8
    assert sum(edwards.holds(*vector) for vector in VECTORS.values()) >= len(GOOD) + 10


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(VECTORS)), st.integers(0, 511), st.booleans())
def test_a_flipped_bit_is_judged_alike(name: str, bit: int, in_key: bool) -> None:
    public, message, signature = VECTORS[name]
    changed = bytearray(public if in_key else signature)
    if len(changed) > bit // 8:
        changed[bit // 8] ^= 1 << bit % 8
    vector = (bytes(changed), message, signature) if in_key else (public, message, bytes(changed))
    expected = edwards.holds(*vector)
    assert (_we_accept(*vector), _libsodium_accepts(*vector)) == (expected, expected)
