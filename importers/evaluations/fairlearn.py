"""Fairlearn's MetricFrame as JSON records: one row per group, `selection_rate` and `count` beside the rest.

Made by `frame.by_group.reset_index().to_json(orient="records")`; an object with `by_group` and `overall` is
read as well. The selected people are the rate times the count, so a rate of another count is noticed.
"""

from typing import Any

from importers.evaluations.report import Results
from schemas.errors import Malformed
from schemas.evaluation import BiasInput, GroupCounts, Polarity
from schemas.evaluation_report import Metric, number_text

RATE, COUNT = "selection_rate", "count"
BLIND_SPOTS = (
    "whether people want the outcome: taken as favourable unless --unfavourable is said",
    "people whose group is not known",
)
_NEAR = 1e-6


def is_fairlearn(value: Any) -> bool:
    """Tell whether a JSON value is a MetricFrame's table by group."""
    rows = value.get("by_group") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return False
    return COUNT in rows[0]


def read_fairlearn(name: str, value: Any, polarity: Polarity) -> Results:
    """Return counts of groups where there are rates, and every other number as a metric of its group."""
    rows = value["by_group"] if isinstance(value, dict) else value
    by = [key for key, item in rows[0].items() if isinstance(item, str)]
    if not by:
        raise Malformed(f"{name}: no column names the groups", hint="export the frame with reset_index()")
    metrics: list[Metric] = []
    groups: list[GroupCounts] = []
    warnings: list[str] = []
    for number, row in enumerate(rows, 1):
        if set(row) != set(rows[0]):
            raise Malformed(f"{name}: row {number} has other columns than row 1")
        part = tuple(sorted((key, str(row[key])) for key in by))
        for key, item in row.items():
            if key not in by and isinstance(item, int | float) and not isinstance(item, bool):
                metrics.append(Metric(key, part, number_text(item)))
        if RATE in row:
            groups.append(_counts(name, number, row, by, warnings))
    overall = value.get("overall", {}) if isinstance(value, dict) else {}
    metrics += [
        Metric(key, (), number_text(item))
        for key, item in overall.items()
        if isinstance(item, int | float) and not isinstance(item, bool)
    ]
    checks = (BiasInput("*".join(by), "general", "best", polarity, 0, tuple(groups)),) if groups else ()
    return Results("fairlearn", tuple(metrics), (), checks, tuple(warnings), BLIND_SPOTS)


def _counts(name: str, number: int, row: dict[str, Any], by: list[str], warnings: list[str]) -> GroupCounts:
    rate, count = row[RATE], row[COUNT]
    label = ", ".join(str(row[key]) for key in by)
    if not isinstance(count, int | float) or isinstance(count, bool) or count < 0 or count != int(count):
        raise Malformed(f"{name}: row {number}: {COUNT}: expected a number of people, found {count!r}")
    if rate is None and count == 0:
        return GroupCounts(label, 0, 0)
    if not isinstance(rate, int | float) or isinstance(rate, bool) or not 0 <= rate <= 1:
        raise Malformed(f"{name}: row {number}: {RATE}: expected a share from 0 to 1, found {rate!r}")
    selected = round(rate * count)
    if abs(rate * count - selected) > _NEAR * max(count, 1):
        warnings.append(f"row {number}: {rate} of {int(count)} people is not whole, taken as {selected}")
    return GroupCounts(label, int(count), selected)
