"""Registering a model version: its files are hashed here, its manifest is what people will approve."""

import sqlite3

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.writing import writing
from registry.registry import Registry
from schemas.asset import FileEntry, Manifest, VersionRef
from schemas.digest import Digest
from schemas.errors import Conflict
from schemas.ledger import time_text
from schemas.observation import Name
from schemas.statement import Subject


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


def register_version(
    registry: Registry,
    actor: Actor,
    ref: VersionRef,
    files: tuple[FileEntry, ...],
    *,
    runs: tuple[TrainingRun, ...] = (),
    parents: tuple[Digest, ...] = (),
    authors: tuple[str, ...] = (),
    links: tuple[dict[str, object], ...] = (),
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
        about = (subject(ref, manifest.digest),)
        writer.append(*(actor.sign("link", about, link) for link in links))
    return Registered(ref, manifest, leaf.seq)


def _subjects(manifest: Manifest) -> tuple[Subject, ...]:
    subjects = [subject(manifest.ref, manifest.digest), subject("artifact", manifest.artifact)]
    if len(manifest.files) == 1:
        subjects.append(subject("file", manifest.files[0].digest))
    return tuple(subjects)
