"""Compute the checks of a frozen dossier again, from the documents it names.

What was signed must follow from what was frozen. A document that is not in the bundle leaves its dossier's
checks attested: signed by the reviewers, not recomputed here.
"""

from collections.abc import Mapping

from registry.bundle.findings import Findings
from registry.rules.check_rules import MonitoringCheck
from registry.rules.checks import CheckInputs, evaluate_checks
from registry.rules.dossier import CheckRow, DossierParts
from registry.rules.fairness import verify_bias_document
from registry.rules.risk import verify_risk_document
from registry.rules.snapshot_lines import parse_snapshot
from registry.trust.state import Request, State
from schemas.digest import Digest
from schemas.errors import VerificationError

CHECK = "dossier-checks"


def recompute_checks(
    state: State, bodies: Mapping[Digest, bytes], subjects: set[Digest], findings: Findings
) -> None:
    """Compare the checks of every frozen dossier about `subjects` with what its documents give."""
    requests = state.review_events(Request, subjects)
    for request in requests:
        if request.frozen is None:
            said = f"the dossier frozen at leaf {request.by.seq} is not here, and its checks with it"
            findings.note(CHECK, "CHECKS_ATTESTED", said)
        else:
            _recompute(state, request, request.frozen, bodies, findings)
    findings.settle(
        CHECK, f"the checks of {len(requests)} dossiers follow from what they name, or are attested"
    )


def _recompute(
    state: State, request: Request, frozen: DossierParts, bodies: Mapping[Digest, bytes], findings: Findings
) -> None:
    where = f"the dossier frozen at leaf {request.by.seq}"
    absent = [d for d in (frozen.lineage.snapshot, *frozen.bias_checks) if d not in bodies]
    if absent:
        findings.note(CHECK, "CHECKS_ATTESTED", f"{where} names {len(absent)} documents that are not here")
        return
    try:
        snapshot = parse_snapshot(bodies[frozen.lineage.snapshot])
        risk = frozen.risk and bodies.get(frozen.risk.assessment)
        if risk and verify_risk_document(risk).tier.word != frozen.tier:
            findings.fail(CHECK, "RISK_MISMATCH", f"{where} states another tier than its risk assessment")
        bias = tuple(verify_bias_document(bodies[d]) for d in frozen.bias_checks)
    except VerificationError as error:
        findings.refuse(CHECK, error)
        return
    lineage = snapshot.summary()
    stated = (frozen.lineage.nodes, frozen.lineage.edges, frozen.lineage.gaps, frozen.lineage.weakest)
    if stated != (len(snapshot.nodes), len(snapshot.edges), lineage.gaps, lineage.weakest):
        findings.fail(CHECK, "LINEAGE_MISMATCH", f"{where} counts its lineage otherwise than its snapshot")
    inputs = CheckInputs(
        evaluated_at=frozen.evaluated_at,
        # What the registration says of the bytes: hashed there, or taken on somebody's word.
        artifact_level=state.versions[request.manifest].artifact_level,
        lineage=lineage,
        tier=frozen.tier,
        bias=bias,
        evidence=frozen.evidence,
        monitored_at=_monitored_at(state, request, frozen),
    )
    policy = state.policies[request.policy_version].value
    again = {
        row.rule: row
        for row in evaluate_checks(policy, frozen.subject.namespace, request.environment, inputs)
    }
    unread = bool(state.missing.get(request.manifest))
    watched = {rule.id for rule in policy.checks if isinstance(rule.check, MonitoringCheck)}
    for row in frozen.checks:
        if unread and row.rule in watched:
            continue  # a report of monitoring may be among what is not here: its word is all there is
        expected = again.get(row.rule)
        if expected is None and row.by == "attested":
            continue  # not one of the typed checks: its word is all there is
        if expected is None or _answer(expected) != _answer(row):
            found = "no such check" if expected is None else expected.result
            said = f"{where} states {row.rule} as {row.result}, its documents give {found}"
            findings.fail(CHECK, "CHECK_MISMATCH", said)


def _monitored_at(state: State, request: Request, frozen: DossierParts) -> str | None:
    """Return when the latest report that the dossier lists was recorded, before the dossier was frozen."""
    times = [
        d.by.time
        for d in state.documents.get(request.manifest, ())
        if d.what == "monitoring" and d.digest in frozen.monitoring and d.by.seq < request.by.seq
    ]
    return times[-1] if times else None


def _answer(row: CheckRow) -> tuple[object, ...]:
    # The sentence beside a result may be worded better one day; result, weight and values may not change.
    return row.result, row.severity, row.values
