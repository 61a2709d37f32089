"""What became of what runs wrote: written when a run completed or streams, else attempted (interop 1.7)."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from schemas.observation import Name

WRITTEN, ATTEMPTED, RUNNING, DROPPED, READ = "written", "attempted", "running", "dropped", "read"
PHANTOM = "phantom"

DONE = "(run.state = 'COMPLETE' OR (run.streaming AND run.state NOT IN ('FAIL', 'ABORT')))"
"""SQL: the run's outputs count as written."""

_WRITES = (
    "SELECT CASE WHEN io.role = 'drop' THEN 'drop' ELSE run.state END, "  # noqa: S608 - fixed words
    f"io.role <> 'drop' AND {DONE} FROM run CROSS JOIN run_io AS io ON io.run = run.id "
    f"AND io.direction = 2 AND io.dataset = ?2 WHERE run.job = ?1 AND run.events > 0 "
)
_DONE_FIRST = (
    _WRITES + f"AND {DONE} AND io.role <> 'drop' LIMIT 1",
    _WRITES + "LIMIT 200",
)


_VERSIONS_WRITTEN = (
    f"SELECT io.version, max(io.role <> 'drop' AND {DONE}), max(run.state IN ('FAIL', 'ABORT')), "  # noqa: S608
    "max(io.role <> 'drop') FROM run_io AS io JOIN run ON run.id = io.run "
    "WHERE io.dataset = ? AND io.direction = 2 AND io.version <> 0 GROUP BY io.version"
)
_MADE = (
    "SELECT 1 FROM edge WHERE target = ?1 AND relation = 3 UNION ALL SELECT 1 FROM run_io AS io "
    "JOIN run ON run.id = io.run WHERE io.dataset = ?1 AND io.direction = 2 AND io.role <> 'drop' "
    "AND run.state NOT IN ('FAIL', 'ABORT') LIMIT 1"
)
_TRIED = "SELECT 1 FROM run_io WHERE dataset = ?1 AND direction = 2 AND role <> 'drop' LIMIT 1"
_DECLARED = (
    "SELECT 1 FROM declared WHERE dataset = ?1 AND direction = 2 "
    "UNION ALL SELECT 1 FROM edge WHERE target = ?1 AND relation = 6 LIMIT 1"
)


def find_origin_gap(connection: sqlite3.Connection, names: Iterable[int]) -> str | None:
    """Return what is missing about who made the dataset, known by these nodes; None when somebody did.

    A run that only dropped it made nothing, and neither did one that failed.
    """
    nodes = sorted(names)

    def any_of(sql: str) -> bool:
        return any(connection.execute(sql, (node,)).fetchone() is not None for node in nodes)

    if any_of(_MADE):
        return None
    if any_of(_TRIED):
        return "writer-never-completed"
    return "writer-only-declared" if any_of(_DECLARED) else "no-known-writer"


def output_state(connection: sqlite3.Connection, job: int, dataset: int) -> str:
    """Return what became of the dataset as an output of the job, over all its runs."""
    for sql in _DONE_FIRST:
        rows = connection.execute(sql, (job, dataset)).fetchall()
        if any(done for _, done in rows):
            return WRITTEN
    states = {row[0] for row in rows}
    if states & {"FAIL", "ABORT"}:
        return ATTEMPTED
    if states - {"drop"}:
        return RUNNING
    return DROPPED if states else ""


def use_state(state: str, role: str, *, streaming: bool) -> str:
    """Return what became of one output of a run in this state."""
    if state in ("FAIL", "ABORT"):
        return ATTEMPTED
    done = state == "COMPLETE" or streaming
    if role == "drop":
        return DROPPED if done else RUNNING
    return WRITTEN if done else RUNNING


def run_uses(
    connection: sqlite3.Connection, run: int, direction: int
) -> list[tuple[Name, list[dict[str, str | None]], str]]:
    """Return (dataset, versions named, role) of what a run read or wrote, in name order."""
    rows = connection.execute(
        "SELECT d.namespace, d.name, v.version, v.digest, io.role FROM run_io AS io "
        "JOIN node AS d ON d.id = io.dataset LEFT JOIN dataset_version AS v ON v.id = io.version "
        "WHERE io.run = ? AND io.direction = ? ORDER BY 1, 2, 3, 4",
        (run, direction),
    )
    found: dict[Name, tuple[list[dict[str, str | None]], set[str]]] = {}
    for namespace, name, version, digest, role in rows:
        versions, roles = found.setdefault(Name(namespace, name), ([], set()))
        roles.add(role)
        named = {"version": version or None, "digest": digest or None}
        if (version or digest) and named not in versions:
            versions.append(named)
    return [
        (name, versions, "drop" if roles == {"drop"} else max(roles - {"drop"}))
        for name, (versions, roles) in found.items()
    ]


def version_states(connection: sqlite3.Connection, dataset: int) -> list[dict[str, Any]]:
    """Return the named versions of a dataset and what became of each; `read` where nobody tried to write it.

    `written` says that a run which wrote it completed, or streams.
    """
    became = {row[0]: row[1:] for row in connection.execute(_VERSIONS_WRITTEN, (dataset,))}
    rows = connection.execute(
        "SELECT id, version, digest FROM dataset_version WHERE dataset = ? ORDER BY version, digest",
        (dataset,),
    )
    return [_version(version, digest, *became.get(number, (0, 0, 0))) for number, version, digest in rows]


def _version(version: str, digest: str, done: int, failed: int, tried: int) -> dict[str, Any]:
    return {
        "version": version or None,
        "digest": digest or None,
        "written": bool(done),
        "state": WRITTEN if done else ATTEMPTED if failed else RUNNING if tried else READ,
    }
