"""SSH signatures over a file, byte for byte as `ssh-keygen -Y sign` makes them (OpenSSH PROTOCOL.sshsig).

They let anybody check the exporter with a tool that every system has: `ssh-keygen -Y verify`.
"""

import base64
import hashlib
import struct
from collections.abc import Iterable, Iterator

from registry.trust.dsse import Signer
from registry.trust.keys import KEY_BYTES, SIGNATURE_BYTES, verify
from registry.trust.trust_root import TrustRoot
from schemas.errors import VerificationError

NAMESPACE = "audit-bundle@muniment.dev"
MAX_ARMORED = 1024
_MAGIC = b"SSHSIG"
_TYPE = b"ssh-ed25519"
_HASH = b"sha512"
_VERSION = struct.pack(">I", 1)
_BEGIN = "-----BEGIN SSH SIGNATURE-----\n"
_END = "-----END SSH SIGNATURE-----\n"
_WIDTH = 70


def sign_file(data: bytes, signer: Signer) -> bytes:
    """Return the armored signature of `data`, in the namespace of audit bundles."""
    return _armor(signer.public, signer.sign(_message(data)))


def verify_file(data: bytes, armored: bytes) -> bytes:
    """Return the public key that signed `data`; raise BUNDLE_SSHSIG for anything but its one spelling."""
    if len(armored) > MAX_ARMORED:
        raise VerificationError("BUNDLE_SSHSIG", f"a signature of {len(armored)} bytes is none of ours")
    try:
        lines = armored.decode("ascii").removeprefix(_BEGIN).removesuffix(_END)
        blob = base64.b64decode(lines.replace("\n", ""), validate=True)
    except ValueError as error:
        raise VerificationError("BUNDLE_SSHSIG", "expected an armored SSH signature") from error
    public, signature = blob[-_TAIL:][:KEY_BYTES], blob[-SIGNATURE_BYTES:]
    # Everything but the key and the signature is fixed: made again, it is the same text or none of ours.
    if _armor(public, signature) != armored:
        raise VerificationError("BUNDLE_SSHSIG", f"expected an Ed25519 signature in namespace {NAMESPACE}")
    try:
        verify(public, _message(data), signature)
    except VerificationError as error:
        raise VerificationError("BUNDLE_SSHSIG", "the SSH signature is not over these bytes") from error
    return public


def public_line(public: bytes) -> str:
    """Return the key as OpenSSH writes it: type and base64."""
    return f"{_TYPE.decode()} {base64.b64encode(_public(public)).decode()}"


def allowed_signers(roots: Iterable[TrustRoot]) -> bytes:
    """Return the file `ssh-keygen -f` takes: every service key that any of `roots` enrols."""
    return "".join(dict.fromkeys(_allowed(roots))).encode()


def _allowed(roots: Iterable[TrustRoot]) -> Iterator[str]:
    for root in roots:
        for service in root.services:
            for key in service.keys:
                yield f'{service.id} namespaces="{NAMESPACE}" {public_line(key.public)}\n'


def _message(data: bytes) -> bytes:
    parts = (NAMESPACE.encode(), b"", _HASH, hashlib.sha512(data).digest())
    return _MAGIC + b"".join(map(_string, parts))


def _armor(public: bytes, signature: bytes) -> bytes:
    parts = (_public(public), NAMESPACE.encode(), b"", _HASH, _string(_TYPE) + _string(signature))
    text = base64.b64encode(_MAGIC + _VERSION + b"".join(map(_string, parts))).decode()
    lines = "".join(f"{text[at : at + _WIDTH]}\n" for at in range(0, len(text), _WIDTH))
    return f"{_BEGIN}{lines}{_END}".encode()


def _public(public: bytes) -> bytes:
    return _string(_TYPE) + _string(public)


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


_BETWEEN = b"".join(map(_string, (NAMESPACE.encode(), b"", _HASH)))
_TAIL = KEY_BYTES + len(_BETWEEN) + 4 + len(_string(_TYPE)) + 4 + SIGNATURE_BYTES
"""How far from the end of the blob the key begins."""
