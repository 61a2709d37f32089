"""Evidence: documents about a version, hashed here."""

from pathlib import Path

from registry.acts.actor import Actor
from registry.acts.days import end_of_day
from registry.acts.record import MAX_DOCUMENT, Recorded, record_document
from registry.acts.state import read_state
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


def add_evidence(
    registry: Registry,
    actor: Actor,
    ref: VersionRef,
    path: Path,
    *,
    kind: str,
    title: str,
    media_type: str,
    valid_until: str | None = None,
) -> Recorded:
    """Keep the file at `path` as evidence of `kind` for `ref`."""
    if kind not in KINDS:
        raise Usage(f"no kind of evidence is called {kind!r}", hint=f"kinds: {', '.join(sorted(KINDS))}")
    try:
        size = path.stat().st_size
        if size > MAX_DOCUMENT:
            raise Malformed(f"{path}: {size} bytes, at most {MAX_DOCUMENT} are kept", hint="add a summary")
        data = path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path}: cannot be read: {error.strerror}", hint="check the path") from error
    predicate: dict[str, object] = {
        "kind": kind,
        "level": "verified",
        "mediaType": media_type,
        "size": len(data),
        "title": title,
    }
    if valid_until is not None:
        predicate["validUntil"] = end_of_day(valid_until)
    return record_document(registry, actor, ref, "evidence-added", data, predicate)


def list_evidence(registry: Registry, ref: VersionRef) -> tuple[Evidence, ...]:
    """Return the evidence that stands for `ref`, in the order added."""
    manifest = registry.get_manifest(ref)
    return read_state(registry, manifest).standing_evidence(manifest)


def parse_digest(text: str) -> Digest:
    """Return the digest a person wrote; raise Usage for anything else."""
    try:
        return Digest(text)
    except ValueError as error:
        raise Usage(str(error), hint="copy the digest whole") from error
