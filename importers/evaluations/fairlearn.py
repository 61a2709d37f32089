"""Fairlearn's MetricFrame as JSON records: one row per group, `selection_rate` and `count` beside the rest.

Made by `frame.by_group.reset_index().to_json(orient="records")`; an object with `by_group` and `overall` is
read as well. The selected people are the rate times the count, so a rate of another count is noticed.
"""

from typing import Any

from importers.evaluations.json_value import shape_of
from importers.evaluations.numbers import numbers_in
from importers.evaluations.report import Results
from schemas.errors import Malformed
from schemas.evaluation import BiasInput, GroupCounts, Polarity
from schemas.evaluation_report import Metric

RATE, COUNT = "selection_rate", "count"
BLIND_SPOTS = (
    "whether people want the outcome: taken as favourable unless --unfavourable is said",
    "people whose group is not known",
)
_NEAR = 1e-6
_PEOPLE = 10**15


def is_fairlearn(value: Any) -> bool:
    """Tell whether a JSON value is a MetricFrame's table by group."""
    rows = value.get("by_group") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return False
    return COUNT in rows[0]


def read_fairlearn(name: str, value: Any, polarity: Polarity) -> Results:
    """Return counts of groups where there are rates, and every other number as a metric of its group."""
    with shape_of(name, "a MetricFrame by group"):
        held = value if isinstance(value, dict) else {"by_group": value}
        return _read(name, held["by_group"], dict(held.get("overall") or {}), polarity)


def _read(name: str, rows: list[dict[str, Any]], overall: dict[str, Any], polarity: Polarity) -> Results:
    by = [key for key, item in rows[0].items() if isinstance(item, str)]
    if not by:
        raise Malformed(f"{name}: no column names the groups", hint="export the frame with reset_index()")
    metrics: list[Metric] = []
    groups: dict[str, GroupCounts] = {}
    warnings: list[str] = []
    for number, row in enumerate(rows, 1):
        if set(row) != set(rows[0]):
            raise Malformed(f"{name}: row {number} has other columns than row 1")
        part = tuple(sorted((key, str(row[key])) for key in by))
        metrics += [Metric(key, part, text) for key, text in numbers_in(row) if key not in by]
        if RATE in row:
            counts = _counts(name, number, row, by, warnings)
            if counts.label in groups:
                raise Malformed(
                    f"{name}: row {number}: {counts.label!r} is there twice",
                    hint="export the frame of one control",
                )
            groups[counts.label] = counts
    metrics += [Metric(key, (), text) for key, text in numbers_in(overall)]
    checks = (
        (BiasInput("*".join(by), "general", "best", polarity, 0, tuple(groups.values())),) if groups else ()
    )
    return Results("fairlearn", tuple(metrics), (), checks, tuple(warnings), BLIND_SPOTS)


def _counts(name: str, number: int, row: dict[str, Any], by: list[str], warnings: list[str]) -> GroupCounts:
    rate, count = row[RATE], row[COUNT]
    label = ", ".join(str(row[key]) for key in by)
    if not _is_number(count) or not 0 <= count <= _PEOPLE or count != int(count):
        raise Malformed(f"{name}: row {number}: {COUNT}: expected a number of people, found {count!r:.40}")
    if rate is None and count == 0:
        return GroupCounts(label, 0, 0)
    if not _is_number(rate) or not 0 <= rate <= 1:
        raise Malformed(f"{name}: row {number}: {RATE}: expected a share from 0 to 1, found {rate!r:.40}")
    selected = round(rate * count)
    if abs(rate * count - selected) > _NEAR * max(count, 1):
        warnings.append(f"row {number}: {rate} of {int(count)} people is not whole, taken as {selected}")
    return GroupCounts(label, int(count), selected)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
