"""Lists of what was imported, page by page: runs, datasets and jobs, each as its source named it.

A page starts behind the item whose `id` is given, in the order of the list, and costs what it shows.
"""

import json
import sqlite3
from typing import Any

import msgspec

from registry.rules.runs import TERMINAL
from registry.store.aliases import alias_pairs
from registry.store.codes import Direction, Kind
from registry.store.folding import representative
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


def list_runs(connection: sqlite3.Connection, page: Page) -> Listed:
    """Return runs, the latest first."""
    where = "run.events > 0"
    values: list[object] = []
    if page.after is not None:
        row = connection.execute("SELECT instant, id FROM run WHERE id = ?", (page.after,)).fetchone()
        where += " AND (run.instant, run.id) < (?, ?)"
        values += list(_known(row, page.after))
    if page.text:
        where += " AND (job.name LIKE ? ESCAPE '!' OR run.run_id LIKE ? ESCAPE '!' OR run.state = ?)"
        values += [page.pattern, page.pattern, page.text.upper()]
    rows = connection.execute(
        "SELECT run.id, run.run_id, job.namespace, job.name, run.state, run.started_at, run.state_time, "  # noqa: S608 - fixed words
        "run.events, parent.run_id, parent_job.namespace, parent_job.name, run.claimed_user FROM run "
        "JOIN node AS job ON job.id = run.job LEFT JOIN run AS parent ON parent.id = run.parent "
        f"LEFT JOIN node AS parent_job ON parent_job.id = parent.job WHERE {where} "
        "ORDER BY run.instant DESC, run.id DESC LIMIT ?",
        (*values, page.limit),
    ).fetchall()
    return _listed([_run_item(connection, row) for row in rows], page)


def list_datasets(connection: sqlite3.Connection, page: Page, *, merged: bool = False) -> Listed:
    """Return datasets in name order; `merged` shows each alias group once, under its first name."""
    rows = _nodes(connection, Kind.DATASET, page)
    items = [_dataset_item(connection, row) for row in rows]
    after = str(items[-1]["id"]) if len(items) == page.limit else None
    if merged:
        items = [item for item in items if representative(connection, _name(item)) == _name(item)]
    return Listed(items, after)


def list_jobs(connection: sqlite3.Connection, page: Page) -> Listed:
    """Return jobs in name order."""
    rows = _nodes(connection, Kind.JOB, page)
    return _listed([{**_name_item(row), "facets": _facets(connection, row[0])} for row in rows], page)


def _nodes(connection: sqlite3.Connection, kind: Kind, page: Page) -> list[tuple[int, str, str]]:
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
    return connection.execute(sql, (*values, page.limit)).fetchall()


def _run_item(connection: sqlite3.Connection, row: tuple[Any, ...]) -> dict[str, Any]:
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
        "inputs": _run_uses(connection, row[0], Direction.INPUT),
        "outputs": _run_uses(connection, row[0], Direction.OUTPUT),
        "parent": parent,
        "user": row[11],
    }


def _run_uses(connection: sqlite3.Connection, run: int, direction: Direction) -> list[dict[str, str]]:
    rows = connection.execute(
        "SELECT DISTINCT d.namespace, d.name FROM run_io AS io JOIN node AS d ON d.id = io.dataset "
        "WHERE io.run = ? AND io.direction = ? ORDER BY 1, 2",
        (run, direction),
    )
    return [{"namespace": row[0], "name": row[1]} for row in rows]


def _dataset_item(connection: sqlite3.Connection, row: tuple[int, str, str]) -> dict[str, Any]:
    name = Name(row[1], row[2])
    others = sorted({n for pair in alias_pairs(connection, row[0]) for n in pair} - {name})
    return {
        **_name_item(row),
        "facets": _facets(connection, row[0]),
        "level": "reported",
        "versions": _versions(connection, row[0]),
        "aliases": [{"namespace": n.namespace, "name": n.name} for n in others],
    }


def _versions(connection: sqlite3.Connection, dataset: int) -> list[dict[str, Any]]:
    """Return the named versions; `written` says that a run which wrote it completed, or streams."""
    rows = connection.execute(
        "SELECT v.version, v.digest, EXISTS (SELECT 1 FROM run_io AS io JOIN run ON run.id = io.run "
        "WHERE io.dataset = v.dataset AND io.direction = ? AND io.version = v.id AND io.role <> 'drop' "
        "AND (run.state = 'COMPLETE' OR (run.streaming AND run.state NOT IN ('FAIL', 'ABORT')))) "
        "FROM dataset_version AS v WHERE v.dataset = ? ORDER BY v.version, v.digest",
        (Direction.OUTPUT, dataset),
    )
    return [{"version": row[0] or None, "digest": row[1] or None, "written": bool(row[2])} for row in rows]


def _facets(connection: sqlite3.Connection, node: int) -> dict[str, Any]:
    rows = connection.execute(
        "SELECT name, value FROM facet WHERE node = ? AND value IS NOT NULL ORDER BY name", (node,)
    )
    return {row[0]: json.loads(row[1]) for row in rows}


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
