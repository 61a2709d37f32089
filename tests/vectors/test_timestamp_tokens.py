"""Tokens by `openssl ts`, read by us: good ones hold, every other is refused under its name."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from registry.bundle.timestamps import make_query, read_imprint, verify_token
from schemas.errors import VerificationError
from tests.commands.authority import Authority, need_openssl

HEAD = b"muniment.dev/log/0\n1\nroot\n\nsignature\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    need_openssl()
    return Authority(tmp_path_factory.mktemp("tsa") / "own")


@pytest.fixture(scope="module")
def token(authority: Authority) -> bytes:
    return authority.reply(make_query(HEAD).data)


def refused(token: bytes, data: bytes, *roots: bytes, nonce: int | None = None) -> str:
    with pytest.raises(VerificationError) as error:
        verify_token(token, data, roots, nonce=nonce)
    return f"{error.value.code}: {error.value.message}"


def test_a_token_under_a_pinned_root_holds(authority, token):
    found = verify_token(token, HEAD, [authority.root_der])

    assert found.authority == "CN=Test TSA"
    assert found.at.endswith("Z")


def test_openssl_agrees_that_it_holds(authority, token):
    (authority.folder / "head").write_bytes(HEAD)
    (authority.folder / "token.tsr").write_bytes(token)

    said = authority.run("ts", "-verify", "-data", "head", "-in", "token.tsr", "-CAfile", "root.pem").stdout

    assert b"Verification: OK" in said


def test_it_says_what_it_is_over(token):
    imprint = read_imprint(token)
    assert (imprint.algorithm, imprint.digest) == ("sha256", hashlib.sha256(HEAD).digest())


def test_a_token_over_other_bytes_is_invalid(authority, token):
    said = refused(token, HEAD + b"x", authority.root_der)
    assert said.startswith("TIMESTAMP_INVALID")
    assert "other bytes" in said


def test_a_token_for_another_question_is_invalid(authority):
    query = make_query(HEAD)
    assert query.nonce is not None
    reply = authority.reply(query.data)

    assert verify_token(reply, HEAD, [authority.root_der], nonce=query.nonce).authority == "CN=Test TSA"
    assert refused(reply, HEAD, authority.root_der, nonce=query.nonce ^ 1).startswith("TIMESTAMP_INVALID")


def test_an_authority_that_is_not_pinned_is_untrusted(authority, token, tmp_path: Path):
    other = Authority(tmp_path / "other")

    assert refused(token, HEAD, other.root_der).startswith("TIMESTAMP_UNTRUSTED")
    assert refused(token, HEAD).startswith("TIMESTAMP_UNTRUSTED")
    assert refused(token, HEAD, b"\x30\x00").startswith("TIMESTAMP_UNTRUSTED")
    found = verify_token(token, HEAD, [b"\x30\x00", other.root_der, authority.root_der])
    assert found.authority == "CN=Test TSA"


def test_a_chain_that_was_not_valid_at_the_tokens_time_is_untrusted(tmp_path: Path):
    need_openssl()
    for name, days in (("expired", (-30, -1)), ("early", (1, 30))):
        authority = Authority(tmp_path / name, days=days)
        token = authority.reply(make_query(HEAD).data)
        assert refused(token, HEAD, authority.root_der).startswith("TIMESTAMP_UNTRUSTED")


def test_a_reply_with_two_certificates_out_of_der_order_is_named(authority):
    said = set()
    for _ in range(8):
        reply = authority.reply(make_query(HEAD).data, "-chain", "root.pem")
        try:
            verify_token(reply, HEAD, [authority.root_der])
        except VerificationError as error:
            said.add(error.message)
    # Which certificate comes first depends on random serial numbers: what is refused is refused by this name.
    assert len(said) <= 1
    assert all("embed its own certificate alone" in message for message in said)


def _signed_by_a_stranger(authority: Authority, stranger: Authority, token: bytes) -> bytes:
    """Return the token's statement, signed by one who may not stamp, the real certificate injected."""
    folder = authority.folder
    (folder / "token.tsr").write_bytes(token)
    authority.run("ts", "-reply", "-in", "token.tsr", "-token_out", "-out", "token.p7")
    authority.run("cms", "-verify", "-inform", "DER", "-in", "token.p7", "-noverify", "-out", "statement")
    (folder / "stranger.pem").write_bytes((stranger.folder / "tsa.pem").read_bytes())
    (folder / "stranger.key").write_bytes((stranger.folder / "tsa.key").read_bytes())
    authority.run(
        "cms", "-sign", "-binary", "-nodetach", "-in", "statement", "-outform", "DER", "-md", "sha256",
        "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-signer", "stranger.pem", "-inkey", "stranger.key",
        "-certfile", "tsa.pem", "-cades", "-nosmimecap", "-out", "forged.p7",
    )  # fmt: skip
    content = b"\x30\x03\x02\x01\x00" + (folder / "forged.p7").read_bytes()
    return b"\x30\x82" + len(content).to_bytes(2, "big") + content


def test_an_injected_certificate_lends_its_purpose_to_nobody(authority, token, tmp_path: Path):
    stranger = Authority(tmp_path / "stranger", stamping=False)
    try:
        forged = _signed_by_a_stranger(authority, stranger, token)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this openssl cannot forge it: {error.stderr[:200]!r}")

    for roots in ([authority.root_der], [stranger.root_der], [authority.root_der, stranger.root_der]):
        assert refused(forged, HEAD, *roots).startswith("TIMESTAMP_")

    stamper = Authority(tmp_path / "stamper")
    genuine = _signed_by_a_stranger(authority, stamper, token)
    assert refused(genuine, HEAD, authority.root_der).startswith("TIMESTAMP_")
    assert verify_token(genuine, HEAD, [stamper.root_der]).authority == "CN=Test TSA"


def test_a_refusal_of_the_authority_is_invalid(authority):
    query = bytearray(make_query(HEAD).data)
    query[query.index(b"\x60\x86\x48\x01\x65\x03\x04\x02\x01") + 8] = 9  # a hash it does not take

    said = refused(authority.reply(bytes(query)), HEAD, authority.root_der)

    assert said.startswith("TIMESTAMP_INVALID")


@pytest.mark.parametrize("junk", [b"", b"junk", b"\x30\x00", b"\x30\x80", b"<html></html>", b"\x00" * 70_000])
def test_what_is_no_token_is_invalid(authority, junk):
    assert refused(junk, HEAD, authority.root_der).startswith("TIMESTAMP_INVALID")


def test_no_changed_byte_gives_another_answer(authority, token):
    good = verify_token(token, HEAD, [authority.root_der])
    answers, codes = set(), set()
    for at in range(len(token)):
        changed = token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :]
        try:
            answers.add(verify_token(changed, HEAD, [authority.root_der]).at)
        except VerificationError as error:
            codes.add(error.code)
    assert answers <= {good.at}
    assert codes == {"TIMESTAMP_INVALID", "TIMESTAMP_UNTRUSTED"}


def test_every_cut_is_refused(authority, token):
    for size in range(0, len(token), 7):
        assert refused(token[:size], HEAD, authority.root_der).startswith("TIMESTAMP_")
