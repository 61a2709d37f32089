"""Datasets and jobs by their local ids: what they are called, and what lies beside them."""

import sqlite3
from collections.abc import Iterable
from typing import Literal

from registry.store.codes import Relation
from schemas.observation import Name

_PART = 400


def node_names(connection: sqlite3.Connection, nodes: Iterable[int]) -> dict[int, Name]:
    """Return the name of each node."""
    found: dict[int, Name] = {}
    ordered = sorted(set(nodes))
    for start in range(0, len(ordered), _PART):
        part = ordered[start : start + _PART]
        marks = ", ".join("?" * len(part))
        sql = f"SELECT id, namespace, name FROM node WHERE id IN ({marks})"  # noqa: S608 - only marks
        found.update({row[0]: Name(row[1], row[2]) for row in connection.execute(sql, part)})
    return found


def neighbours(
    connection: sqlite3.Connection, node: int, end: Literal["source", "target"], relation: Relation
) -> set[int]:
    """Return what the node is joined to by edges of which it is the `end`."""
    other = "target" if end == "source" else "source"
    sql = f"SELECT {other} FROM edge WHERE {end} = ? AND relation = ?"  # noqa: S608 - fixed words
    return {row[0] for row in connection.execute(sql, (node, relation))}
