"""Which events are here already: by their exact bytes, or as the same JSON value in another spelling."""

import sqlite3
from collections.abc import Collection, Sequence

from registry.store.event_ids import read_raw
from registry.store.gathered import NOBODY
from registry.store.ids import Known
from registry.store.many_rows import select_each
from registry.store.prepared import Prepared
from schemas.identity import event_id
from schemas.observation import IsKnown

BY_RAW = (
    "SELECT n, event.id FROM asked CROSS JOIN event "
    "ON substr(event.raw_digest, 1, 8) = substr(k1, 1, 8) AND event.raw_digest = k1"
)
_ALIKE = (
    "SELECT n, event.id, event.block, event.slot FROM asked CROSS JOIN event "
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
    left = [place for place, row in enumerate(found) if not row and about[place] not in runs.new]
    asked = (
        (None if about[place] == NOBODY else runs.ids[about[place]], batch.likenesses[place])
        for place in left
    )
    for n, row, block, slot in select_each(connection, _ALIKE, 2, asked):
        if event_id(read_raw(connection, block, slot)) == event_id(batch.raw(left[n])):
            found[left[n]] = row
    return found
