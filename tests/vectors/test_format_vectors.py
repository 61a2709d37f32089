"""Envelopes, heads and leaves against fixed bytes and against other people's tools."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.exceptions import VerificationError as TheirRefusal
from securesystemslib.signer import Key as TheirKey  # type: ignore[attr-defined]

from registry.signing.keyfile import PrivateKey
from registry.trust.dsse import sign_statement, verify_envelope
from registry.trust.keys import public_pem
from registry.trust.merkle import leaf_hash
from registry.trust.note import parse_checkpoint, parse_vkey, sign_checkpoint, verify_checkpoint, vkey
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint, Leaf
from schemas.statement import Envelope, Signature, Statement, Subject, parse_envelope

ALICE = PrivateKey.from_seed(hashlib.sha256(b"alice").digest())
BOB = PrivateKey.from_seed(hashlib.sha256(b"bob").digest())
APPROVAL_PAYLOAD = (
    '{"_type":"https://in-toto.io/Statement/v1","predicate":{"decidedAt":"2026-11-18T11:09:40Z",'
    '"decision":"APPROVED","logContext":{"origin":"modelreg.example/org-a/log-1",'
    '"rootHash":"GlVVVYg1spwi+KFiFicVAh7b0gQjDGA9cX3oGBUlXQw=","treeSize":3},'
    '"nonce":"6b86b273ff34fce19d6b804eff5a3f57",'
    '"policy":"affd4b07022099b662b9d0bf4ec2606edd7d1c7b9364b5ad010cce7f1ec96a06",'
    '"reason":"checked drift \N{LESS-THAN OR EQUAL TO} 5 %","reviewer":"alice@example.org","role":"risk",'
    '"target":{"name":"credit-risk","registry":"modelreg.example/org-a/log-1","stage":"production","version":3}},'
    '"predicateType":"https://modelreg.example/attestation/approval/v1","subject":[{"digest":{"sha256":'
    '"9fbf332d7228d2a34b04efa95885a3d5385487e07efa9b3f24a58acd97c925b5"},"name":"credit-risk@3"}]}'
).encode()
HEAD_KEY = "modelreg.example/org-a/log-1+5874c787+AZsfhHkc/HZjBFhU04netcqVRJ2HXydqg4QLBgqznPxx"
HEAD = (
    "modelreg.example/org-a/log-1\n6\n/dt1t2G4XFIMiu06KbcJ9GuYL1ayqfy85+F2D7oKavs=\n\n"
    "\N{EM DASH} modelreg.example/org-a/log-1 WHTHhwUTzeXh8yl7wF5BSz0qpbKdl+e/4xDe6nnfm4tK5Lv0hia0a4gROb/"
    "axZmAFLYGzAKKwcHLhH+UMzG7cpMw7w4=\n"
)
STATEMENT = Statement("approval", (Subject("retail/credit-risk@7", Digest.of(b"manifest")),), {"nonce": "00"})


def _envelope(payload: bytes, key: PrivateKey) -> Envelope:
    unsigned = Envelope(payload, ())
    return Envelope(payload, (Signature(key.keyid, key.sign(unsigned.pae())),))


def test_the_reference_approval_has_the_reference_bytes() -> None:
    envelope = _envelope(APPROVAL_PAYLOAD, ALICE)
    data = envelope.to_bytes()
    assert len(APPROVAL_PAYLOAD) == 735
    assert envelope.pae().startswith(b"DSSEv1 28 application/vnd.in-toto+json 735 {")
    assert len(data) == 1228
    assert Digest.of(data).hex == "6b372fa6cf434ccf67c27c158110017f1e3f0f9c9db7cfc6c5fa49e53439482d"
    assert parse_envelope(data) == envelope
    assert verify_envelope(envelope, {ALICE.keyid: ALICE.public}) == (ALICE.keyid,)


def test_the_reference_leaf_has_the_reference_hash() -> None:
    leaf = Leaf(
        3,
        "approval",
        "2026-11-18T11:10:40Z",
        Digest.from_hex("6b372fa6cf434ccf67c27c158110017f1e3f0f9c9db7cfc6c5fa49e53439482d"),
        (Digest.from_hex("9fbf332d7228d2a34b04efa95885a3d5385487e07efa9b3f24a58acd97c925b5"),),
    )
    found = leaf_hash(leaf.to_bytes()).hex()
    assert len(leaf.to_bytes()) == 231
    assert (found[:8], found[-6:]) == ("c912e99f", "bad2ef")


def test_a_head_signed_elsewhere_verifies() -> None:
    head = verify_checkpoint(HEAD, HEAD_KEY)
    assert (head.origin, head.size) == ("modelreg.example/org-a/log-1", 6)
    assert str(parse_vkey(HEAD_KEY)) == HEAD_KEY


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda t: t.replace("\n6\n", "\n7\n"), "NOTE_SIGNATURE_INVALID"),
        (lambda t: t.replace("\n6\n", "\n06\n"), "NOTE_MALFORMED"),
        (lambda t: t.replace("\n", "\r\n"), "NOTE_MALFORMED"),
        (lambda t: t + t.splitlines()[-1] + "\n", "NOTE_DUPLICATE_SIGNATURE"),
        (lambda t: t + "\n", "NOTE_MALFORMED"),
        (lambda t: t[:-1], "NOTE_MALFORMED"),
        (lambda t: t.replace("\n\n", "\nan extension\n\n"), "NOTE_MALFORMED"),
        (lambda t: t.replace("\N{EM DASH} modelreg", "\N{EM DASH} another"), "NOTE_UNKNOWN_SIGNER"),
        (lambda t: t.replace("w4=\n", "w5=\n"), "NOTE_MALFORMED"),
        (lambda t: "", "NOTE_MALFORMED"),
    ],
)
def test_a_damaged_head_is_refused_by_name(damage: Callable[[str], str], code: str) -> None:
    with pytest.raises(VerificationError) as refusal:
        verify_checkpoint(damage(HEAD), HEAD_KEY)
    assert refusal.value.code == code


def test_a_head_we_sign_reads_back() -> None:
    head = Checkpoint("muniment.dev/log/" + "0" * 32, 12, hashlib.sha256(b"root").digest())
    text = sign_checkpoint(head, ALICE)
    assert verify_checkpoint(text, vkey(head.origin, ALICE.public)) == head
    assert parse_checkpoint(text).checkpoint == head


def test_a_head_under_another_key_is_refused() -> None:
    head = Checkpoint("muniment.dev/log/" + "0" * 32, 12, hashlib.sha256(b"root").digest())
    with pytest.raises(VerificationError, match="NOTE_UNKNOWN_SIGNER"):
        verify_checkpoint(sign_checkpoint(head, BOB), vkey(head.origin, ALICE.public))


@pytest.mark.parametrize(
    "text", ["", "a+b", HEAD_KEY + "=", HEAD_KEY.replace("5874c787", "5874c788"), "a b+00+AA=="]
)
def test_a_verifier_key_has_one_spelling(text: str) -> None:
    with pytest.raises(VerificationError, match="KEY_MALFORMED"):
        parse_vkey(text)


def test_securesystemslib_verifies_our_envelope() -> None:
    envelope = sign_statement(STATEMENT, ALICE, BOB)
    theirs = TheirEnvelope.from_dict(json.loads(envelope.to_bytes()))
    keys = [
        TheirKey.from_dict(
            k.keyid, {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": k.public.hex()}}
        )
        for k in (ALICE, BOB)
    ]
    assert set(theirs.verify(keys, threshold=2)) == {ALICE.keyid, BOB.keyid}
    altered = Envelope(envelope.payload.replace(b"credit-risk@7", b"credit-risk@8"), envelope.signatures)
    with pytest.raises(TheirRefusal):
        TheirEnvelope.from_dict(json.loads(altered.to_bytes())).verify(keys, threshold=1)
    with pytest.raises(VerificationError, match="SIGNATURE_INVALID"):
        verify_envelope(altered, {ALICE.keyid: ALICE.public, BOB.keyid: BOB.public})


def test_openssl_verifies_the_signed_bytes(tmp_path: Path) -> None:
    envelope = sign_statement(STATEMENT, ALICE)
    (tmp_path / "key.pem").write_text(public_pem(ALICE.public))
    (tmp_path / "pae").write_bytes(envelope.pae())
    (tmp_path / "sig").write_bytes(envelope.signatures[0].sig)
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-in",
        "pae",
        "-sigfile",
        "sig",
    ]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "pae").write_bytes(envelope.pae() + b" ")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize(
    ("keys", "threshold", "code"),
    [
        ({ALICE.keyid: ALICE.public}, 2, "THRESHOLD"),
        ({BOB.keyid: BOB.public}, 1, "SIGNER_UNKNOWN"),
        ({ALICE.keyid: BOB.public}, 1, "KEYID_MISMATCH"),
    ],
)
def test_an_envelope_without_its_signers_is_refused(
    keys: dict[str, bytes], threshold: int, code: str
) -> None:
    with pytest.raises(VerificationError) as refusal:
        verify_envelope(sign_statement(STATEMENT, ALICE), keys, threshold)
    assert refusal.value.code == code


def test_one_key_under_two_signatures_does_not_reach_a_threshold_of_two() -> None:
    envelope = sign_statement(STATEMENT, ALICE)
    twice = Envelope(envelope.payload, envelope.signatures * 2)
    with pytest.raises(VerificationError, match="DUPLICATE_SIGNATURE"):
        verify_envelope(twice, {ALICE.keyid: ALICE.public}, 2)


_KEYS = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=8)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | _TEXT


def _nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return inner | st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4)


_VALUES = _nested(_nested(_nested(_LEAVES)))


@given(_VALUES)
def test_canonical_json_is_rfc_8785(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert parse_canonical(canonical(value)) == value


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":1}', "JSON_DUPLICATE_KEY"),
        (b'{"a":1.0}', "JSON_FLOAT"),
        (b'{"a":1e0}', "JSON_FLOAT"),
        (b'{"a":NaN}', "JSON_FLOAT"),
        (b'{"a": 1}', "JSON_NOT_CANONICAL"),
        (b'{"b":1,"a":1}', "JSON_NOT_CANONICAL"),
        (b"9007199254740992", "JSON_NOT_CANONICAL"),
        (b"9" * 4301, "JSON_NOT_CANONICAL"),
        (b'"\\ud800"', "JSON_NOT_CANONICAL"),
        (b'"\\u0041"', "JSON_NOT_CANONICAL"),
        (b"-0", "JSON_NOT_CANONICAL"),
        (b"[" * 200_000, "JSON_MALFORMED"),
        (b"\xef\xbb\xbf1", "JSON_MALFORMED"),
        (b"\xff", "JSON_MALFORMED"),
        (b"", "JSON_MALFORMED"),
        (b"1 2", "JSON_MALFORMED"),
        (b" " * (1 << 21), "TOO_LARGE"),
        ('{"\N{CYRILLIC SMALL LETTER A}":1}'.encode(), "JSON_NOT_CANONICAL"),
    ],
)
def test_other_spellings_of_json_are_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(VerificationError) as refusal:
        parse_canonical(data)
    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["QQ", "QR==", "QQ==\n", "Q Q==", "_-==", "QQ=\N{FULLWIDTH EQUALS SIGN}"])
def test_other_spellings_of_base64_are_refused(text: str) -> None:
    data = canonical(
        {
            "payload": text,
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{"keyid": "k", "sig": ""}],
        }
    )
    assert base64.b64encode(b"A") == b"QQ=="
    with pytest.raises(VerificationError) as refusal:
        parse_envelope(data)
    assert refusal.value.code == "BASE64"
