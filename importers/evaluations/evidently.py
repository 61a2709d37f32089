"""Evidently 0.7's JSON: metrics of columns, and tests whose status says what held.

Some methods alarm above their threshold and some below it (a p-value), so no number is compared here.
"""

from collections.abc import Iterator
from typing import Any

from importers.evaluations.json_value import shape_of
from importers.evaluations.numbers import as_number, numbers_in
from importers.evaluations.report import Results
from schemas.errors import Malformed
from schemas.evaluation_report import Metric, Outcome, Result

BLIND_SPOTS = (
    "which data was compared with which: the report names columns only",
    "metrics that no test was put on: they are numbers without an outcome",
    "pictures and tables of the report",
)
_MESSAGE = 500
_RESULTS: dict[str, Result] = {
    "SUCCESS": "pass",
    "FAIL": "fail",
    "WARNING": "fail",
    "ERROR": "error",
    "SKIPPED": "skipped",
}


def is_evidently(value: Any) -> bool:
    """Tell whether a JSON value is a report of Evidently 0.7."""
    if not isinstance(value, dict) or not isinstance(value.get("metrics"), list):
        return False
    rows = value["metrics"]
    return isinstance(value.get("tests", []), list) and all(
        isinstance(row, dict) and "metric_name" in row for row in rows
    )


def read_evidently(name: str, value: Any) -> Results:
    """Return every number by column and method, and the outcome of each test as its status says."""
    with shape_of(name, "what Evidently 0.7 writes"):
        metrics = tuple(metric for row in value["metrics"] for metric in _metrics(row))
        outcomes = tuple(_outcome(name, row) for row in value.get("tests") or ())
    if not metrics and not outcomes:
        raise Malformed(f"{name}: no number and no test is in it", hint="export a report that was run")
    return Results("evidently", metrics, outcomes, blind_spots=BLIND_SPOTS)


def _metrics(row: dict[str, Any]) -> Iterator[Metric]:
    config = row.get("config") or {}
    kind = str(config.get("type") or row["metric_name"]).rpartition(":")[2]
    part = tuple(sorted((key, text) for key, item in config.items() if (text := _setting(key, item))))
    value = row["value"]
    if isinstance(value, dict):
        for key, text in numbers_in(value):
            yield Metric(f"{kind}/{key}", part, text)
    elif (number := as_number(value)) is not None:
        yield Metric(kind, part, number)


def _setting(key: str, item: Any) -> str | None:
    if key == "type":
        return None
    return item if isinstance(item, str) else as_number(item)


def _outcome(name: str, row: dict[str, Any]) -> Outcome:
    status = row["status"]
    if status not in _RESULTS:
        raise Malformed(
            f"{name}: test {str(row['name'])[:80]!r}: status {status!r:.40} is not known",
            hint=f"known: {', '.join(_RESULTS)}",
        )
    said = str(row.get("description") or "")
    if status == "WARNING":
        said = f"not critical: {said}"
    return Outcome(str(row["name"]), _RESULTS[status], said[:_MESSAGE])
