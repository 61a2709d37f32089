"""How recorded reports are listed: the same for evaluations and for monitoring."""

from collections.abc import Iterable, Iterator
from typing import Any

from registry.acts.evaluate import Of, list_reports
from registry.trust.state import Document
from schemas.evaluation_report import EvaluationReport
from tui.output import emit, table
from tui.session import opened, version_ref
from tui.settings import Settings

Reports = Iterable[tuple[Document, EvaluationReport]]


def emit_reports(settings: Settings, version: str, of: Of, *, as_json: bool) -> None:
    """Print every report of one kind recorded for the version."""
    ref = version_ref(settings, version)
    with opened(settings, read_only=True) as registry:
        found = list_reports(registry, ref, of)
    none = (f"{ref}: no {of} is recorded. This is a gap, not a pass.",)
    value = {"subject": str(ref), "items": _items(found)}
    emit(value, as_json=as_json, text=lambda: _lines(found) if found else none)


def _items(found: Reports) -> list[dict[str, Any]]:
    return [
        {**report.to_document(), "document": d.digest, "leaf": d.by.seq, "recorded_at": d.by.time}
        for d, report in found
    ]


def _lines(found: Reports) -> Iterator[str]:
    for document, report in found:
        named = dict(report.source).get("name", "")
        yield f"{report.tool}  {named}  leaf {document.by.seq}  {document.by.time}  (reported)"
        rows = [(m.name, " ".join(f"{a}={v}" for a, v in m.part), m.value) for m in report.metrics]
        yield from table(("METRIC", "PART", "VALUE"), rows) if rows else ()
        checked = [(o.result, o.name, o.message) for o in report.outcomes]
        yield from table(("RESULT", "CHECK", "SAID"), checked) if checked else ()
        yield ""
