"""The facets in force of datasets and jobs."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from schemas.observation import Facets

_PART = 400


def facets_in_force(connection: sqlite3.Connection, node: int) -> Facets:
    """Return every facet of a dataset or job that has not been deleted, by name."""
    rows = connection.execute(
        "SELECT name, value FROM facet WHERE node = ? AND value IS NOT NULL ORDER BY name", (node,)
    )
    return {row[0]: _value(row[1]) for row in rows}


def named_facets(
    connection: sqlite3.Connection, nodes: Iterable[int], names: Sequence[str]
) -> dict[int, Facets]:
    """Return the facets of these names, for each node that has any."""
    found: dict[int, Facets] = {}
    ordered = sorted(set(nodes))
    asked = ", ".join("?" * len(names))
    for start in range(0, len(ordered), _PART):
        part = ordered[start : start + _PART]
        marks = ", ".join("?" * len(part))
        rows = connection.execute(
            f"SELECT node, name, value FROM facet WHERE node IN ({marks}) "  # noqa: S608 - only marks
            f"AND name IN ({asked}) AND value IS NOT NULL",
            (*part, *names),
        )
        for node, name, value in rows:
            found.setdefault(node, {})[name] = _value(value)
    return found


class FacetRow(msgspec.Struct, frozen=True):
    """A facet in force, what decides how late it is, and the run, by local id, whose event gave it."""

    node: int
    value: dict[str, Any]
    instant: int
    rank: int
    run: int | None


def facet_with_event(connection: sqlite3.Connection, node: int, name: str) -> FacetRow | None:
    """Return one facet in force with where it came from, or None when there is none."""
    row = connection.execute(
        "SELECT f.value, f.instant, f.rank, event.run FROM facet AS f "
        "LEFT JOIN event ON event.id = f.event "
        "WHERE f.node = ? AND f.name = ? AND f.value IS NOT NULL",
        (node, name),
    ).fetchone()
    return None if row is None else FacetRow(node, _value(row[0]), *row[1:])


def _value(value: bytes) -> Any:
    return json.loads(value)
