"""The events of a run, read back from the blocks that keep them."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec
import zstandard

from schemas.observation import Name, RunKey


class KeptEvent(msgspec.Struct, frozen=True):
    """One event as it came: its exact bytes, their SHA-256 in hex, and the source that brought it."""

    digest: str
    kind: str
    source: str
    raw: bytes


class RunRow(msgspec.Struct, frozen=True):
    """A run as reduced in the projections; `id` is local."""

    id: int
    key: RunKey
    state: str
    started_at: str | None
    ended_at: str | None
    events: int
    streaming: bool
    user: str | None
    parent: RunKey | None


_RUN = (
    "SELECT run.id, run.run_id, job.namespace, job.name, run.state, run.started_at, "
    "CASE WHEN run.state IN ('COMPLETE', 'ABORT', 'FAIL') THEN run.state_time END, run.events, "
    "run.streaming, run.claimed_user, parent.run_id, parent_job.namespace, parent_job.name FROM run "
    "JOIN node AS job ON job.id = run.job LEFT JOIN run AS parent ON parent.id = run.parent "
    "LEFT JOIN node AS parent_job ON parent_job.id = parent.job "
)


def find_runs(connection: sqlite3.Connection, run_id: str) -> list[RunRow]:
    """Return the runs under one id, one a job, in name order; those only mentioned have no events."""
    rows = connection.execute(_RUN + "WHERE run.run_id = ? ORDER BY 3, 4", (run_id,))
    return [_row(row) for row in rows]


def latest_runs(connection: sqlite3.Connection, job: int, limit: int) -> list[RunRow]:
    """Return the latest runs of a job, the latest first."""
    rows = connection.execute(
        _RUN + "WHERE run.job = ? AND run.events > 0 ORDER BY run.instant DESC, run.run_id DESC LIMIT ?",
        (job, limit),
    )
    return [_row(row) for row in rows]


def inner_runs(connection: sqlite3.Connection, run: int) -> list[RunRow]:
    """Return the runs that name this one as their parent, in the order they began."""
    # There is no index by parent; the jobs inside a job are few, and their runs are found by job.
    rows = connection.execute(
        _RUN + "WHERE run.job IN (SELECT e.target FROM edge AS e WHERE e.relation = 4 AND e.source = "  # noqa: S608 - fixed words
        "(SELECT job FROM run WHERE id = ?1) UNION SELECT job FROM run WHERE id = ?1) AND run.parent = ?1 "
        "ORDER BY run.started_instant, run.instant, job.namespace, job.name, run.run_id",
        (run,),
    )
    return [_row(row) for row in rows]


def events_of(connection: sqlite3.Connection, run: int) -> Iterator[KeptEvent]:
    """Yield every event of the run, in the order they were taken in; one block is held at a time."""
    rows = connection.execute(
        "SELECT event.raw_digest, source.kind, source.name, event.block, event.slot FROM event "
        "JOIN source ON source.id = event.source WHERE event.run = ? ORDER BY event.id",
        (run,),
    )
    held, block = 0, []
    for digest, kind, source, number, slot in rows:
        if number != held:
            held, block = number, _block(connection, number)
        yield KeptEvent(digest.hex(), kind, source, block[slot])


def run_metrics(connection: sqlite3.Connection, run: int) -> list[dict[str, Any]]:
    """Return the numbers the run reported, as decimal text, each with the dataset it was measured on."""
    rows = connection.execute(
        "SELECT m.key, m.value, m.step, m.time, d.namespace, d.name, m.dataset_digest, m.model_id "
        "FROM metric AS m LEFT JOIN node AS d ON d.id = m.dataset WHERE m.run = ? ORDER BY 1, 5, 6, 7, 8",
        (run,),
    )
    return [
        {
            "key": key,
            "value": value,
            "step": step,
            "time": time,
            "dataset": None if name is None else {"namespace": namespace, "name": name},
            "dataset_digest": digest or None,
            "model_id": model or None,
        }
        for key, value, step, time, namespace, name, digest, model in rows
    ]


def find_events(connection: sqlite3.Connection, digest: str) -> list[tuple[KeptEvent, str | None]]:
    """Return the events whose SHA-256 begins with these hex digits, two at most, each with its run's id."""
    low, high = bytes.fromhex(digest[:16].ljust(16, "0")), bytes.fromhex(digest[:16].ljust(16, "f"))
    rows = connection.execute(
        "SELECT event.raw_digest, source.kind, source.name, event.block, event.slot, run.run_id FROM event "
        "JOIN source ON source.id = event.source LEFT JOIN run ON run.id = event.run "
        "WHERE substr(event.raw_digest, 1, 8) BETWEEN ? AND ? AND hex(event.raw_digest) LIKE ? LIMIT 2",
        (low, high, f"{digest}%"),
    ).fetchall()
    return [
        (KeptEvent(row[0].hex(), row[1], row[2], _block(connection, row[3])[row[4]]), row[5]) for row in rows
    ]


def _block(connection: sqlite3.Connection, block: int) -> list[bytes]:
    row = connection.execute("SELECT data FROM event_block WHERE id = ?", (block,)).fetchone()
    return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(row[0]), type=list[bytes])


def _row(row: tuple[Any, ...]) -> RunRow:
    number, run_id, namespace, name, state, started, ended, events, streaming, user, *parent = row
    inside = None if parent[0] is None else RunKey(parent[0], Name(parent[1], parent[2]))
    key = RunKey(run_id, Name(namespace, name))
    return RunRow(number, key, state, started, ended, events, bool(streaming), user, inside)
