"""How recorded reports are listed: the same for evaluations and for monitoring."""

from collections.abc import Iterable, Iterator
from typing import Any

from registry.trust.state import Document
from schemas.evaluation_report import EvaluationReport
from tui.output import table

Reports = Iterable[tuple[Document, EvaluationReport]]


def items_of(found: Reports) -> list[dict[str, Any]]:
    """Return the reports for JSON, each with where the log holds it."""
    return [
        {**report.to_document(), "document": d.digest, "leaf": d.by.seq, "recorded_at": d.by.time}
        for d, report in found
    ]


def lines_of(found: Reports) -> Iterator[str]:
    """Yield each report: what made it, its numbers, the outcomes of its checks."""
    for document, report in found:
        named = dict(report.source).get("name", "")
        yield f"{report.tool}  {named}  leaf {document.by.seq}  {document.by.time}  (reported)"
        rows = [(m.name, " ".join(f"{a}={v}" for a, v in m.part), m.value) for m in report.metrics]
        yield from table(("METRIC", "PART", "VALUE"), rows) if rows else ()
        checked = [(o.result, o.name, o.message) for o in report.outcomes]
        yield from table(("RESULT", "CHECK", "SAID"), checked) if checked else ()
        yield ""
