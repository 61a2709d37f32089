"""One version's page in one environment."""

from registry.acts.actor import text_of
from registry.acts.exceptions import exception_views
from registry.acts.heads import newest_granting_head
from registry.acts.reviews import find_asked
from registry.acts.state import read_state
from registry.acts.statuses import environments_of
from registry.acts.trail import list_trail_about
from registry.acts.unsealed import read_unsealed
from registry.acts.wording import Words, words_of
from registry.pages.fairness import fairness_page
from registry.pages.lineage import lineage_page
from registry.pages.reports import report_rows
from registry.pages.risk import risk_page
from registry.registry import Registry
from registry.rules.break_glass import LOUD, alarm
from registry.rules.dossier import CheckRow as FrozenCheck
from registry.rules.dossier import DossierParts
from registry.rules.receipt import decide
from registry.rules.status import Status, status
from registry.trust.reviews import review
from registry.trust.state import By, Decision, State, Version
from registry.views import (
    ApprovalRow,
    CheckRow,
    EvidenceRow,
    FileRow,
    Identity,
    LineagePage,
    QuorumRow,
    Standing,
    VersionPage,
)
from schemas.asset import parse_manifest, parse_version_ref
from schemas.digest import Digest
from schemas.errors import Unproven
from schemas.ledger import time_text
from schemas.statement import parse_envelope, parse_statement

_TABS = {
    "bias": "fairness",
    "risk": "risk",
    "lineage": "lineage",
    "trainingData": "lineage",
    "evidence": "evidence",
    "monitoring": "evidence",
}


def version_page(registry: Registry, subject: str, environment: str) -> VersionPage:
    """Return all about `subject` in `environment`: the open dossier, else the last one, else a draft."""
    ref = parse_version_ref(subject, namespace="main")
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    version, words = state.find_version(manifest), words_of(registry, state, manifest)
    if version is None:
        lost = status(state, manifest, environment, state.time).unproven
        why = "; ".join(map(words, lost)) or f"the registration of {ref} does not stand"
        raise Unproven(why, hint="muniment audit verify")
    now = time_text(registry.clock())
    found = status(state, manifest, environment, now)
    size, since = newest_granting_head(registry, state).size, read_unsealed(registry).since
    verdict = decide(state, manifest, environment, now, size, since)
    parts, dossier = _dossier(registry, state, manifest, environment)
    known = environments_of(state, manifest)
    policy = state.policy_set
    return VersionPage(
        environment=environment,
        environments=tuple(dict.fromkeys((*known, *((environment,) if environment else ())))),
        identity=_identity(registry, version),
        standing=_standing(registry, words, found, verdict.verdict, verdict.why, verdict.next),
        tier=found.tier or "",
        checks=tuple(_check(c) for c in parts.checks) if parts else (),
        quorum=tuple(QuorumRow(q.role, q.have, q.need) for q in found.quorum),
        dossier=dossier,
        policy="" if policy is None else f"policy set {policy.version}",
        risk=risk_page(registry, state, manifest),
        bias=fairness_page(registry, state, manifest),
        lineage=_lineage(registry, parts, str(ref)),
        evidence=_evidence(registry, state, manifest, now),
        approvals=_approvals(registry, state, manifest, environment),
        exceptions=exception_views(registry, found),
        audit=list_trail_about(registry, manifest),
        reports=report_rows(registry, state, manifest, now),
    )


def _dossier(
    registry: Registry, state: State, manifest: Digest, environment: str
) -> tuple[DossierParts | None, Digest | None]:
    asked = find_asked(state, manifest, environment)
    shown = next((a for a in asked if a.open), asked[-1] if asked else None)
    if shown is not None:
        return shown.request.frozen, shown.request.dossier
    if not environment:
        return None, None
    # A draft needs the lineage store, which is slow to import; a frozen dossier does not.
    from registry.acts.compose import compose_dossier  # noqa: PLC0415

    return compose_dossier(registry, state, manifest, environment, time_text(registry.clock())).parts, None


def _identity(registry: Registry, version: Version) -> Identity:
    body = registry.ledger.find_body(version.manifest)
    manifest = None if body is None else parse_manifest(body)
    runs = [f"{run.get('runId', '')} of {run.get('job', {}).get('name', '')}" for run in version.runs]
    return Identity(
        subject=str(version.ref),
        manifest=version.manifest,
        artifact=version.artifact,
        files=tuple(FileRow(f.path, f.digest, f.size) for f in manifest.files) if manifest else (),
        artifact_level="verified",
        authors=tuple(registry.names.name_of(a) for a in version.authors),
        registered_by=_who(registry, version.by),
        registered_at=version.by.time,
        runs=tuple(runs),
        parents=tuple(
            str(registry.versions.find_ref(p) or p) for p in (manifest.parents if manifest else ())
        ),
    )


def _standing(
    registry: Registry,
    words: Words,
    found: Status,
    verdict: str,
    why: tuple[str, ...],
    steps: tuple[str, ...],
) -> Standing:
    # The screen says it above everything else.
    spoken = [reason for reason in why or found.why if not reason.startswith(LOUD)]
    return Standing(
        status=found.status,
        version_state=found.version_state,
        verdict=verdict,
        why=tuple(map(words, spoken)),
        next=tuple(map(words, steps or found.next)),
        conditions=tuple(_text(registry, c) or _gone(registry, c) for c in found.conditions),
        unproven=tuple(map(words, found.unproven)),
        expires_at=found.expires_at or "",
        alarm=registry.names.in_words(alarm(found)),
    )


def _check(row: FrozenCheck) -> CheckRow:
    values = tuple((name, _plain(value)) for name, value in sorted(row.values.items()))
    return CheckRow(
        rule=row.rule,
        title=row.title,
        severity=row.severity,
        result=row.result,
        message=row.message,
        values=values,
        by=row.by,
        tab=_tab(row),
    )


def _tab(row: FrozenCheck) -> str:
    named = f"{row.rule} {' '.join(row.values)}".lower()
    return next((tab for word, tab in _TABS.items() if word.lower() in named), "overview")


def _plain(value: object) -> str:
    if isinstance(value, dict) and set(value) == {"num", "den"}:
        return f"{value['num']}/{value['den']}"
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{k} {_plain(v)}" for k, v in sorted(value.items()))
    return str(value)


def _lineage(registry: Registry, parts: DossierParts | None, root: str) -> LineagePage | None:
    if parts is None:
        return None
    body = registry.ledger.find_body(parts.lineage.snapshot)
    if body is None:
        return None
    return lineage_page(body, parts.lineage.snapshot, root, parts.lineage.weakest)


def _evidence(registry: Registry, state: State, manifest: Digest, now: str) -> tuple[EvidenceRow, ...]:
    rows = []
    standing = {e.digest for e in state.standing_evidence(manifest)}
    for added in state.evidence.get(manifest, ()):
        if added.withdrawn:
            continue
        said = _said(registry, added.by)
        expired = added.valid_until is not None and added.valid_until < now
        kept = "current" if added.digest in standing else "withdrawn"
        rows.append(
            EvidenceRow(
                kind=added.kind,
                title=str(said.get("title", "")),
                digest=added.digest,
                level=added.level,
                media_type=str(said.get("mediaType", "")),
                size=_number(said.get("size")),
                added_by=_who(registry, added.by),
                added_at=added.by.time,
                valid_until=added.valid_until or "",
                state=_if_erased(registry, added.digest)
                or ("expired" if kept == "current" and expired else kept),
            )
        )
    return tuple(rows)


def _approvals(
    registry: Registry, state: State, manifest: Digest, environment: str
) -> tuple[ApprovalRow, ...]:
    rows = []
    for decided in review(state, manifest, environment).decided:
        ended = f"ended by leaf {decided.ended_by}" if decided.ended_by is not None else ""
        counts = decided.void is None and decided.ended_by is None
        rows.append(_approval(registry, decided.decision, counts, decided.void or ended))
    return tuple(reversed(rows))


def _approval(registry: Registry, decision: Decision, counts: bool, note: str) -> ApprovalRow:
    return ApprovalRow(
        seq=decision.by.seq,
        decision=decision.decision,
        reviewer=registry.names.name_of(decision.person),
        role=decision.role,
        decided_at=decision.decided_at,
        dossier=decision.dossier,
        keyid=decision.by.keyid,
        counts=counts,
        note="; ".join(
            filter(None, (note, _if_erased(registry, decision.reason) if decision.reason else ""))
        ),
        reason=_text(registry, decision.reason) if decision.reason else None,
        conditions=tuple(_text(registry, c) or _gone(registry, c) for c in decision.conditions),
        expires_at=decision.expires_at or "",
    )


def _said(registry: Registry, by: By) -> dict[str, object]:
    body = registry.ledger.find_body(by.envelope) if by.envelope else None
    return parse_statement(parse_envelope(body).payload).predicate if body else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _text(registry: Registry, digest: Digest) -> str | None:
    body = registry.ledger.find_body(digest)
    return None if body is None else text_of(body)


def _if_erased(registry: Registry, digest: Digest) -> str:
    erased = registry.ledger.erasures.find(digest)
    return "" if erased is None else str(erased)


def _gone(registry: Registry, digest: Digest) -> str:
    return _if_erased(registry, digest) or "not here"


def _who(registry: Registry, by: By) -> str:
    return registry.names.name_of(by.person) if by.person else (by.service or by.keyid[:16])
