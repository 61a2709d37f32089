"""Keys and signatures against RFC 8032, libsodium, OpenSSL and OpenSSH."""

import base64
import hashlib
import stat
import subprocess
from pathlib import Path

import nacl.exceptions
import nacl.signing
import pytest

from registry.signing.keyfile import KDF_ROUNDS, PrivateKey, create, is_encrypted, load, read_public
from registry.signing.keyring import find_key
from registry.trust.keys import check_public, key_id, parse_public_pem, public_pem, spki, verify
from schemas.errors import Conflict, Usage, VerificationError

RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
            "be24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
            "2aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716e"
            "d28dc027beceea1ec40a"
        ),
    ),
]
LOW_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]
GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
ALICE = PrivateKey.from_seed(hashlib.sha256(b"alice").digest())


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_it_signs_and_verifies_as_rfc_8032_says(seed: str, public: str, message: str, signature: str) -> None:
    key = PrivateKey.from_seed(bytes.fromhex(seed))
    assert key.public.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    verify(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@pytest.mark.parametrize("public", LOW_ORDER)
def test_it_refuses_keys_of_low_order_or_another_spelling(public: str) -> None:
    with pytest.raises(VerificationError) as refusal:
        check_public(bytes.fromhex(public))
    assert refusal.value.code == "KEY_LOW_ORDER"


@pytest.mark.parametrize("point", LOW_ORDER)
def test_it_refuses_signatures_that_begin_with_such_a_point(point: str) -> None:
    signature = bytes.fromhex(point) + ALICE.sign(b"x")[32:]
    with pytest.raises(VerificationError, match="SIGNATURE_INVALID"):
        verify(ALICE.public, b"x", signature)


def test_it_refuses_a_scalar_beyond_the_group_order() -> None:
    signature = ALICE.sign(b"x")
    scalar = int.from_bytes(signature[32:], "little") + GROUP_ORDER
    with pytest.raises(VerificationError, match="SIGNATURE_INVALID"):
        verify(ALICE.public, b"x", signature[:32] + scalar.to_bytes(32, "little"))


def test_libsodium_agrees_on_what_was_signed() -> None:
    signature = ALICE.sign(b"a message")
    theirs = nacl.signing.VerifyKey(ALICE.public)
    assert theirs.verify(b"a message", signature) == b"a message"
    with pytest.raises(nacl.exceptions.BadSignatureError):
        theirs.verify(b"another message", signature)
    with pytest.raises(VerificationError, match="SIGNATURE_INVALID"):
        verify(ALICE.public, b"another message", signature)


def test_openssl_computes_the_same_key_id(tmp_path: Path) -> None:
    pem = tmp_path / "alice.pem"
    pem.write_text(public_pem(ALICE.public))
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", str(pem), "-outform", "DER"], capture_output=True, check=True
    ).stdout
    assert der == spki(ALICE.public)
    assert hashlib.sha256(der).hexdigest() == key_id(ALICE.public)
    assert key_id(ALICE.public) == "0dcddf6f7f087f85297957314d130f1f058183bb3735cd6c0979117e88d52f53"


def test_a_public_pem_has_one_spelling() -> None:
    text = public_pem(ALICE.public)
    assert parse_public_pem(text) == ALICE.public
    for other in (text + "\n", text.replace("\n", "\r\n"), text.replace("PUBLIC", "PRIVATE"), ""):
        with pytest.raises(VerificationError, match="KEY_MALFORMED"):
            parse_public_pem(other)


def test_ssh_keygen_reads_the_key_file(tmp_path: Path) -> None:
    made = create(tmp_path / "alice", b"correct horse", "alice at acme")
    line = subprocess.run(
        ["ssh-keygen", "-y", "-P", "correct horse", "-f", str(made.path)],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    assert line.split()[:2] == (tmp_path / "alice.pub").read_text().split()[:2]
    assert (tmp_path / "alice.pub").read_text().endswith(" alice at acme\n")


def test_a_key_file_is_private_and_opens_with_its_passphrase(tmp_path: Path) -> None:
    made = create(tmp_path / "keys" / "alice", b"correct horse", "alice")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert is_encrypted(made.path)
    key = load(made.path, b"correct horse")
    assert (key.public, key.keyid) == (made.public, made.keyid)
    verify(made.public, b"message", key.sign(b"message"))
    assert read_public(Path(f"{made.path}.pub")) == made.public
    assert find_key(tmp_path / "keys", {made.keyid}) == made.path
    assert find_key(tmp_path / "keys", {"0" * 64}) is None


def test_its_passphrase_is_stretched_by_bcrypt(tmp_path: Path) -> None:
    made = create(tmp_path / "alice", b"correct horse", "")
    shown = b"".join(line for line in made.path.read_bytes().splitlines() if not line.startswith(b"-"))
    blob = base64.b64decode(shown)
    assert b"bcrypt" in blob
    assert KDF_ROUNDS >= 64
    assert KDF_ROUNDS.to_bytes(4, "big") in blob[:100]


def test_a_wrong_passphrase_names_the_file_and_no_secret(tmp_path: Path) -> None:
    made = create(tmp_path / "alice", b"correct horse", "")
    for passphrase in (None, b"battery staple"):
        with pytest.raises(Usage) as refusal:
            load(made.path, passphrase)
        assert str(made.path) in refusal.value.message
        assert "staple" not in repr(refusal.value)
        assert refusal.value.__cause__ is None


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    made = create(tmp_path / "alice", None, "")
    before = made.path.read_bytes()
    with pytest.raises(Conflict):
        create(tmp_path / "alice", None, "")
    assert made.path.read_bytes() == before


def test_a_key_file_others_can_read_is_refused(tmp_path: Path) -> None:
    made = create(tmp_path / "alice", None, "")
    made.path.chmod(0o644)
    with pytest.raises(Usage, match="can be read by others"):
        load(made.path)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rsa"
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", str(path)], check=True)
    with pytest.raises(Usage, match="Ed25519"):
        load(path)
    with pytest.raises(Usage, match="Ed25519"):
        read_public(Path(f"{path}.pub"))


def test_printing_a_key_shows_its_id_only() -> None:
    assert repr(ALICE) == "PrivateKey(0dcddf6f7f087f85)"


@pytest.mark.parametrize("y", [2, 7, 8, 11])
def test_it_refuses_a_key_that_is_no_point_of_the_curve(y: int) -> None:
    with pytest.raises(VerificationError) as refusal:
        check_public(y.to_bytes(32, "little"))
    assert refusal.value.code == "KEY_MALFORMED"


@pytest.mark.parametrize("y", [3, 4, 5, 6])
def test_it_takes_a_key_that_is_a_point_of_the_curve(y: int) -> None:
    assert check_public(y.to_bytes(32, "little")) == y.to_bytes(32, "little")
