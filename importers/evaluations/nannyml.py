"""NannyML's wide table as CSV: a row per chunk, a value, thresholds and an alert per column and method.

Made by `results.to_df(multilevel=False).to_csv(index=False)`. The alert decides, thresholds are told.
"""

from collections.abc import Iterator

import msgspec

from importers.evaluations.numbers import text_as_number
from importers.evaluations.report import Results
from importers.evaluations.table import Table
from schemas.errors import Malformed
from schemas.evaluation_report import Metric, Outcome, Result

BLIND_SPOTS = (
    "confidence boundaries and sampling errors",
    "which rows of the data a chunk holds: its key is all that is known",
    "the performance that came true, where the table has an estimate alone",
)
_KEY, _PERIOD = ("chunk_key", "key"), ("chunk_period", "period")
_METHODS = (
    "jensen_shannon",
    "kolmogorov_smirnov",
    "wasserstein",
    "hellinger",
    "l_infinity",
    "chi2",
    "reconstruction_error",
    "domain_classifier_auroc",
    "domain_classifier",
)
_ALERTS: dict[str, Result] = {"true": "fail", "false": "pass", "": "skipped", "nan": "skipped"}


class _Watched(msgspec.Struct, frozen=True):
    """One column and method, and where its cells stand; `column` is empty for what is of the whole model."""

    column: str
    method: str
    value: int
    alert: int
    lower: int | None
    upper: int | None
    realized: int | None


def is_nannyml(table: Table) -> bool:
    """Tell whether a table has chunks and, for something, a value and an alert."""
    return _find(table, _KEY) is not None and bool(_watched(table))


def read_nannyml(table: Table) -> Results:
    """Return a metric and an outcome for every column, method and chunk."""
    key, period, watched = _find(table, _KEY), _find(table, _PERIOD), _watched(table)
    if key is None or not watched:
        raise Malformed(
            f"{table.name}: not what NannyML writes: expected chunk_key and columns that end in _alert",
            hint="export results.to_df(multilevel=False) as CSV",
        )
    metrics: list[Metric] = []
    outcomes: list[Outcome] = []
    for line, cells in table.rows():
        when = cells[period] if period is not None else ""
        for item in watched:
            where = f"{table.name}: line {line}: {table.columns[item.value]}"
            number = _number(where, cells[item.value])
            about = (("chunk", cells[key]), ("column", item.column), ("period", when))
            part = tuple(pair for pair in about if pair[1])
            metrics.append(Metric(item.method, part, number))
            if item.realized is not None:
                metrics.append(Metric(f"{item.method}/realized", part, _number(where, cells[item.realized])))
            named = "/".join(word for word in (item.column, item.method, when, cells[key]) if word)
            outcomes.append(Outcome(named, _alert(table, line, item, cells), _said(item, number, cells)))
    if not outcomes:
        raise Malformed(f"{table.name}: no chunk is in it", hint="export results that hold chunks")
    return Results("nannyml", tuple(metrics), tuple(outcomes), blind_spots=BLIND_SPOTS)


def _find(table: Table, names: tuple[str, str]) -> int | None:
    return next((table.columns.index(name) for name in names if name in table.columns), None)


def _watched(table: Table) -> list[_Watched]:
    at = {column: place for place, column in enumerate(table.columns)}
    return [
        _Watched(
            *_split(stem),
            value=at[f"{stem}_value"],
            alert=place,
            lower=at.get(f"{stem}_lower_threshold"),
            upper=at.get(f"{stem}_upper_threshold"),
            realized=at.get(f"{stem}_realized"),
        )
        for column, place in at.items()
        if column.endswith("_alert") and f"{(stem := column.removesuffix('_alert'))}_value" in at
    ]


def _split(stem: str) -> tuple[str, str]:
    for method in _METHODS:
        if stem.endswith(f"_{method}"):
            return stem.removesuffix(f"_{method}"), method
    return "", stem


def _number(where: str, cell: str) -> str:
    number = text_as_number(cell) if cell else "nan"
    if number is None:
        raise Malformed(f"{where}: expected a number, found {cell[:40]!r}", hint="export the results again")
    return number


def _alert(table: Table, line: int, item: _Watched, cells: list[str]) -> Result:
    said = cells[item.alert].lower()
    if said not in _ALERTS:
        raise Malformed(
            f"{table.name}: line {line}: {table.columns[item.alert]}: expected True or False, "
            f"found {said[:40]!r}",
            hint="export the results again",
        )
    return _ALERTS[said]


def _said(item: _Watched, number: str, cells: list[str]) -> str:
    def told() -> Iterator[str]:
        yield f"value {number}"
        for word, place in (("lower", item.lower), ("upper", item.upper)):
            if place is not None and cells[place]:
                yield f"{word} threshold {cells[place][:40]}"

    return ", ".join(told())
