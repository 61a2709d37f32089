"""Composing a dossier from what the log and the lineage store hold (RECORDS section 4)."""

from typing import cast

import msgspec

from registry.acts.history import history_of
from registry.acts.reviews import find_asked
from registry.pages.fairness import latest_checks
from registry.registry import Registry
from registry.rules.check_rules import Level
from registry.rules.checks import CheckInputs, evaluate_checks
from registry.rules.dossier import (
    CheckRow,
    DossierParts,
    EvidenceRow,
    Lineage,
    PolicyRow,
    RiskRow,
    Subject,
    build_dossier,
)
from registry.rules.fairness import verify_bias_document
from registry.rules.policy import PolicySet
from registry.rules.risk import verify_risk_document
from registry.rules.snapshot_lines import parse_snapshot
from registry.trust.predicates import Tier
from registry.trust.state import Document, PolicyInForce, State, Version
from schemas.digest import Digest
from schemas.errors import Refused, Unproven, VerificationError
from schemas.evaluation import BiasCheck


class Composed(msgspec.Struct, frozen=True):
    """A dossier not yet frozen: its parts, its bytes, and the snapshot it names."""

    parts: DossierParts
    dossier: bytes
    snapshot: bytes
    members: frozenset[str]


def compose_dossier(
    registry: Registry,
    state: State,
    manifest: Digest,
    environment: str,
    at: str,
    *,
    policy: PolicyInForce | None = None,
    requester: str | None = None,
) -> Composed:
    """Return the dossier of `manifest` for `environment` as things stand, its checks computed at `at`."""
    version = state.find_version(manifest)
    policy = policy or state.policy_set
    if version is None:
        raise Unproven("the registration of this version does not stand", hint="muniment audit verify")
    if policy is None:
        raise Refused("no policy set is in force", hint="muniment policy sign FILE")
    history = history_of(registry, state, version)
    read = parse_snapshot(history.body).summary()
    risk = state.find_risk(manifest)
    evidence = tuple(
        EvidenceRow(kind=e.kind, digest=e.digest, level=cast("Level", e.level), valid_until=e.valid_until)
        for e in state.standing_evidence(manifest)
    )
    documents = latest_checks(state, manifest)
    seen = state.standing_documents(manifest, "monitoring")
    inputs = CheckInputs(
        evaluated_at=at,
        artifact_level=version.artifact_level,
        lineage=read,
        tier=None if risk is None else _read_tier(registry, risk),
        bias=tuple(_read_bias(registry, d.digest) for d in documents),
        evidence=evidence,
        monitored_at=seen[-1].by.time if seen else None,
    )
    parts = DossierParts(
        environment=environment,
        subject=_subject(version),
        evaluated_at=at,
        authors=tuple(sorted({*version.authors, *((requester,) if requester else ())})),
        lineage=Lineage(
            snapshot=history.digest,
            nodes=history.nodes,
            edges=history.edges,
            gaps=read.gaps,
            weakest=cast("Level", read.weakest),
        ),
        policy_set=PolicyRow(version=policy.version, digest=policy.digest),
        previous=_previous(state, manifest, environment),
        evidence=evidence,
        bias_checks=tuple(d.digest for d in documents),
        evaluations=tuple(d.digest for d in state.standing_documents(manifest, "evaluation")),
        monitoring=tuple(d.digest for d in seen),
        risk=None
        if risk is None or risk.tier is None
        else RiskRow(assessment=risk.digest, tier=cast("Tier", risk.tier)),
        checks=_checks(policy.value, version, environment, inputs),
    )
    return Composed(parts, build_dossier(parts), history.body, history.members)


def _checks(
    policy: PolicySet, version: Version, environment: str, inputs: CheckInputs
) -> tuple[CheckRow, ...]:
    return evaluate_checks(policy, version.ref.namespace, environment, inputs)


def _subject(version: Version) -> Subject:
    ref = version.ref
    return Subject(namespace=ref.namespace, name=ref.name, version=ref.version, manifest=version.manifest)


def _previous(state: State, manifest: Digest, environment: str) -> Digest | None:
    """Return the dossier of the newest approval this one would follow."""
    granted = [a for a in find_asked(state, manifest, environment) if a.granted_by is not None]
    return granted[-1].request.dossier if granted else None


def _read_tier(registry: Registry, risk: Document) -> str:
    try:
        assessment = verify_risk_document(registry.ledger.get_body(risk.digest))
    except VerificationError as error:
        raise Unproven(f"the risk assessment {risk.digest} cannot be read: {error.message}") from error
    if assessment.tier.word != risk.tier:
        raise Unproven(
            f"the risk assessment gives {assessment.tier.word}, "
            f"its record at leaf {risk.by.seq} says {risk.tier}",
            hint="muniment risk assess FILE --for M@V",
        )
    return assessment.tier.word


def _read_bias(registry: Registry, digest: Digest) -> BiasCheck:
    try:
        return verify_bias_document(registry.ledger.get_body(digest))
    except VerificationError as error:
        raise Unproven(f"the bias check {digest} cannot be read: {error.message}") from error
