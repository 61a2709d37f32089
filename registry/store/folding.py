"""One name for a dataset that has several."""

import sqlite3

from registry.store.aliases import alias_pairs
from registry.store.codes import Kind
from registry.store.lineage import find_node
from schemas.observation import Name


def representative(connection: sqlite3.Connection, name: Name) -> Name:
    """Return the first name, in order, under which events speak of this dataset."""
    node = find_node(connection, Kind.DATASET, name)
    if node is None:
        return name
    others = {other for pair in alias_pairs(connection, node) for other in pair} | {name}
    return next((other for other in sorted(others) if _is_seen(connection, other)), name)


def _is_seen(connection: sqlite3.Connection, name: Name) -> bool:
    row = connection.execute(
        "SELECT seen FROM node WHERE kind = ? AND namespace = ? AND name = ?",
        (Kind.DATASET, name.namespace, name.name),
    ).fetchone()
    return row is not None and bool(row[0])
