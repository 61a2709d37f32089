"""Events by their rows: their exact bytes, and their ids worked out when a tie asks for them."""

import sqlite3
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from registry.store.prepared import unpack
from schemas.identity import event_id

_REMEMBERED = 4096
_ALIKE = (
    "SELECT block, slot, id FROM event WHERE run IS ?2 AND likeness = ?1",
    "SELECT block, slot, id FROM event WHERE run IN (SELECT id FROM run WHERE run_id = ?2) AND likeness = ?1",
)


def read_raw(connection: sqlite3.Connection, block: int, slot: int) -> bytes:
    """Return the exact bytes of one observation."""
    return read_block(connection, block)[slot]


def read_block(connection: sqlite3.Connection, block: int) -> list[bytes]:
    """Return the exact bytes of the observations that lie together."""
    row = connection.execute("SELECT data FROM event_block WHERE id = ?", (block,)).fetchone()
    return unpack(row[0])


class EventRow(NamedTuple):
    """Where an event lies, and its row."""

    block: int
    slot: int
    id: int


def event_ids(connection: sqlite3.Connection, rows: Iterable[EventRow]) -> Iterator[tuple[bytes, int]]:
    """Yield the event id of each row and the row, in the order of blocks: each is opened once."""
    for block, listed in groupby(sorted(rows), key=lambda row: row.block):
        raws = read_block(connection, block)
        yield from ((event_id(raws[row.slot]), row.id) for row in listed)


def alike_ids(connection: sqlite3.Connection, run_id: str | None, likeness: int) -> Iterator[bytes]:
    """Yield the event ids of the events of a run, or of none, that have this likeness."""
    rows = connection.execute(_ALIKE[run_id is not None], (likeness, run_id)).fetchall()
    return (found for found, _ in event_ids(connection, (EventRow(*row) for row in rows)))


def offer_event_ids(connection: sqlite3.Connection) -> None:
    """Let statements ask `event_id(row)` for the event id of a row of `event`."""

    @lru_cache(_REMEMBERED)
    def of_row(row: int) -> bytes:
        place = connection.execute("SELECT block, slot FROM event WHERE id = ?", (row,)).fetchone()
        return event_id(read_raw(connection, *place))

    connection.create_function("event_id", 1, of_row, deterministic=True)
