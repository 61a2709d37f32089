"""Aequitas' crosstab as CSV: counts of the confusion matrix per group of each attribute."""

from importers.evaluations.report import Results
from importers.evaluations.table import Table
from schemas.errors import Malformed
from schemas.evaluation import BiasInput, Confusion, GroupCounts, Polarity

ATTRIBUTE, LABEL = "attribute_name", "attribute_value"
CELLS = ("tn", "fp", "fn", "tp")
BLIND_SPOTS = (
    "Aequitas' own disparities and reference groups: ratios are computed here from the counts",
    "people whose group is not known",
)


def is_aequitas(table: Table) -> bool:
    """Tell whether a table has the columns of a crosstab."""
    return {ATTRIBUTE, LABEL, *CELLS} <= set(table.columns)


def read_aequitas(table: Table, polarity: Polarity) -> Results:
    """Return one bias check's counts per attribute; predicted positive is the outcome."""
    at = {column: place for place, column in enumerate(table.columns)}
    groups: dict[str, dict[str, GroupCounts]] = {}
    for line, cells in table.rows():
        tn, fp, fn, tp = (_people(table.name, line, key, cells[at[key]]) for key in CELLS)
        counts = GroupCounts(cells[at[LABEL]], tn + fp + fn + tp, fp + tp, Confusion(tn, fp, fn, tp))
        known = groups.setdefault(cells[at[ATTRIBUTE]], {})
        if counts.label in known:
            raise Malformed(
                f"{table.name}: line {line}: {counts.label!r} is there twice",
                hint="export the crosstab of one score threshold",
            )
        known[counts.label] = counts
    if not groups:
        raise Malformed(f"{table.name}: no group is in it")
    checks = tuple(
        BiasInput(name, "general", "best", polarity, 0, tuple(rows.values())) for name, rows in groups.items()
    )
    return Results("aequitas", bias=checks, blind_spots=BLIND_SPOTS)


def _people(name: str, line: int, column: str, text: str) -> int:
    whole = text.removesuffix(".0")
    if not whole.isascii() or not whole.isdigit() or len(whole) > 15:
        raise Malformed(f"{name}: line {line}: {column}: expected a number of people, found {text[:40]!r}")
    return int(whole)
