"""Evidence: documents about a version, hashed here."""

from pathlib import Path

import msgspec

from registry.acts.actor import Actor, subject, text_body
from registry.acts.days import end_of_day
from registry.acts.record import MAX_DOCUMENT, Recorded, Row, record_document
from registry.acts.state import read_state
from registry.acts.writing import writing
from registry.registry import Registry
from registry.trust.state import Evidence
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import Malformed, NotFound, Usage

KINDS = frozenset(
    "model_card datasheet risk_assessment validation_report test_report bias_report ll144_bias_audit "
    "data_bias_review drift_report performance_report security_assessment red_team_report "
    "explainability_report privacy_review dpia fria exemption_assessment oversight_plan "
    "instructions_for_use pmm_plan declaration_of_conformity vendor_documentation licence_review "
    "incident_report training_record retirement_plan sbom other".split()
)


class Description(msgspec.Struct, frozen=True):
    """What is said about a document; `valid_until` is a day, `replaces` the document whose place it takes."""

    kind: str
    title: str
    media_type: str
    valid_until: str | None = None
    replaces: Digest | None = None


def add_evidence(
    registry: Registry, actor: Actor, ref: VersionRef, path: Path, described: Description
) -> Recorded:
    """Keep the file at `path` as evidence for `ref`."""
    kind, data, predicate = evidence_row(_read(path), described)
    if described.replaces is not None:
        _get_standing(registry, ref, described.replaces)
    return record_document(registry, actor, ref, kind, data, predicate)


def evidence_row(data: bytes, described: Description) -> Row:
    """Return what `record_documents` takes to keep `data` as evidence; raise Usage for an unknown kind."""
    if described.kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise Usage(f"no kind of evidence is called {described.kind!r}", hint=f"kinds: {known}")
    predicate: dict[str, object] = {
        "kind": described.kind,
        "level": "verified",
        "mediaType": described.media_type,
        "size": len(data),
        "title": described.title,
    }
    if described.valid_until is not None:
        predicate["validUntil"] = end_of_day(described.valid_until)
    if described.replaces is not None:
        predicate["replaces"] = described.replaces
    return "evidence-added", data, predicate


def withdraw_evidence(
    registry: Registry, actor: Actor, ref: VersionRef, digest: Digest, reason: str
) -> Recorded:
    """Withdraw a document: dossiers that list it are stale; its bytes stay where they are."""
    _get_standing(registry, ref, digest)
    manifest = registry.get_manifest(ref)
    text = text_body(reason, "reason")
    about = (subject(ref, manifest), subject("evidence", digest))
    with writing(registry) as writer:
        predicate: dict[str, object] = {"reason": writer.put_body(text)}
        leaf = writer.append(actor.sign("evidence-withdrawn", about, predicate))[0]
    return Recorded(ref, digest, leaf.seq)


def list_evidence(registry: Registry, ref: VersionRef) -> tuple[Evidence, ...]:
    """Return the evidence that stands for `ref`, in the order added."""
    manifest = registry.get_manifest(ref)
    return read_state(registry, manifest).standing_evidence(manifest)


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_DOCUMENT:
            raise Malformed(f"{path}: {size} bytes, at most {MAX_DOCUMENT} are kept", hint="add a summary")
        return path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path}: cannot be read: {error.strerror}", hint="check the path") from error


def _get_standing(registry: Registry, ref: VersionRef, digest: Digest) -> Evidence:
    for found in list_evidence(registry, ref):
        if found.digest == digest:
            return found
    raise NotFound(f"{ref} has no standing evidence {digest}", hint=f"muniment evidence list {ref}")


def parse_digest(text: str) -> Digest:
    """Return the digest a person wrote; raise Usage for anything else."""
    try:
        return Digest(text)
    except ValueError as error:
        raise Usage(str(error), hint="copy the digest whole") from error
