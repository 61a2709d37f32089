"""The archive around the contents: BagIt manifests and the exporter's signatures (RFC 8493, trust.md 2.6).

The exporter signs the manifest twice: as a statement like all others, and so that `ssh-keygen` can check it.
BagIt lets anybody check the files with `sha256sum -c`; the verdict does not rest on it.
"""

from collections.abc import Iterable, Mapping

from registry.bundle.files import Files
from registry.trust.dsse import Signer, sign_statement
from registry.trust.sshsig import sign_file
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.statement import Envelope, Statement, Subject, parse_envelope, parse_statement

BAGIT = "bagit.txt"
BAG_INFO = "bag-info.txt"
MANIFEST = "manifest-sha256.txt"
TAG_MANIFEST = "tagmanifest-sha256.txt"
STATEMENT = "bundle.dsse.json"
SSHSIG = "manifest-sha256.txt.sshsig"
TAG_FILES = frozenset({BAGIT, BAG_INFO, MANIFEST, STATEMENT, SSHSIG})
KIND = "audit-bundle"
_BAGIT_TEXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def wrap(payload: Mapping[str, bytes], origin: str, signer: Signer) -> dict[str, bytes]:
    """Return all files of the bundle around the payload, signed over the payload's manifest."""
    files = dict(payload) | _tags(Files(payload))
    about = Subject(MANIFEST, Digest.of(files[MANIFEST]))
    # No nonce: the same head gives the same bytes, and the manifest's digest cannot be guessed anyway.
    files[STATEMENT] = sign_statement(Statement(KIND, (about,), {"origin": origin}), signer).to_bytes()
    files[SSHSIG] = sign_file(files[MANIFEST], signer)
    files[TAG_MANIFEST] = manifest_text(files, TAG_FILES)
    return files


def unwrap(files: Files) -> tuple[Files, Envelope]:
    """Return the payload and the exporter's envelope when all manifests agree with the files."""
    payload = files.select(name for name in files if name.startswith("data/"))
    top = set(files) - set(payload)
    if not top >= TAG_FILES | {TAG_MANIFEST}:
        lost = ", ".join(sorted((TAG_FILES | {TAG_MANIFEST}) - top))
        raise VerificationError("FILE_MISSING", f"the bundle lacks {lost}")
    if extra := top - TAG_FILES - {TAG_MANIFEST}:
        raise VerificationError("UNEXPECTED_FILE", f"the bundle holds {min(extra)!r}")
    for name, expected in _tags(payload).items():
        if files[name] != expected:
            raise VerificationError("MANIFEST_MISMATCH", f"{name} is not that of the files in the bundle")
    if files[TAG_MANIFEST] != manifest_text(files, TAG_FILES):
        raise VerificationError("MANIFEST_MISMATCH", f"{TAG_MANIFEST} is not that of the files in the bundle")
    return payload, _statement(files)


def manifest_text(files: Mapping[str, bytes], names: Iterable[str]) -> bytes:
    """Return a BagIt manifest of `names`, as `sha256sum` prints and checks it."""
    hashed = Files.of(files)
    return "".join(f"{hashed.digest(n).hex}  {n}\n" for n in sorted(names)).encode()


def _tags(payload: Files) -> dict[str, bytes]:
    octets = sum(len(payload.view(name)) for name in payload)
    return {
        BAGIT: _BAGIT_TEXT,
        BAG_INFO: f"Payload-Oxum: {octets}.{len(payload)}\n".encode(),
        MANIFEST: manifest_text(payload, payload),
    }


def _statement(files: Files) -> Envelope:
    envelope = parse_envelope(files[STATEMENT])
    statement = parse_statement(envelope.payload)
    if statement.kind != KIND or len(envelope.signatures) != 1:
        raise VerificationError("BUNDLE_STATEMENT", f"expected one signature over a statement {KIND}")
    if statement.subjects != (Subject(MANIFEST, files.digest(MANIFEST)),):
        raise VerificationError("BUNDLE_STATEMENT", "the exporter signed another manifest")
    return envelope
