"""The list of edges: each pair of things once, over all runs, with what static events declare apart."""

import sqlite3
from typing import Any

from registry.store.codes import Direction, Kind, Relation
from registry.store.folding import representative
from registry.store.listing import Listed, Page
from schemas.errors import NotFound
from schemas.observation import Name

RELATIONS = {
    int(Relation.INPUT): "input",
    int(Relation.OUTPUT): "output",
    int(Relation.DERIVATION): "derivation",
    int(Relation.PARENT): "parent",
    int(Relation.DEPENDENCY): "dependency",
    int(Relation.DECLARED_DERIVATION): "declared-derivation",
    10 + Direction.INPUT: "declared-input",
    10 + Direction.OUTPUT: "declared-output",
}
"""Code -> relation; what static events declare for jobs has codes of its own."""

EDGES = (
    "SELECT source, target, relation FROM edge UNION ALL "
    "SELECT CASE direction WHEN 1 THEN dataset ELSE job END, "
    "CASE direction WHEN 1 THEN job ELSE dataset END, 10 + direction FROM declared"
)
_SQL = (
    "SELECT e.source, e.target, e.relation, s.kind, s.namespace, s.name, t.kind, t.namespace, t.name "  # noqa: S608
    f"FROM ({EDGES}) AS e JOIN node AS s ON s.id = e.source JOIN node AS t ON t.id = e.target "
    "WHERE (e.source, e.target, e.relation) > (?, ?, ?) AND (?4 = '%%' "
    "OR s.namespace || ':' || s.name LIKE ?4 ESCAPE '!' OR t.namespace || ':' || t.name LIKE ?4 ESCAPE '!') "
    "AND (?5 IS NULL OR e.relation = ?5) ORDER BY 1, 2, 3 LIMIT ?6"
)
_KINDS = {int(Kind.DATASET): "dataset", int(Kind.JOB): "job"}


def list_edges(
    connection: sqlite3.Connection, page: Page, *, relation: str | None = None, merged: bool = False
) -> Listed:
    """Return edges, pointing downstream; `merged` gives every dataset its first name and each pair once."""
    code = next((c for c, word in RELATIONS.items() if word == relation), None)
    start = _start(page.after)
    rows = connection.execute(_SQL, (*start, page.pattern, code, page.limit)).fetchall()
    items = [_item(row) for row in rows]
    after = items[-1]["id"] if len(items) == page.limit else None
    return Listed(_merged(connection, items) if merged else items, after)


def _item(row: tuple[Any, ...]) -> dict[str, Any]:
    return {
        "id": "-".join(str(part) for part in row[:3]),
        "from": {"kind": _KINDS[row[3]], "namespace": row[4], "name": row[5]},
        "to": {"kind": _KINDS[row[6]], "namespace": row[7], "name": row[8]},
        "relation": RELATIONS[row[2]],
        "level": "reported",
    }


def _merged(connection: sqlite3.Connection, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known: dict[Name, Name] = {}
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for item in items:
        for end in (item["from"], item["to"]):
            if end["kind"] == "dataset":
                name = Name(end["namespace"], end["name"])
                if name not in known:
                    known[name] = representative(connection, name)
                end["namespace"], end["name"] = known[name].namespace, known[name].name
        key = (*item["from"].values(), *item["to"].values(), item["relation"])
        found.setdefault(key, item)
    return list(found.values())


def _start(after: str | None) -> tuple[int, int, int]:
    if after is None:
        return (0, 0, 0)
    parts = after.split("-")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts):
        raise NotFound(f"--after {after}: no edge has this id", hint="use the id of the last item shown")
    return (int(parts[0]), int(parts[1]), int(parts[2]))
