"""Evidence, evaluations, bias checks, reports of monitoring and risk assessments of a version."""

from sys import intern
from typing import Literal

from registry.trust.opening import Opened, holds_role, require_signer, require_version
from registry.trust.predicates import (
    DocumentRecorded,
    EvidenceAdded,
    EvidenceWithdrawn,
    RiskAssessed,
    parse_predicate,
)
from registry.trust.review_parts import TIER_RANK
from registry.trust.state import Document, Evidence, State
from schemas.digest import Digest


def evidence_added(state: State, opened: Opened) -> None:
    """Add a document, in the place of another one where it says so."""
    version, digest = require_version(state, opened, "evidence")
    by = require_signer(state, opened, version.ref.namespace)
    added = parse_predicate(opened.statement.predicate, EvidenceAdded)
    # Asked of a service alone: over a version's many documents the look back is what costs.
    last = _last_word(state, version.manifest, digest) if by.person is None else None
    if last is not None and last.withdrawn and last.by.person is not None:
        raise opened.refuse("ROLE_MISSING", "a person withdrew it: a service does not put it back")
    event = Evidence(
        digest, intern(added.kind), added.level, added.valid_until, added.replaces, withdrawn=False, by=by
    )
    _add_evidence(state, version.manifest, event)


def evidence_withdrawn(state: State, opened: Opened) -> None:
    """Withdraw a document: dossiers that list it no longer stand."""
    version, digest = require_version(state, opened, "evidence")
    by = require_signer(state, opened, version.ref.namespace)
    parse_predicate(opened.statement.predicate, EvidenceWithdrawn)
    if digest not in {e.digest for e in state.standing_evidence(version.manifest)}:
        raise opened.refuse("SUBJECT_MISMATCH", "no such document stands as evidence for the version")
    _add_evidence(state, version.manifest, Evidence(digest, "", "", None, None, withdrawn=True, by=by))


def evaluation_recorded(state: State, opened: Opened) -> None:
    """Record an evaluation."""
    _record(state, opened, "evaluation")


def bias_recorded(state: State, opened: Opened) -> None:
    """Record a bias check."""
    _record(state, opened, "bias")


def monitoring_recorded(state: State, opened: Opened) -> None:
    """Record what monitoring saw of a version in use."""
    _record(state, opened, "monitoring")


def risk_assessed(state: State, opened: Opened) -> None:
    """Record a risk assessment; the latest gives the version its tier."""
    version, digest = require_version(state, opened, "document")
    by = require_signer(state, opened, version.ref.namespace)
    tier = parse_predicate(opened.statement.predicate, RiskAssessed).tier
    # Anybody may raise a tier; a lower one loosens the rules, so a risk approver signs it.
    lowers = TIER_RANK[tier] < TIER_RANK[state.find_tier(version.manifest)]
    if lowers and not holds_role(state, by, "risk-approver", version.ref.namespace, None):
        raise opened.refuse("ROLE_MISSING", "only a risk approver lowers a tier")
    _add_document(state, version.manifest, Document("risk", digest, tier, "", "", by))


def _record(state: State, opened: Opened, what: Literal["evaluation", "bias", "monitoring"]) -> None:
    version, digest = require_version(state, opened, "document")
    by = require_signer(state, opened, version.ref.namespace)
    found = parse_predicate(opened.statement.predicate, DocumentRecorded)
    _add_document(state, version.manifest, Document(what, digest, None, found.attribute, found.rule, by))


def _last_word(state: State, manifest: Digest, digest: Digest) -> Evidence | None:
    told = reversed(state.evidence.get(manifest, ()))
    return next((event for event in told if event.digest == digest), None)


def _add_evidence(state: State, manifest: Digest, event: Evidence) -> None:
    state.evidence.setdefault(manifest, []).append(event)


def _add_document(state: State, manifest: Digest, document: Document) -> None:
    state.documents.setdefault(manifest, []).append(document)
