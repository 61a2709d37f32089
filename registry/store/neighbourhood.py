"""What lies up- and downstream of a dataset or a job, hop by hop, over all runs.

Each hop is one statement per 500 nodes on a covering index, so that the cost grows with the answer.
"""

import sqlite3
from collections.abc import Iterable, Iterator

from registry.rules.lineage import Edge, Gap, Lineage, Node
from registry.rules.naming import reference
from registry.store.aliases import has_writers, with_aliases
from registry.store.codes import Direction, Kind, Relation
from registry.store.edge_list import RELATIONS
from registry.store.lineage import find_node
from schemas.errors import NotFound, Usage
from schemas.observation import Name

_FLOW = (Relation.INPUT, Relation.OUTPUT, Relation.DERIVATION)
_KINDS = {int(Kind.DATASET): "dataset", int(Kind.JOB): "job"}
_SHOWN = 12

Row = tuple[int, int, int]


def find_start(connection: sqlite3.Connection, text: str) -> list[int]:
    """Return the node that `text` names, by `namespace:name` or by a name used once; raise NotFound or Usage.

    A name may be split at any colon: namespaces hold colons too. `dataset:` or `job:` before it says which
    of the two is meant. A run's id stands for its jobs.
    """
    kind, colon, rest = text.partition(":")
    found = _by_full_name(connection, text) or _by_name(connection, text)
    if not found and colon and kind in _KINDS.values():
        named = _by_full_name(connection, rest) or _by_name(connection, rest)
        found = [row for row in named if row[1].startswith(kind)]
    if not found:
        rows = connection.execute("SELECT job FROM run WHERE run_id = ? AND events > 0", (text.lower(),))
        return [row[0] for row in rows] or _refuse_unknown(text)
    if len(found) > 1:
        names = [f"{namespace}:{name}" for _, namespace, name in found]
        shown = ", ".join(names[:_SHOWN]) + (
            f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        )
        raise Usage(
            f"{text!r} names several things: {shown}",
            hint="write dataset:NAMESPACE:NAME or job:NAMESPACE:NAME",
        )
    return [found[0][0]]


def neighbourhood(connection: sqlite3.Connection, start: list[int], up: int, down: int) -> Lineage:
    """Return what lies within `up` hops upstream and `down` hops downstream of the nodes `start`."""
    nodes: set[int] = set()
    edges: set[Row] = set()
    aliases: set[tuple[int, int]] = set()
    for hops, column in ((up, "target"), (down, "source")):
        frontier = with_aliases(connection, set(start), aliases)
        reached = set(frontier)
        for _ in range(hops):
            fresh = set(_edges(connection, column, frontier))
            edges |= fresh
            ends = {row[0] if column == "target" else row[1] for row in fresh}
            frontier = with_aliases(connection, ends - reached, aliases) - reached
            if not frontier:
                break
            reached |= frontier
        nodes |= reached
    return _lineage(connection, start, nodes, edges, aliases)


def _lineage(
    connection: sqlite3.Connection,
    start: list[int],
    nodes: set[int],
    edges: set[Row],
    aliases: set[tuple[int, int]],
) -> Lineage:
    known = {row[0]: _node(row[1:]) for row in _rows(connection, nodes)}
    flow = [Edge(known[s].id, known[t].id, RELATIONS[r]) for s, t, r in edges]
    same = [Edge(known[a].id, known[b].id, "alias") for a, b in aliases if a in known and b in known]
    return Lineage(
        tuple(known[node].id for node in start),
        tuple(sorted(known.values())),
        tuple(sorted(flow + same)),
        tuple(sorted(_gaps(connection, known, edges))),
    )


def _gaps(connection: sqlite3.Connection, known: dict[int, Node], edges: set[Row]) -> Iterator[Gap]:
    made = {target for _, target, relation in edges if relation != Relation.INPUT}
    datasets = {node for node, value in known.items() if value.kind == "dataset"}
    unmade = {node for node in datasets - made if not has_writers(connection, node)}
    for node in unmade:
        others = with_aliases(connection, {node}, set()) - {node}
        if not any(has_writers(connection, other) for other in others):
            yield Gap(known[node].id, "no-known-writer")
    for node in {source for source, _, relation in edges if relation == Relation.INPUT}:
        row = connection.execute(
            "SELECT 1 FROM run_io AS io WHERE dataset = ?1 AND direction = ?2 AND version = 0 AND NOT EXISTS "
            "(SELECT 1 FROM run_io AS o WHERE o.run = io.run AND o.direction = ?2 AND o.dataset = ?1 "
            "AND o.version <> 0) LIMIT 1",
            (node, Direction.INPUT),
        ).fetchone()
        if row is not None:
            yield Gap(known[node].id, "version-read-not-named")


def _edges(connection: sqlite3.Connection, column: str, nodes: set[int]) -> Iterator[Row]:
    relations = ", ".join(str(int(r)) for r in _FLOW)
    for part, marks in _parts(nodes):
        yield from connection.execute(
            f"SELECT source, target, relation FROM edge WHERE {column} IN ({marks}) "  # noqa: S608
            f"AND relation IN ({relations})",
            part,
        )


def find_dataset(connection: sqlite3.Connection, text: str) -> Name:
    """Return the one dataset that `text` names; raise NotFound or Usage otherwise."""
    nodes = find_start(connection, text if text.startswith("dataset:") else f"dataset:{text}")
    found = [(row[2], row[3]) for row in _rows(connection, set(nodes)) if row[1] == Kind.DATASET]
    if len(found) != 1:
        raise NotFound(f"{text[:200]!r} is no dataset", hint="muniment datasets --filter TEXT")
    return Name(*found[0])


def _by_full_name(connection: sqlite3.Connection, text: str) -> list[tuple[int, str, str]]:
    found = []
    for at in (i for i, character in enumerate(text) if character == ":"):
        name = Name(text[:at], text[at + 1 :])
        for kind in (Kind.DATASET, Kind.JOB):
            node = find_node(connection, kind, name)
            if node is not None:
                found.append((node, *_labelled(kind, name)))
    return found


def _by_name(connection: sqlite3.Connection, text: str) -> list[tuple[int, str, str]]:
    rows = connection.execute(
        "SELECT id, kind, namespace, name FROM node WHERE name = ? AND seen ORDER BY kind, namespace", (text,)
    )
    return [(row[0], *_labelled(Kind(row[1]), Name(row[2], row[3]))) for row in rows]


def _labelled(kind: Kind, name: Name) -> tuple[str, str]:
    return f"{_KINDS[kind]} {name.namespace}", name.name


def _refuse_unknown(text: str) -> list[int]:
    raise NotFound(
        f"nothing imported is called {text[:200]!r}", hint="muniment datasets --filter TEXT, or muniment jobs"
    )


def _rows(connection: sqlite3.Connection, nodes: set[int]) -> Iterator[tuple[int, int, str, str]]:
    for part, marks in _parts(nodes):
        sql = f"SELECT id, kind, namespace, name FROM node WHERE id IN ({marks})"  # noqa: S608 - only marks
        yield from connection.execute(sql, part)


def _parts(nodes: Iterable[int]) -> Iterator[tuple[list[int], str]]:
    ordered = sorted(nodes)
    for start in range(0, len(ordered), 500):
        part = ordered[start : start + 500]
        yield part, ", ".join("?" * len(part))


def _node(row: tuple[int, str, str]) -> Node:
    kind, namespace, name = _KINDS[row[0]], row[1], row[2]
    return Node(f"{kind}:{reference(Name(namespace, name))}", kind, name, namespace)
