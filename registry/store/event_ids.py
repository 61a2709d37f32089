"""Events by their rows: their exact bytes, and their ids worked out when a tie asks for them."""

import sqlite3
from collections.abc import Iterator
from functools import lru_cache

from registry.store.prepared import unpack
from schemas.identity import event_id

_REMEMBERED = 4096
_ALIKE = (
    "SELECT block, slot FROM event WHERE run IS ?2 AND likeness = ?1",
    "SELECT block, slot FROM event WHERE run IN (SELECT id FROM run WHERE run_id = ?2) AND likeness = ?1",
)


def read_raw(connection: sqlite3.Connection, block: int, slot: int) -> bytes:
    """Return the exact bytes of one observation."""
    row = connection.execute("SELECT data FROM event_block WHERE id = ?", (block,)).fetchone()
    return unpack(row[0])[slot]


def alike_ids(connection: sqlite3.Connection, run_id: str | None, likeness: int) -> Iterator[bytes]:
    """Yield the event ids of the events of a run, or of none, that have this likeness."""
    rows = connection.execute(_ALIKE[run_id is not None], (likeness, run_id))
    return (event_id(read_raw(connection, block, slot)) for block, slot in rows.fetchall())


def offer_event_ids(connection: sqlite3.Connection) -> None:
    """Let statements ask `event_id(row)` for the event id of a row of `event`."""

    @lru_cache(_REMEMBERED)
    def of_row(row: int) -> bytes:
        place = connection.execute("SELECT block, slot FROM event WHERE id = ?", (row,)).fetchone()
        return event_id(read_raw(connection, *place))

    connection.create_function("event_id", 1, of_row, deterministic=True)
