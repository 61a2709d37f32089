"""What lies up- and downstream of a dataset or a job, hop by hop, over all runs.

What jobs only declare is walked too, and marked; runs need not have ended, since streams never do. Each hop
is a few statements per 500 nodes on covering indexes, so that the cost grows with the answer.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import pairwise

from registry.rules.drift import Drift, find_drift
from registry.rules.lineage import Edge, Fold, Lineage, Node
from registry.rules.naming import reference, without_secrets
from registry.store.aliases import groups, has_writers, with_aliases
from registry.store.codes import Kind, Relation
from registry.store.declared import declared_and_observed
from registry.store.edge_list import RELATIONS
from registry.store.gaps import origin_gaps, version_gaps
from registry.store.kin import Kin, jobs_among
from registry.store.lineage import find_node
from schemas.errors import NotFound, Usage
from schemas.observation import Name

_SEEN = "SELECT source, target, relation FROM edge WHERE {column} IN ({{marks}}) AND relation IN (1, 2, 3, 6)"
_READS = "SELECT dataset, job, 11 FROM declared WHERE direction = 1 AND {column} IN ({{marks}})"
_WRITES = "SELECT job, dataset, 12 FROM declared WHERE direction = 2 AND {column} IN ({{marks}})"
_UPSTREAM = (_SEEN.format(column="target"), _READS.format(column="job"), _WRITES.format(column="dataset"))
_DOWNSTREAM = (_SEEN.format(column="source"), _READS.format(column="dataset"), _WRITES.format(column="job"))
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
        names = [without_secrets(f"{namespace}:{name}") for _, namespace, name in found]
        shown = ", ".join(names[:_SHOWN]) + (
            f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        )
        raise Usage(
            f"{without_secrets(text)!r} names several things: {shown}",
            hint="write dataset:NAMESPACE:NAME or job:NAMESPACE:NAME",
        )
    return [found[0][0]]


def neighbourhood(
    connection: sqlite3.Connection, start: list[int], up: int, down: int, *, fold: bool = True
) -> Lineage:
    """Return what lies within `up` hops upstream and `down` hops downstream of the nodes `start`.

    `fold` shows jobs that are one as one: a dbt node under several names, a job and its statements.
    """
    kin = Kin(connection) if fold else None
    found = _Found()
    for hops, upstream in ((up, True), (down, False)):
        frontier = _widened(connection, set(start), found, kin)
        reached = set(frontier)
        for _ in range(hops):
            fresh = set(_edges(connection, frontier, upstream=upstream))
            found.edges |= fresh
            ends = {row[0] if upstream else row[1] for row in fresh}
            frontier = _widened(connection, ends - reached, found, kin) - reached
            if not frontier:
                break
            reached |= frontier
        found.nodes |= reached
    return _lineage(connection, start, found, kin)


class _Found:
    """What the walk has met so far."""

    def __init__(self) -> None:
        self.nodes: set[int] = set()
        self.edges: set[Row] = set()
        self.aliases: set[tuple[int, int]] = set()


def _widened(connection: sqlite3.Connection, nodes: set[int], found: _Found, kin: Kin | None) -> set[int]:
    """Return the nodes and all that count as one with them: other names, and jobs that are one."""
    wide = with_aliases(connection, nodes, found.aliases)
    return wide if kin is None else wide | kin.with_kin(jobs_among(connection, wide))


def _lineage(connection: sqlite3.Connection, start: list[int], found: _Found, kin: Kin | None) -> Lineage:
    known = nodes_of(connection, found.nodes)
    jobs = {node for node, value in known.items() if value.kind == "job"}
    folds = [] if kin is None else kin.folded(jobs)
    # What is folded away and has no data of its own says nothing here.
    into = {fold.member: fold.into for fold in folds}
    marks = kin or Kin(connection)
    shown = {node: known[into.get(node, node)].id for node in known}
    flow = {
        Edge(shown[s], shown[t], RELATIONS[r], state=marks.became(s, t) if r == Relation.OUTPUT else "")
        for s, t, r in found.edges
    }
    pairs = (sorted((known[a].id, known[b].id)) for a, b in found.aliases if a in known and b in known)
    same = [Edge(a, b, "alias") for a, b in pairs]
    return Lineage(
        tuple(dict.fromkeys(shown[node] for node in start)),
        tuple(sorted(value for node, value in known.items() if node not in into)),
        tuple(sorted([*_best(flow), *same])),
        tuple(sorted([*origin_gaps(connection, known), *version_gaps(connection, known, found.edges)])),
        tuple(sorted(Fold(known[f.member].id, known[f.into].id, f.why) for f in folds)),
        tuple(sorted(_drift(connection, known, jobs, found.aliases))),
        tuple(sorted(joined_names(connection, known, groups(found.aliases)))),
    )


def _best(edges: set[Edge]) -> list[Edge]:
    """Return one edge of several that folding made one: what any of the jobs wrote is written."""
    order = ("written", "running", "attempted", "dropped", "phantom", "")
    found: dict[tuple[str, str, str], Edge] = {}
    for edge in sorted(edges, key=lambda e: order.index(e.state)):
        if edge.source != edge.target:
            found.setdefault((edge.source, edge.target, edge.relation), edge)
    return list(found.values())


def _drift(
    connection: sqlite3.Connection, known: dict[int, Node], jobs: set[int], aliases: set[tuple[int, int]]
) -> Iterator[Drift]:
    first: dict[str, str] = {}
    for group in groups(aliases):
        first |= {known[node].id: known[min(group)].id for node in group if node in known}
    for job in sorted(jobs):
        found = declared_and_observed(connection, job)
        if found is None:
            continue
        said, seen = ({(way, known[d].id) for way, d in side if d in known} for side in found)
        yield from find_drift(known[job].id, said, seen, first)


def joined_names(
    connection: sqlite3.Connection, known: dict[int, Node], names: list[set[int]]
) -> Iterator[tuple[str, str]]:
    """Yield pairs of names under which runs wrote what the names make one dataset."""
    for group in names:
        written = sorted(known[n].id for n in group if n in known and has_writers(connection, n))
        yield from pairwise(written)


def nodes_of(connection: sqlite3.Connection, nodes: set[int]) -> dict[int, Node]:
    """Return the nodes as an answer shows them."""
    return {row[0]: _node(row[1:]) for row in _rows(connection, nodes)}


def _edges(connection: sqlite3.Connection, nodes: set[int], *, upstream: bool) -> Iterator[Row]:
    for part, marks in _parts(nodes):
        for sql in _UPSTREAM if upstream else _DOWNSTREAM:
            yield from connection.execute(sql.format(marks=marks), part)


def find_dataset(connection: sqlite3.Connection, text: str) -> Name:
    """Return the one dataset that `text` names; raise NotFound or Usage otherwise."""
    nodes = find_start(connection, text if text.startswith("dataset:") else f"dataset:{text}")
    found = [(row[2], row[3]) for row in _rows(connection, set(nodes)) if row[1] == Kind.DATASET]
    if len(found) != 1:
        raise NotFound(
            f"{without_secrets(text[:200])!r} is no dataset", hint="muniment datasets --filter TEXT"
        )
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
        "SELECT id, kind, namespace, name, seen FROM node WHERE name = ? ORDER BY kind, namespace", (text,)
    ).fetchall()
    # What is only mentioned, as a parent or another name, is meant where nothing else is.
    meant = [row for row in rows if row[4]] or rows
    return [(row[0], *_labelled(Kind(row[1]), Name(row[2], row[3]))) for row in meant]


def _labelled(kind: Kind, name: Name) -> tuple[str, str]:
    return f"{_KINDS[kind]} {name.namespace}", name.name


def _refuse_unknown(text: str) -> list[int]:
    raise NotFound(
        f"nothing imported is called {without_secrets(text[:200])!r}",
        hint="muniment datasets --filter TEXT, or muniment jobs",
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
