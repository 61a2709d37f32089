"""Private keys in OpenSSH files: bcrypt of at least 64 rounds, mode 0600, never overwritten.

No message here holds a secret, and no private key leaves the value that `load` returns.
"""

import os
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_private_key,
    load_ssh_public_key,
)

from registry.trust.keys import check_public, key_id
from schemas.errors import Conflict, NotFound, Usage

KDF_ROUNDS = 64
MAX_FILE = 65_536
_OPENSSH = b"-----BEGIN OPENSSH PRIVATE KEY-----"


class PrivateKey:
    """An Ed25519 private key held in memory; signs, and shows its public half only."""

    __slots__ = ("_private", "keyid", "public")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public: bytes = private.public_key().public_bytes_raw()
        self.keyid: str = key_id(self.public)

    @classmethod
    def generate(cls) -> "PrivateKey":
        """Return a new key from the operating system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> "PrivateKey":
        """Return the key of a 32-byte seed (RFC 8032); for vectors and demonstrations."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        return f"PrivateKey({self.keyid[:16]})"


class KeyFile(msgspec.Struct, frozen=True):
    """Where a new key lies and its public half."""

    path: Path
    public: bytes
    keyid: str


def create(path: Path, passphrase: bytes | None, comment: str = "") -> KeyFile:
    """Make a key and write `path` (private, 0600) and `path.pub` (OpenSSH line); refuse an existing file."""
    if passphrase == b"":
        raise Usage("an empty passphrase protects nothing", hint="give a passphrase, or none on purpose")
    key = Ed25519PrivateKey.generate()
    return _write(path, key, _encryption(passphrase), comment)


def load(path: Path, passphrase: bytes | None = None) -> PrivateKey:
    """Return the key in `path` (OpenSSH, or PKCS#8 PEM); raise Usage naming the file otherwise."""
    data = _read(path)
    _refuse_open_mode(path)
    protected = _is_encrypted(data)
    if protected and passphrase is None:
        raise Usage(f"{path} is protected by a passphrase", hint="give its passphrase")
    reader = load_ssh_private_key if data.startswith(_OPENSSH) else load_pem_private_key
    try:
        private = reader(data, passphrase if protected else None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The cause is dropped on purpose: what a key parser quotes may come from the file.
        found = "the passphrase does not open it" if protected else "it is no private key"
        raise Usage(f"cannot use {path}: {found}", hint="check the file and the passphrase") from None
    if not isinstance(private, Ed25519PrivateKey):
        raise Usage(f"cannot use {path}: expected an Ed25519 key", hint="make one with muniment key new")
    return PrivateKey(private)


def is_encrypted(path: Path) -> bool:
    """Tell whether opening the key file needs a passphrase."""
    return _is_encrypted(_read(path))


def read_public(path: Path) -> bytes:
    """Return the public key in an SPKI PEM or OpenSSH `.pub` file; raise Usage naming the file otherwise."""
    return parse_public(_read(path), str(path))


def parse_public(data: bytes, named: str) -> bytes:
    """Return the public key in an SPKI PEM text or an OpenSSH line; `named` is what errors call it."""
    kind = data.partition(b" ")[0]
    if kind.startswith(b"sk-"):
        said = kind.decode("ascii", "replace")[:80]
        raise Usage(
            f"{named} holds an {said} key: such a token signs another structure than a record",
            hint="use an ssh-ed25519 key",
        )
    reader = load_ssh_public_key if kind.startswith(b"ssh-") else load_pem_public_key
    try:
        public = reader(data)
    except (ValueError, UnsupportedAlgorithm):
        raise Usage(
            f"{named} is no public key", hint="give an SPKI PEM file or an OpenSSH .pub line"
        ) from None
    if not isinstance(public, Ed25519PublicKey):
        raise Usage(f"{named} holds no Ed25519 key", hint="make one with muniment key new")
    return check_public(public.public_bytes_raw())


def _write(path: Path, key: Ed25519PrivateKey, lock: KeySerializationEncryption, comment: str) -> KeyFile:
    public = key.public_key()
    line = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    label = " ".join(comment.split()).encode()
    if Path(f"{path}.pub").exists():
        raise Conflict(f"{path}.pub exists and is never overwritten", hint="choose another name")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _create_file(path, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, lock), 0o600)
    _create_file(Path(f"{path}.pub"), b" ".join([line, label] if label else [line]) + b"\n", 0o644)
    raw = public.public_bytes_raw()
    return KeyFile(path, raw, key_id(raw))


def _create_file(path: Path, data: bytes, mode: int) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise Conflict(f"{path} exists and is never overwritten", hint="choose another name") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _encryption(passphrase: bytes | None) -> KeySerializationEncryption:
    if passphrase is None:
        return NoEncryption()
    return PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(KDF_ROUNDS).build(passphrase)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_FILE)
    except FileNotFoundError as error:
        raise NotFound(f"no key file at {path}", hint="make one with muniment key new") from error
    except OSError as error:
        raise Usage(f"cannot read {path}: {error.strerror}", hint="check its owner and mode") from error


def _refuse_open_mode(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    if os.name == "posix" and mode & 0o077:
        raise Usage(f"{path} can be read by others (mode {mode:04o})", hint=f"chmod 600 {path}")


def _is_encrypted(data: bytes) -> bool:
    loader = load_ssh_private_key if data.startswith(_OPENSSH) else load_pem_private_key
    try:
        loader(data, None)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm):
        return b"ENCRYPTED" in data
    return False
