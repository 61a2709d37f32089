"""What other tools reported of a version: evaluations, and what monitoring saw of it in use."""

from registry.registry import Registry
from registry.trust.state import Document, State
from registry.views import ReportRow
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.evaluation_report import EvaluationReport, parse_report
from schemas.ledger import moment

_KINDS = ("monitoring", "evaluation")
_ALARMING = ("fail", "error")


def report_rows(registry: Registry, state: State, manifest: Digest, now: str) -> tuple[ReportRow, ...]:
    """Return every standing report, what monitoring saw first, each kind newest first."""
    return tuple(
        _row(registry, document, now)
        for kind in _KINDS
        for document in reversed(state.standing_documents(manifest, kind))
    )


def _row(registry: Registry, document: Document, now: str) -> ReportRow:
    age = max(0, (moment(now) - moment(document.by.time)).days)
    body = registry.ledger.find_body(document.digest)
    report: EvaluationReport | None
    try:
        report = None if body is None else parse_report(body)
    except VerificationError:
        report = None
    if report is None:
        erased = registry.ledger.erasures.find(document.digest)
        gone = "absent or damaged" if erased is None else str(erased)
        return ReportRow(document.what, "", "", document.digest, document.by.time, age, state=gone)
    return ReportRow(
        of=document.what,
        tool=report.tool,
        title=str(dict(report.source).get("name", "")),
        digest=document.digest,
        recorded_at=document.by.time,
        age=age,
        numbers=len(report.metrics),
        alarming=sum(outcome.result in _ALARMING for outcome in report.outcomes),
        checked=len(report.outcomes),
    )
