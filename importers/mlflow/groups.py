"""Numbers by group: told by the names of metrics, or by the rows of a table that a run logged.

MLflow has no place for groups. Metrics are named `group/<attribute>/<group>/<metric>` or
`group/<group>/<metric>` by convention, other patterns can be given; `=` is not allowed in a metric's name.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from importers.evaluations.fairlearn import COUNT, RATE, read_fairlearn
from schemas.errors import Malformed, Usage
from schemas.evaluation import BiasInput, Confusion, GroupCounts, Polarity

DEFAULT = ("group/{attribute}/{group}/{metric}", "group/{group}/{metric}")
_FIELD = re.compile(r"\\\{(attribute|group|metric)\\\}")
_ANY = "group"
_COUNTS = (COUNT, "n", "support", "example_count")
_CELLS = ("tn", "fp", "fn", "tp")

Groups = dict[str, dict[str, dict[str, float]]]
"""Attribute -> group -> metric -> number."""


class Slice(msgspec.Struct, frozen=True):
    """What a metric's name says: of which group of which attribute it is, and what was measured."""

    attribute: str
    group: str
    metric: str


class Pattern(msgspec.Struct, frozen=True):
    """How names of metrics tell groups."""

    expression: re.Pattern[str]

    def find(self, key: str) -> Slice | None:
        """Return what `key` says, None when it is named otherwise."""
        match = self.expression.fullmatch(key)
        return (
            None
            if match is None
            else Slice(*_split(match["group"], match.groupdict().get("attribute")), match["metric"])
        )


def parse_pattern(text: str) -> Pattern:
    """Return the pattern that `text` spells; raise Usage unless it names {group} and {metric} once each."""
    fields = _FIELD.findall(re.escape(text))
    if sorted(fields) not in (["group", "metric"], ["attribute", "group", "metric"]):
        raise Usage(
            f"a pattern of metric names needs {{group}} and {{metric}} once each, found {text[:80]!r}",
            hint=f"for example {DEFAULT[0]}",
        )
    return Pattern(re.compile(_FIELD.sub(lambda m: f"(?P<{m[1]}>[^/]+)", re.escape(text))))


def read_row(row: dict[str, Any]) -> tuple[str, str]:
    """Return attribute and group of one row of a table: its columns of text; ("", "") where it has none."""
    texts = sorted((key, item) for key, item in row.items() if isinstance(item, str))
    if len(texts) == 1 and texts[0][0] in ("group", "slice"):
        return _split(texts[0][1], None)
    return "*".join(key for key, _ in texts), ", ".join(item for _, item in texts)


def count_groups(
    name: str, groups: Groups, polarity: Polarity
) -> tuple[tuple[BiasInput, ...], tuple[str, ...]]:
    """Return counts for a bias check of each attribute whose groups all state them, and what was doubtful.

    A group states its counts by a confusion matrix (tn, fp, fn, tp), or by its size and a `selection_rate`
    or the number `selected`.
    """
    checks: list[BiasInput] = []
    warnings: list[str] = []
    for attribute, rows in sorted(groups.items()):
        try:
            found, doubts = _count(f"{name}: {attribute}", attribute, rows, polarity)
        except Malformed as error:
            warnings.append(error.message)
            continue
        checks += found
        warnings += doubts
    return tuple(checks), tuple(warnings)


def _count(
    name: str, attribute: str, rows: dict[str, dict[str, float]], polarity: Polarity
) -> tuple[Iterable[BiasInput], Iterable[str]]:
    if len(rows) > 1 and all(set(_CELLS) <= row.keys() for row in rows.values()):
        counts = tuple(_confusion(name, group, row) for group, row in sorted(rows.items()))
        return (BiasInput(attribute, "general", "best", polarity, 0, counts),), ()
    table = [_rated(attribute, group, row) for group, row in sorted(rows.items())]
    if len(table) < 2 or not all(table):
        return (), ()
    found = read_fairlearn(name, table, polarity)
    return found.bias, found.warnings


def _rated(attribute: str, group: str, row: dict[str, float]) -> dict[str, Any]:
    count = next((row[key] for key in _COUNTS if key in row), None)
    rate = row.get(RATE)
    if rate is None and count and "selected" in row:
        rate = row["selected"] / count
    return {} if count is None or rate is None else {attribute: group, RATE: rate, COUNT: count}


def _confusion(name: str, group: str, row: dict[str, float]) -> GroupCounts:
    cells = [row[key] for key in _CELLS]
    if any(cell < 0 or cell != int(cell) for cell in cells):
        raise Malformed(f"{name}: {group}: expected numbers of people in {', '.join(_CELLS)}")
    tn, fp, fn, tp = map(int, cells)
    return GroupCounts(group, tn + fp + fn + tp, fp + tp, Confusion(tn, fp, fn, tp))


def _split(group: str, attribute: str | None) -> tuple[str, str]:
    head, found, rest = group.partition("=")
    if attribute is None and found and head.strip() and rest.strip():
        return head.strip(), rest.strip()
    return attribute or _ANY, group
