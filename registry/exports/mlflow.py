"""Our decision as the four tags that are set on a version in MLflow (interop section 5, point 8)."""

from registry.acts.state import read_state
from registry.acts.statuses import environments_of
from registry.registry import Registry
from registry.rules.status import status
from registry.trust.state import State
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import Usage
from schemas.ledger import time_text

STATUS, DECISION, DECIDED_AT, EVIDENCE = (
    "muniment.status",
    "muniment.decision_id",
    "muniment.decided_at",
    "muniment.evidence_sha256",
)


def decision_tags(registry: Registry, ref: VersionRef, environment: str | None) -> tuple[str, dict[str, str]]:
    """Return the environment and the tags of `ref` there: status, latest decision, its time, its dossier.

    What there is none of is empty, so that a tag of earlier days does not stay. Raise Usage unless the
    environment is named or is the only one.
    """
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    where = environment or _only_environment(state, ref, manifest)
    found = status(state, manifest, where, time_text(registry.clock()))
    decisions = sorted((*found.approvals, *found.rejections), key=lambda d: d.by.seq)
    latest = decisions[-1] if decisions else None
    dossier = latest.dossier if latest is not None else found.dossier
    return where, {
        STATUS: found.status,
        DECISION: latest.envelope.hex if latest is not None else "",
        DECIDED_AT: latest.by.time if latest is not None else "",
        EVIDENCE: dossier.hex if dossier is not None else "",
    }


def _only_environment(state: State, ref: VersionRef, manifest: Digest) -> str:
    known = environments_of(state, manifest)
    if len(known) == 1:
        return known[0]
    if not known:
        raise Usage(f"nobody asked for a decision about {ref}", hint=f"muniment request {ref} --env ENV")
    raise Usage(f"{ref} is decided on for {', '.join(known)}", hint="name one with --env")
