"""SSH signatures: the same bytes as ssh-keygen makes, and strict in what they take."""

import shutil
import subprocess
from pathlib import Path

import pytest

from registry.signing.keyfile import create, load
from registry.trust.sshsig import NAMESPACE, public_line, sign_file, verify_file
from schemas.errors import VerificationError
from tests.attacks.simulator import key

DATA = b"a manifest\n"
SIGNED = sign_file(DATA, key("service"))

needs_ssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not here")


@needs_ssh
def test_the_signature_is_the_one_ssh_keygen_makes(tmp_path: Path) -> None:
    made = create(tmp_path / "k", None)
    (tmp_path / "file").write_bytes(DATA)
    subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-f", made.path, "-n", NAMESPACE, tmp_path / "file"],
        check=True,
        capture_output=True,
    )
    theirs = (tmp_path / "file.sig").read_bytes()

    assert sign_file(DATA, load(made.path)) == theirs
    assert verify_file(DATA, theirs) == made.public


@needs_ssh
@pytest.mark.parametrize(
    ("data", "namespace", "code"), [(DATA, NAMESPACE, 0), (DATA, "file", 255), (b"x", NAMESPACE, 255)]
)
def test_ssh_keygen_verifies_it(tmp_path: Path, data: bytes, namespace: str, code: int) -> None:
    line = f'service namespaces="{NAMESPACE}" {public_line(key("service").public)}\n'
    (tmp_path / "allowed").write_text(line)
    (tmp_path / "sig").write_bytes(SIGNED)
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "service", "-n", namespace, "-s", "sig"],
        cwd=tmp_path,
        input=data,
        check=False,
        capture_output=True,
    )
    assert done.returncode == code


@needs_ssh
def test_a_signature_in_another_namespace_is_refused(tmp_path: Path) -> None:
    made = create(tmp_path / "k", None)
    (tmp_path / "file").write_bytes(DATA)
    subprocess.run(
        ["ssh-keygen", "-Y", "sign", "-f", made.path, "-n", "file", tmp_path / "file"],
        check=True,
        capture_output=True,
    )
    with pytest.raises(VerificationError, match="namespace"):
        verify_file(DATA, (tmp_path / "file.sig").read_bytes())


@pytest.mark.parametrize(
    "armored",
    [
        b"",
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace(b"SIGNATURE-----\n", b"SIGNATURE-----\n\n", 1),
        SIGNED.replace(b"U1NIU0lH", b"U1NIU0lI"),
        b"\xff" + SIGNED,
        b"-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n",
    ],
)
def test_another_spelling_is_refused(armored: bytes) -> None:
    with pytest.raises(VerificationError, match="BUNDLE_SSHSIG"):
        verify_file(DATA, armored)


def test_every_changed_byte_is_refused() -> None:
    for at in range(len(SIGNED)):
        changed = bytearray(SIGNED)
        changed[at] ^= 1
        with pytest.raises(VerificationError, match="BUNDLE_SSHSIG"):
            verify_file(DATA, bytes(changed))


def test_other_bytes_are_refused() -> None:
    with pytest.raises(VerificationError, match="not over these bytes"):
        verify_file(b"another manifest\n", SIGNED)
