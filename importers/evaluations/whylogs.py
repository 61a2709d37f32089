"""whylogs 1.6: a profile's column summaries as JSON, and the report of its constraints.

Summaries are `{column: view.to_summary_dict()}`, or one column's alone; the constraint report is the list of
`generate_constraints_report()`, whose rows are (name, passed, failed, summary).
"""

from typing import Any

from importers.evaluations.json_value import AGAIN, shape_of
from importers.evaluations.numbers import numbers_in
from importers.evaluations.report import Results
from schemas.errors import Malformed
from schemas.evaluation_report import Metric, Outcome, Result

BLIND_SPOTS = (
    "frequent items: they may be about people and are not taken",
    "which data was profiled, and what it was compared with",
    "quantiles and cardinalities are estimates",
)
_FAMILIES = ("counts/", "types/", "distribution/", "cardinality/", "ints/")
_ROW = 3


def is_whylogs(value: Any) -> bool:
    """Tell whether a JSON value is a column summary or a report of constraints."""
    return _is_report(value) or _is_summary(value) or _is_columns(value)


def read_whylogs(name: str, value: Any) -> Results:
    """Return the numbers of every column, or the outcome of every constraint."""
    with shape_of(name, "what whylogs 1.6 writes"):
        if _is_report(value):
            metrics: tuple[Metric, ...] = ()
            outcomes = tuple(_outcome(name, number, row) for number, row in enumerate(value, 1))
        else:
            columns = {"": value} if _is_summary(value) else value
            outcomes = ()
            metrics = tuple(
                Metric(key, (("column", column),) if column else (), text)
                for column, summary in columns.items()
                for key, text in numbers_in(summary)
            )
    return Results("whylogs", metrics, outcomes, blind_spots=BLIND_SPOTS)


def _is_summary(value: Any) -> bool:
    return isinstance(value, dict) and any(
        key.startswith(_FAMILIES) and not isinstance(item, dict) for key, item in value.items()
    )


def _is_columns(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(_is_summary(item) for item in value.values())


def _is_report(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_row(row) for row in value)


def _is_row(row: Any) -> bool:
    if isinstance(row, dict):
        return {"name", "passed", "failed"} <= row.keys()
    return isinstance(row, list) and len(row) >= _ROW and isinstance(row[0], str)


def _outcome(name: str, number: int, row: Any) -> Outcome:
    title, passed, failed = (
        (row["name"], row["passed"], row["failed"]) if isinstance(row, dict) else row[:_ROW]
    )
    for count in (passed, failed):
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise Malformed(
                f"{name}: row {number}: expected how often it passed, found {count!r:.40}", hint=AGAIN
            )
    result: Result = "fail" if failed else "pass" if passed else "skipped"
    return Outcome(str(title), result, f"passed {passed}, failed {failed}")
