"""Governed names, model versions and their manifests (RECORDS section 2)."""

import re

import msgspec

from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import Usage, VerificationError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class VersionRef(msgspec.Struct, frozen=True, order=True):
    """One version of a governed model, written `retail/credit-risk@7`."""

    namespace: str
    name: str
    version: int

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}@{self.version}"

    @property
    def model(self) -> str:
        """The model's full name, `retail/credit-risk`."""
        return f"{self.namespace}/{self.name}"


def parse_version_ref(text: str, *, namespace: str) -> VersionRef:
    """Return the version `text` names, in `namespace` when it names none; raise Usage otherwise."""
    path, at, number = text.rpartition("@")
    space, slash, name = path.rpartition("/")
    if not slash:
        space, name = namespace, path
    if not at or not number.isascii() or not number.isdigit() or (number[:1] == "0" and number != "0"):
        raise Usage(
            f"expected MODEL@VERSION, found {text[:120]!r}", hint="write for example retail/credit-risk@7"
        )
    if not _NAME.fullmatch(space) or not _NAME.fullmatch(name) or len(number) > 9 or number == "0":
        raise Usage(
            f"{text[:120]!r} is no model version: names are a-z 0-9 . _ -, versions count from 1",
            hint="write for example retail/credit-risk@7",
        )
    return VersionRef(space, name, int(number))


def check_environment(name: str) -> None:
    """Raise Usage unless `name` can be the name of an environment."""
    if not _NAME.fullmatch(name):
        raise Usage(
            f"{name[:80]!r} is no environment: names are a-z 0-9 . _ -, at most 64",
            hint="for example --env production",
        )


def check_namespace(name: str) -> None:
    """Raise Usage unless `name` can be the name of a namespace."""
    if not _NAME.fullmatch(name):
        raise Usage(
            f"{name[:80]!r} is no namespace: names are a-z 0-9 . _ -, at most 64",
            hint="for example --namespace retail",
        )


class FileEntry(msgspec.Struct, frozen=True):
    """One file of a version: path relative to the folder given, digest, size in bytes."""

    path: str
    digest: Digest
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """The canonical list of what a version is; its digest is what people approve."""

    registry: str
    ref: VersionRef
    files: tuple[FileEntry, ...]
    parents: tuple[Digest, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the canonical bytes."""
        return canonical(
            {
                "files": self._files(),
                "name": self.ref.name,
                "namespace": self.ref.namespace,
                "parents": list(self.parents),
                "registry": self.registry,
                "version": self.ref.version,
            }
        )

    @property
    def digest(self) -> Digest:
        """The subject of every decision about this version."""
        return Digest.of(self.to_bytes())

    @property
    def artifact(self) -> Digest:
        """SHA-256 of the canonical `files` array: the same bytes under any name."""
        return artifact_digest(self.files)

    def _files(self) -> list[dict[str, object]]:
        return file_rows(self.files)


def file_rows(files: tuple[FileEntry, ...]) -> list[dict[str, object]]:
    """Return the `files` array of a manifest, sorted by path bytes."""
    ordered = sorted(files, key=lambda f: f.path.encode())
    return [{"path": f.path, "sha256": f.digest.hex, "size": f.size} for f in ordered]


def artifact_digest(files: tuple[FileEntry, ...]) -> Digest:
    """Return SHA-256 of the canonical `files` array."""
    return Digest.of(canonical(file_rows(files)))


def parse_manifest(data: bytes) -> Manifest:
    """Return the manifest spelled by `data`; raise VerificationError for anything else."""
    value = parse_canonical(data)
    try:
        manifest = Manifest(
            value["registry"],
            VersionRef(value["namespace"], value["name"], value["version"]),
            tuple(FileEntry(f["path"], Digest.from_hex(f["sha256"]), f["size"]) for f in value["files"]),
            tuple(Digest(p) for p in value["parents"]),
        )
        same = manifest.to_bytes() == data
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise VerificationError("MANIFEST_MALFORMED", "not a version manifest") from error
    if not same:
        raise VerificationError("MANIFEST_MALFORMED", "not a version manifest in canonical form")
    return manifest
