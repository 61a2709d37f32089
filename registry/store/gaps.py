"""What is not known about the datasets of an answer: who made them, and which version was read."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping

from registry.rules.lineage import Gap, Node
from registry.store.aliases import with_aliases
from registry.store.codes import Direction, Relation
from registry.store.written import find_origin_gap

_UNNAMED = (
    "SELECT 1 FROM run_io AS io WHERE dataset = ?1 AND direction = ?2 AND version = 0 AND NOT EXISTS "
    "(SELECT 1 FROM run_io AS o WHERE o.run = io.run AND o.direction = ?2 AND o.dataset = ?1 "
    "AND o.version <> 0) LIMIT 1"
)


def origin_gaps(connection: sqlite3.Connection, known: Mapping[int, Node]) -> Iterator[Gap]:
    """Yield a gap for every dataset that nobody is known to have made, under any of its names."""
    for node in (node for node, value in known.items() if value.kind == "dataset"):
        reason = find_origin_gap(connection, with_aliases(connection, {node}, set()))
        if reason is not None:
            yield Gap(known[node].id, reason)


def version_gaps(
    connection: sqlite3.Connection, known: Mapping[int, Node], edges: Iterable[tuple[int, int, int]]
) -> Iterator[Gap]:
    """Yield a gap for every dataset that some run read without naming its version."""
    for node in {source for source, _, relation in edges if relation == Relation.INPUT}:
        if connection.execute(_UNNAMED, (node, Direction.INPUT)).fetchone() is not None:
            yield Gap(known[node].id, "version-read-not-named")
