"""Which names are one dataset: as events say, less and more what a person decided."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from registry.store.codes import Kind
from schemas.observation import Name

_PART = 500


_PAIRS = (
    "WITH pair (a, b, said, same, seq) AS ("
    "SELECT alias.a, alias.b, alias.reason, coalesce(edit.same, 1), edit.seq FROM alias "
    "LEFT JOIN alias_edit AS edit ON edit.a = alias.a AND edit.b = alias.b "
    "UNION ALL SELECT edit.a, edit.b, 'person', edit.same, edit.seq FROM alias_edit AS edit "
    "WHERE NOT EXISTS (SELECT 1 FROM alias WHERE alias.a = edit.a AND alias.b = edit.b)) "
    "SELECT a.namespace, a.name, b.namespace, b.name, said, same, seq, pair.a, pair.b FROM pair "
    "JOIN node AS a ON a.id = pair.a JOIN node AS b ON b.id = pair.b {where}"
)


class Pair(msgspec.Struct, frozen=True):
    """Two names and why they count as one dataset, or no longer do.

    `said` is `symlink` or `rename` by an event, or `person`; `leaf` is where a person's decision stands.
    """

    a: Name
    b: Name
    said: str
    same: bool
    leaf: int | None


def with_aliases(connection: sqlite3.Connection, nodes: set[int], pairs: set[tuple[int, int]]) -> set[int]:
    """Return the nodes and, over any number of steps, every other name of them; `pairs` gathers how."""
    found, fresh = set(nodes), set(nodes)
    while fresh:
        reached: set[int] = set()
        for part, marks in _parts(fresh):
            arms = [f"SELECT a, b FROM same_name WHERE {end} IN ({marks})" for end in "ab"]  # noqa: S608
            for a, b in connection.execute(" UNION ".join(arms), part + part):
                pairs.add((a, b))
                reached |= {a, b}
        fresh = reached - found
        found |= fresh
    return found


def alias_pairs(connection: sqlite3.Connection, node: int) -> list[tuple[Name, Name]]:
    """Return every pair of names that leads from the dataset to one of its other names, in name order."""
    pairs: set[tuple[int, int]] = set()
    names = dict(_names(connection, with_aliases(connection, {node}, pairs)))
    return sorted((names[a], names[b]) for a, b in pairs)


def put_edit(connection: sqlite3.Connection, nodes: tuple[int, int], seq: int, *, same: bool) -> None:
    """Keep what the leaf `seq` decides about two names; a later decision takes the place of it."""
    connection.execute(
        "INSERT INTO alias_edit VALUES (?, ?, ?, ?) ON CONFLICT (a, b) DO UPDATE "
        "SET same = excluded.same, seq = excluded.seq",
        (min(nodes), max(nodes), same, seq),
    )


def is_same(connection: sqlite3.Connection, nodes: tuple[int, int]) -> bool:
    """Tell whether the two names count as one dataset, directly."""
    row = connection.execute("SELECT 1 FROM same_name WHERE a = ? AND b = ?", (min(nodes), max(nodes)))
    return row.fetchone() is not None


def list_pairs(connection: sqlite3.Connection, pattern: str) -> list[tuple[tuple[int, int], Pair]]:
    """Return every pair that an event or a person names, whose names hold the LIKE `pattern`."""
    where = "WHERE a.name LIKE ?1 ESCAPE '!' OR b.name LIKE ?1 ESCAPE '!'"
    rows = connection.execute(_PAIRS.format(where=where), (pattern,))
    return _in_order({(row[7], row[8]): _pair(row) for row in rows})


def list_pairs_of(connection: sqlite3.Connection, nodes: Iterable[int]) -> list[tuple[tuple[int, int], Pair]]:
    """Return every pair that names any of the nodes, with its nodes."""
    found: dict[tuple[int, int], Pair] = {}
    for part, marks in _parts(nodes):
        sql = _PAIRS.format(where=f"WHERE pair.a IN ({marks}) OR pair.b IN ({marks})")
        for row in connection.execute(sql, part + part):
            found[row[7], row[8]] = _pair(row)
    return _in_order(found)


def _pair(row: tuple[Any, ...]) -> Pair:
    # Which node stands first is local to a registry; which name does is not.
    a, b = sorted((Name(row[0], row[1]), Name(row[2], row[3])))
    return Pair(a, b, row[4], bool(row[5]), row[6])


def _in_order(found: dict[tuple[int, int], Pair]) -> list[tuple[tuple[int, int], Pair]]:
    return sorted(found.items(), key=lambda item: (item[1].a, item[1].b))


def dataset_names(connection: sqlite3.Connection) -> Iterator[tuple[int, Name]]:
    """Yield every dataset that an event is about, in name order."""
    rows = connection.execute(
        "SELECT id, namespace, name FROM node WHERE kind = ? AND seen ORDER BY 2, 3", (Kind.DATASET,)
    )
    return ((row[0], Name(row[1], row[2])) for row in rows)


def job_namespaces(connection: sqlite3.Connection) -> set[str]:
    """Return the namespaces that jobs have."""
    rows = connection.execute("SELECT DISTINCT namespace FROM node WHERE kind = ?", (Kind.JOB,))
    return {row[0] for row in rows}


def has_writers(connection: sqlite3.Connection, node: int) -> bool:
    """Tell whether runs of their own wrote the dataset under this name, and did more than drop it."""
    row = connection.execute(
        "SELECT 1 FROM edge WHERE target = ?1 AND relation = 3 UNION ALL SELECT 1 FROM run_io "
        "WHERE dataset = ?1 AND direction = 2 AND role <> 'drop' LIMIT 1",
        (node,),
    ).fetchone()
    return row is not None


def written_names(connection: sqlite3.Connection, node: int) -> set[int]:
    """Return the names of the dataset, this one among them, under which runs of their own wrote it."""
    return {name for name in with_aliases(connection, {node}, set()) if has_writers(connection, name)}


def count_joined(connection: sqlite3.Connection) -> int:
    """Return how many datasets runs wrote under more than one name."""
    pairs = connection.execute("SELECT a, b FROM same_name").fetchall()
    written = (sum(has_writers(connection, node) for node in group) for group in groups(pairs))
    return sum(number > 1 for number in written)


def groups(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Return the sets of nodes that the pairs make one."""
    found: dict[int, set[int]] = {}
    for a, b in pairs:
        one, other = found.setdefault(a, {a}), found.setdefault(b, {b})
        if one is not other:
            one |= other
            found.update(dict.fromkeys(other, one))
    return list({id(group): group for group in found.values()}.values())


def _names(connection: sqlite3.Connection, nodes: set[int]) -> Iterator[tuple[int, Name]]:
    for part, marks in _parts(nodes):
        sql = f"SELECT id, namespace, name FROM node WHERE id IN ({marks})"  # noqa: S608 - only marks
        yield from ((row[0], Name(row[1], row[2])) for row in connection.execute(sql, part))


def _parts(nodes: Iterable[int]) -> Iterator[tuple[list[int], str]]:
    ordered = sorted(nodes)
    for start in range(0, len(ordered), _PART):
        part = ordered[start : start + _PART]
        yield part, ", ".join("?" * len(part))
