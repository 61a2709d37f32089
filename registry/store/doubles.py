"""Which events are here already: by their exact bytes, or as the same JSON value in another spelling."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence

from registry.store.event_ids import EventRow, event_ids
from registry.store.gathered import NOBODY
from registry.store.ids import Known
from registry.store.many_rows import select_each
from registry.store.prepared import Prepared
from schemas.observation import IsKnown

BY_RAW = (
    "SELECT n, event.id FROM asked CROSS JOIN event "
    "ON substr(event.raw_digest, 1, 8) = substr(k1, 1, 8) AND event.raw_digest = k1"
)
_ALIKE = (
    "SELECT n, event.block, event.slot, event.id FROM asked CROSS JOIN event "
    "ON event.run IS k1 AND event.likeness = k2"
)


def is_known_in(connection: sqlite3.Connection) -> IsKnown:
    """Return the question which events with these exact bytes are here, by their raw digests."""

    def known(digests: Sequence[bytes]) -> Collection[bytes]:
        rows = select_each(connection, BY_RAW, 1, ((digest,) for digest in digests))
        return {digests[n] for n, _ in rows}

    return known


def find_doubles(connection: sqlite3.Connection, batch: Prepared, runs: Known) -> list[int]:
    """Return for each event of the batch the row of the same event here, 0 for none."""
    found = [0] * len(batch.digests)
    for place, row in select_each(connection, BY_RAW, 1, ((digest,) for digest in batch.digests)):
        found[place] = row
    about = batch.gathered.about
    alike: dict[tuple[int | None, int], list[int]] = {}
    for place, row in enumerate(found):
        if not row and about[place] not in runs.new:
            run = None if about[place] == NOBODY else runs.ids[about[place]]
            alike.setdefault((run, batch.likenesses[place]), []).append(place)
    for places, rows in _alike_here(connection, alike):
        known = dict(event_ids(connection, rows))
        for place, own in batch.event_ids(places):
            found[place] = known.get(own, 0)
    return found


def _alike_here(
    connection: sqlite3.Connection, alike: dict[tuple[int | None, int], list[int]]
) -> Iterator[tuple[list[int], list[EventRow]]]:
    """Yield places of the batch with the rows here that are alike."""
    keys = list(alike)
    rows: dict[int, list[EventRow]] = {}
    for n, *row in select_each(connection, _ALIKE, 2, keys):
        rows.setdefault(n, []).append(EventRow(*row))
    return ((alike[keys[n]], found) for n, found in rows.items())
