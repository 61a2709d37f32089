"""Registering a model version: its files are hashed here, its manifest is what people will approve."""

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.writing import writing
from registry.registry import Registry
from schemas.asset import FileEntry, Manifest, VersionRef
from schemas.digest import Digest
from schemas.errors import Conflict, Malformed, NotFound, Usage
from schemas.ledger import time_text
from schemas.observation import Name
from schemas.statement import Subject

_MAX_FILES = 5_000


class TrainingRun(msgspec.Struct, frozen=True):
    """The run that trained a version: its source's name in this registry, its id and its job."""

    source: str
    run_id: str
    job: Name

    def to_predicate(self) -> dict[str, object]:
        """Return the run as it stands in a signed registration."""
        return {
            "job": {"name": self.job.name, "namespace": self.job.namespace},
            "runId": self.run_id,
            "source": self.source,
        }


class Registered(msgspec.Struct, frozen=True):
    """What was registered."""

    ref: VersionRef
    manifest: Manifest
    seq: int


def hash_files(paths: Sequence[Path]) -> tuple[FileEntry, ...]:
    """Return the entries of `paths`: files under their base name, folders by what lies below them."""
    entries: dict[str, FileEntry] = {}
    for path in paths:
        if not path.exists():
            raise NotFound(f"{path}: no such file or folder", hint="check --artifact")
        found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if not p.is_dir())
        base = path.parent if path.is_file() else path
        for file in found:
            if file.is_symlink() or not file.is_file():
                raise Malformed(f"{file}: not a regular file", hint="register regular files only")
            name = file.relative_to(base).as_posix()
            if name in entries:
                raise Usage(f"two files are called {name!r}", hint="register one folder that holds both")
            entries[name] = _entry(file, name)
    if not entries:
        raise Malformed(f"{', '.join(map(str, paths))}: no files", hint="name the model's files")
    if len(entries) > _MAX_FILES:
        raise Malformed(f"{len(entries)} files, at most {_MAX_FILES} make one version")
    return tuple(sorted(entries.values(), key=lambda e: e.path.encode()))


def register_version(
    registry: Registry,
    actor: Actor,
    ref: VersionRef,
    files: tuple[FileEntry, ...],
    *,
    runs: tuple[TrainingRun, ...] = (),
    parents: tuple[Digest, ...] = (),
    authors: tuple[str, ...] = (),
) -> Registered:
    """Record `ref` with `files`; raise Conflict when that version number was used before."""
    manifest = Manifest(registry.origin, ref, files, parents)
    people = tuple(sorted({*authors, *([actor.person] if actor.person else [])}))
    with writing(registry) as writer:
        existing = registry.versions.find_manifest(ref)
        if existing is not None:
            raise Conflict(
                f"{ref} was registered before with manifest {existing}", hint=f"register {ref.model}@NEXT"
            )
        writer.put_body(manifest.to_bytes())
        envelope = actor.sign(
            "version-registered",
            _subjects(manifest),
            {
                "artifactLevel": "verified",
                "authors": list(people),
                "registeredAt": time_text(writer.now),
                "runs": [run.to_predicate() for run in runs],
            },
        )
        leaf = writer.append(envelope)[0]
        try:
            registry.versions.add(ref, manifest.digest, leaf.seq)
        except sqlite3.IntegrityError as error:
            raise Conflict(f"{ref}: this manifest is registered already") from error
    return Registered(ref, manifest, leaf.seq)


def _subjects(manifest: Manifest) -> tuple[Subject, ...]:
    subjects = [subject(manifest.ref, manifest.digest), subject("artifact", manifest.artifact)]
    if len(manifest.files) == 1:
        subjects.append(subject("file", manifest.files[0].digest))
    return tuple(subjects)


def _entry(file: Path, name: str) -> FileEntry:
    try:
        with file.open("rb") as stream:
            before = os.fstat(stream.fileno())
            digest, size = Digest.of_stream(stream)
            after = os.fstat(stream.fileno())
    except OSError as error:
        raise NotFound(f"{file}: cannot be read: {error.strerror}", hint="check its permissions") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != before.st_size:
        raise Malformed(f"{file}: changed while it was hashed", hint="register it when it is at rest")
    return FileEntry(name, digest, size)
