"""Registrations and the training runs linked to a version."""

from registry.trust.opening import Bodies, Opened, require_signer, require_version
from registry.trust.predicates import RunLinked, VersionRegistered, parse_predicate
from registry.trust.state import LinkedRun, Missing, State, Version
from schemas.asset import Manifest, VersionRef, parse_manifest, parse_version_ref
from schemas.digest import Digest
from schemas.errors import Usage


def version_registered(state: State, opened: Opened, bodies: Bodies) -> None:
    """Register a version once: its name, its manifest, its artifact and its authors."""
    predicate = parse_predicate(opened.statement.predicate, VersionRegistered)
    subjects = opened.statement.subjects
    ref = _ref(opened)
    by = require_signer(state, opened, ref.namespace)
    if len(subjects) not in (2, 3) or subjects[1].name != "artifact":
        raise opened.refuse("SUBJECT_MISMATCH", "expected the subjects version, artifact and perhaps file")
    digest = subjects[0].digest
    if ref in state.names or digest in state.versions:
        raise opened.refuse("VERSION_REUSED", f"{ref} was registered before: a version is never used twice")
    manifest = _read_manifest(opened, bodies)
    if manifest is None:
        gap = Missing(opened.leaf.seq, "manifest", digest)
        state.missing[digest] = (*state.missing.get(digest, ()), gap)
    else:
        _match(state, opened, manifest, ref)
    authors = dict.fromkeys((*predicate.authors, *((by.person,) if by.person else ())))
    file = subjects[2].digest if len(subjects) == 3 else None
    version = Version(
        digest, ref, subjects[1].digest, file, tuple(authors), predicate.runs, predicate.artifact_level, by
    )
    state.versions[digest] = version
    state.names[ref] = digest
    for known in dict.fromkeys(s.digest for s in subjects[1:]):
        state.artifacts[known] = (*state.artifacts.get(known, ()), digest)


def run_linked(state: State, opened: Opened) -> None:
    """Link a training run to a version after its registration."""
    version, _ = require_version(state, opened)
    by = require_signer(state, opened, version.ref.namespace)
    run = parse_predicate(opened.statement.predicate, RunLinked)
    known = state.runs.get(version.manifest, ())
    state.runs[version.manifest] = (*known, LinkedRun(run.source, run.run_id, run.job, by))


def _ref(opened: Opened) -> VersionRef:
    name = opened.statement.subjects[0].name
    try:
        ref = parse_version_ref(name, namespace="")
    except Usage as error:
        raise opened.refuse("SUBJECT_MISMATCH", f"{name[:160]!r} names no version") from error
    return ref


def _read_manifest(opened: Opened, bodies: Bodies) -> Manifest | None:
    digest = opened.statement.subjects[0].digest
    data = bodies(digest)
    if data is None:
        return None
    if Digest.of(data) != digest:
        raise opened.refuse("BODY_DIGEST", "the manifest has another digest")
    return parse_manifest(data)


def _match(state: State, opened: Opened, manifest: Manifest, ref: VersionRef) -> None:
    subjects = opened.statement.subjects
    if manifest.registry != state.origin:
        raise opened.refuse("ORIGIN_MISMATCH", "its manifest is another registry's")
    file = manifest.files[0].digest if len(manifest.files) == 1 else None
    found = (ref, subjects[1].digest, subjects[2].digest if len(subjects) == 3 else None)
    if found != (manifest.ref, manifest.artifact, file):
        raise opened.refuse("SUBJECT_MISMATCH", "its subjects are not what the manifest says")
