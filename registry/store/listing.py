"""Lists of what was imported, page by page: runs, datasets and jobs, each as its source named it.

A page starts behind the item whose `id` is given, in the order of the list, and costs what it shows.
"""

import sqlite3
from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec

from registry.rules.runs import TERMINAL
from registry.store.aliases import alias_pairs
from registry.store.codes import Direction, Kind
from registry.store.folding import representative
from registry.store.kin import Kin, is_inside_another, statement_runs
from registry.store.life_cycle import life_cycle
from registry.store.node_facets import facets_in_force
from registry.store.nodes import node_names
from registry.store.written import version_states
from schemas.errors import NotFound
from schemas.observation import Name

EVERYTHING = 1 << 62


class Page(msgspec.Struct, frozen=True):
    """Which part of a list: at most `limit` items behind the item `after`, their names holding `text`."""

    limit: int = EVERYTHING
    after: str | None = None
    text: str = ""

    @property
    def pattern(self) -> str:
        """The text as a LIKE pattern with `!` as escape."""
        escaped = self.text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        return f"%{escaped}%"


class Listed(msgspec.Struct, frozen=True):
    """Items ready for JSON, and the `id` to go on behind, None at the end."""

    items: list[dict[str, Any]]
    after: str | None


def list_runs(connection: sqlite3.Connection, page: Page, *, statements: bool = True) -> Listed:
    """Return runs, the latest first.

    Without `statements`, the runs of single SQL statements are left to the run they ran inside of: what they
    read and wrote is shown there, and how many there were.
    """
    kin = Kin(connection)
    rows = _runs(connection, page, EVERYTHING if not statements else page.limit)
    if statements:
        return _listed([_run_item(connection, row, [row[0]]) for row in rows], page)
    items = []
    shown = (row for row in rows if row[13] is None or not is_inside_another(connection, row[0], kin))
    for row in islice(shown, page.limit):
        inner = [statement.id for statement in statement_runs(connection, row[0], kin)]
        items.append({**_run_item(connection, row, [row[0], *inner]), "statements": len(inner)})
    return _listed(items, page)


def _runs(connection: sqlite3.Connection, page: Page, limit: int) -> Iterable[tuple[Any, ...]]:
    where = "run.events > 0"
    values: list[object] = []
    if page.after is not None:
        row = connection.execute("SELECT instant, id FROM run WHERE id = ?", (page.after,)).fetchone()
        where += " AND (run.instant, run.id) < (?, ?)"
        values += list(_known(row, page.after))
    if page.text:
        where += " AND (job.name LIKE ? ESCAPE '!' OR run.run_id LIKE ? ESCAPE '!' OR run.state = ?)"
        values += [page.pattern, page.pattern, page.text.upper()]
    return connection.execute(
        "SELECT run.id, run.run_id, job.namespace, job.name, run.state, run.started_at, run.state_time, "  # noqa: S608 - fixed words
        "run.events, parent.run_id, parent_job.namespace, parent_job.name, run.claimed_user, run.job, "
        "run.parent FROM run "
        "JOIN node AS job ON job.id = run.job LEFT JOIN run AS parent ON parent.id = run.parent "
        f"LEFT JOIN node AS parent_job ON parent_job.id = parent.job WHERE {where} "
        "ORDER BY run.instant DESC, run.id DESC LIMIT ?",
        (*values, limit),
    )


def list_datasets(connection: sqlite3.Connection, page: Page, *, merged: bool = False) -> Listed:
    """Return datasets in name order; `merged` shows each alias group once, under its first name."""
    rows = list(_nodes(connection, Kind.DATASET, page))
    items = [_dataset_item(connection, row) for row in rows]
    after = str(items[-1]["id"]) if len(items) == page.limit else None
    if merged:
        items = [item for item in items if representative(connection, _name(item)) == _name(item)]
    return Listed(items, after)


def list_jobs(
    connection: sqlite3.Connection, page: Page, *, merged: bool = False, statements: bool = True
) -> Listed:
    """Return jobs in name order.

    `merged` shows the jobs that are one dbt node once, under the first name; without `statements`, jobs that
    are one statement of another are left out.
    """
    kin = Kin(connection)
    limit = page.limit if statements and not merged else EVERYTHING
    items: list[dict[str, Any]] = []
    for row in kin.ahead(_nodes(connection, Kind.JOB, msgspec.structs.replace(page, limit=limit))):
        if not statements and _is_seen(connection, kin.outermost(row[0]), row[0]):
            continue
        same = sorted(node_names(connection, kin.siblings(row[0])).values())
        if merged and same and same[0] < Name(row[1], row[2]):
            continue
        also = [{"namespace": name.namespace, "name": name.name} for name in same]
        items.append({**_name_item(row), "facets": facets_in_force(connection, row[0]), "same_as": also})
        if len(items) == page.limit:
            break
    return _listed(items, page)


def _is_seen(connection: sqlite3.Connection, outer: int, job: int) -> bool:
    """Tell whether `outer` is another job than `job`, and one that events are about."""
    seen = connection.execute("SELECT seen FROM node WHERE id = ?", (outer,)).fetchone()
    return outer != job and bool(seen[0])


def _nodes(connection: sqlite3.Connection, kind: Kind, page: Page) -> Iterable[tuple[int, str, str]]:
    where = "kind = ? AND seen"
    values: list[object] = [kind]
    if page.after is not None:
        row = connection.execute("SELECT namespace, name FROM node WHERE id = ?", (page.after,)).fetchone()
        where += " AND (namespace, name) > (?, ?)"
        values += list(_known(row, page.after))
    if page.text:
        where += " AND namespace || ':' || name LIKE ? ESCAPE '!'"
        values.append(page.pattern)
    sql = f"SELECT id, namespace, name FROM node WHERE {where} ORDER BY namespace, name LIMIT ?"  # noqa: S608 - fixed words
    return connection.execute(sql, (*values, page.limit))


def _run_item(connection: sqlite3.Connection, row: tuple[Any, ...], runs: list[int]) -> dict[str, Any]:
    state = row[4]
    parent = None if row[8] is None else {"run_id": row[8], "job": {"namespace": row[9], "name": row[10]}}
    return {
        "id": row[0],
        "run_id": row[1],
        "job": {"namespace": row[2], "name": row[3]},
        "state": state,
        "started_at": row[5],
        "ended_at": row[6] if state in TERMINAL else None,
        "events": row[7],
        "inputs": _run_uses(connection, runs, Direction.INPUT),
        "outputs": _run_uses(connection, runs, Direction.OUTPUT),
        "parent": parent,
        "user": row[11],
    }


def _run_uses(connection: sqlite3.Connection, runs: list[int], direction: Direction) -> list[dict[str, str]]:
    found: set[tuple[str, str]] = set()
    for run in runs:
        found.update(
            connection.execute(
                "SELECT DISTINCT d.namespace, d.name FROM run_io AS io JOIN node AS d ON d.id = io.dataset "
                "WHERE io.run = ? AND io.direction = ?",
                (run, direction),
            )
        )
    return [{"namespace": namespace, "name": name} for namespace, name in sorted(found)]


def _dataset_item(connection: sqlite3.Connection, row: tuple[int, str, str]) -> dict[str, Any]:
    name = Name(row[1], row[2])
    change = life_cycle(connection, row[0])
    others = sorted({n for pair in alias_pairs(connection, row[0]) for n in pair} - {name})
    return {
        **_name_item(row),
        "facets": facets_in_force(connection, row[0]),
        "level": "reported",
        "versions": version_states(connection, row[0]),
        "dropped_at": None if change is None else change.dropped_at,
        "aliases": [{"namespace": n.namespace, "name": n.name} for n in others],
    }


def _name_item(row: tuple[int, str, str]) -> dict[str, Any]:
    return {"id": row[0], "namespace": row[1], "name": row[2]}


def _name(item: dict[str, Any]) -> Name:
    return Name(item["namespace"], item["name"])


def _known(row: tuple[Any, ...] | None, after: str) -> tuple[Any, ...]:
    if row is None:
        raise NotFound(f"--after {after}: no item has this id", hint="use the id of the last item shown")
    return row


def _listed(items: list[dict[str, Any]], page: Page) -> Listed:
    return Listed(items, str(items[-1]["id"]) if len(items) == page.limit else None)
