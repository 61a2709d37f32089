"""From a table's rows to counts per group: people are counted here and then forgotten.

Rows that name the same group are added together, so a table crossed by sex and race also gives sex alone.
A label that says nothing (empty, "unknown", "n/a") is counted as unknown and belongs to no group.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

import msgspec

from registry.rules.ll144 import median
from registry.rules.tally_layout import Layout, ScoreColumn, Vector, read_score
from schemas.errors import Usage
from schemas.evaluation import Confusion, GroupCounts, StratumCounts
from schemas.exact import Count

UNKNOWN = frozenset(
    {"", "?", "unknown", "n/a", "na", "nan", "null", "not known", "not stated", "not specified"}
)
"""Labels, in any case, that say nothing about a person."""
MAX_GROUPS = 500

Row = tuple[int, Sequence[str]]
_Key = tuple[str, ...]
_Group = TypeVar("_Group", str, _Key)


class Tally(msgspec.Struct, frozen=True):
    """One attribute's groups; `attribute` is a column, or columns joined by `*`."""

    attribute: str
    groups: tuple[GroupCounts, ...]
    unknown: Count
    strata: tuple[StratumCounts, ...] = ()


class Question(msgspec.Struct, frozen=True):
    """What to count: attributes (each one or more columns), where the numbers stand, and by what strata."""

    attributes: tuple[tuple[str, ...], ...]
    layout: Layout
    strata: str | None = None
    unknown: frozenset[str] = frozenset()


def tally(columns: Sequence[str], rows: Iterable[Row], question: Question) -> tuple[Tally, ...]:
    """Return the counts of every attribute asked for; raise Usage for a column that is not there."""
    _refuse_missing(columns, question)
    names = list(dict.fromkeys(name for attribute in question.attributes for name in attribute))
    if question.strata is not None:
        names.append(question.strata)
    silent = UNKNOWN | {label.casefold() for label in question.unknown}
    people = _collect(columns, rows, question, names)
    return tuple(_tally_one(attribute, names, people, question, silent) for attribute in question.attributes)


_People = Mapping[_Key, Vector] | Sequence[tuple[_Key, Fraction]]


def _refuse_missing(columns: Sequence[str], question: Question) -> None:
    named = [*(c for a in question.attributes for c in a), *question.layout.columns]
    named += [question.strata] if question.strata is not None else []
    missing = [name for name in dict.fromkeys(named) if name not in columns]
    if missing:
        raise Usage(
            f"no column {', '.join(map(repr, missing))}; the columns are {', '.join(columns)}",
            hint="name the columns as the header does",
        )
    measured = set(question.layout.columns)
    grouping = {c for a in question.attributes for c in a} | ({question.strata} - {None})
    for name in sorted(measured & grouping, key=str):
        raise Usage(
            f"column {name!r} cannot name groups and hold outcomes", hint="name two different columns"
        )


def _collect(columns: Sequence[str], rows: Iterable[Row], question: Question, names: list[str]) -> _People:
    places = [columns.index(name) for name in names]
    layout = question.layout
    if isinstance(layout, ScoreColumn):
        score_at = columns.index(layout.score)
        return [
            (tuple(cells[i] for i in places), read_score(cells[score_at], line, layout.score))
            for line, cells in rows
        ]
    measure = layout.measure(columns.index)
    sums: dict[_Key, Vector] = {}
    for line, cells in rows:
        _add(sums, tuple(cells[i] for i in places), measure(line, cells))
    return sums


def _add(sums: dict[_Group, Vector], key: _Group, vector: Vector) -> None:
    present = sums.get(key)
    sums[key] = vector if present is None else tuple(a + b for a, b in zip(present, vector, strict=True))


def _tally_one(
    attribute: tuple[str, ...], names: list[str], people: _People, question: Question, silent: frozenset[str]
) -> Tally:
    places = [names.index(name) for name in attribute]

    def label_of(key: _Key) -> str | None:
        parts = [key[i] for i in places]
        return None if any(part.casefold() in silent for part in parts) else _joined(parts)

    groups: dict[str, Vector] = {}
    strata: dict[str, dict[str, Vector]] = {}
    unknown: Count = 0
    for key, vector in _vectors(people, question.layout, label_of):
        label = label_of(key)
        if label is None:
            unknown += _n(vector)
            continue
        _add(groups, label, vector)
        if question.strata is not None:
            _add(strata.setdefault(key[-1] or "unknown", {}), label, vector)
    name = "*".join(attribute)
    _refuse_groups(name, groups)
    return Tally(
        name,
        _counted(groups),
        unknown,
        tuple(StratumCounts(stratum, _counted(strata[stratum])) for stratum in sorted(strata)),
    )


def _vectors(
    people: _People, layout: Layout, label_of: Callable[[_Key], str | None]
) -> Iterable[tuple[_Key, Vector]]:
    if isinstance(people, Mapping):
        yield from people.items()
        return
    everybody = isinstance(layout, ScoreColumn) and layout.everybody
    middle = median([score for key, score in people if everybody or label_of(key) is not None])
    for key, score in people:
        yield key, (1, int(middle is not None and score > middle))


def _joined(parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    # Escaped, so that a label which holds the separator cannot pass for another group.
    return "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts)


def _refuse_groups(attribute: str, groups: Mapping[str, Vector]) -> None:
    if not groups:
        raise Usage(f"{attribute}: no row names a known group", hint="check the column and --unknown")
    if len(groups) > MAX_GROUPS:
        raise Usage(
            f"{attribute} has {len(groups)} different labels, at most {MAX_GROUPS} are compared",
            hint="name a column of groups, not of persons or numbers",
        )


def _n(vector: Vector) -> Count:
    return vector[0] if len(vector) == 2 else sum(vector, start=0)


def _counted(groups: Mapping[str, Vector]) -> tuple[GroupCounts, ...]:
    return tuple(_group(label, groups[label]) for label in sorted(groups))


def _group(label: str, vector: Vector) -> GroupCounts:
    if len(vector) == 2:
        return GroupCounts(label, *vector)
    tn, fp, fn, tp = vector
    return GroupCounts(label, tn + fp + fn + tp, fp + tp, Confusion(tn, fp, fn, tp))
