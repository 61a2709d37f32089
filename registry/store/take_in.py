"""Taking observations in: exact bytes first, then the projections, both exactly once.

A batch is one transaction of the caller, who may seal it: `Batch.digests` are the raw digests of what was
newly taken and newly quarantined, in source order. An event already here, by event id, changes nothing,
except that a foreign registry's present state is what its latest reading says.
"""

import sqlite3
from collections.abc import Callable, Iterable

import msgspec
import zstandard

from registry.store.codes import Kind
from registry.store.doubles import find_doubles, is_known_in
from registry.store.event_ids import offer_event_ids
from registry.store.foreign import ForeignRegistry
from registry.store.ids import Ids
from registry.store.many_rows import insert_rows
from registry.store.prepared import BLOCK, Item, Prepared, Problem, prepare, prepared, together
from registry.store.projecting import Projection
from registry.store.touched import Marks, count_seen
from registry.store.uncollected import uncollected
from registry.trust import merkle
from schemas.observation import Source, Unreadable

_PROBLEMS = 10_000
"""Quarantined observations that a report names; the quarantine itself holds them all."""

_CACHE = 32 << 10
"""Kibibytes of the database held in memory: its indexes by digest and name are read all over."""


class Batch(msgspec.Struct, frozen=True):
    """What became of up to 10,000 observations. Node and run ids are local to this registry.

    `changed` counts those that said something new: taken, or a foreign registry back in an earlier state.
    """

    taken: int = 0
    duplicate: int = 0
    quarantined: int = 0
    digests: tuple[bytes, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    runs: frozenset[int] = frozenset()
    nodes: frozenset[int] = frozenset()
    changed: int = 0


class TakenIn(msgspec.Struct, frozen=True):
    """What became of a whole source; `root` is the RFC 6962 root over `sealed` digests, in source order."""

    taken: int
    duplicate: int
    quarantined: int
    runs: int
    datasets: int
    jobs: int
    changed: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    sealed: int
    root: bytes
    blind_spots: tuple[str, ...]


@uncollected()
def take_in(
    connection: sqlite3.Connection,
    source: Source,
    *,
    on_batch: Callable[[Batch], None] | None = None,
) -> TakenIn:
    """Take in everything the source holds; commit nothing.

    `on_batch` is called after every 10,000 observations: there the caller may seal, commit and begin anew.
    """
    intake: Intake | None = None
    total = Total()
    for ready in prepared(source.collect(is_known_in(connection))):
        if intake is None:
            intake = Intake(connection, source.kind, source.name)
        batch = intake.put(ready)
        total.add(batch)
        if on_batch is not None:
            on_batch(batch)
    return total.sum(connection, source.blind_spots)


class Total:
    """The sum of a source's batches; memory grows by a bit for each run and node."""

    def __init__(self) -> None:
        self._batches = Batch()
        self._sealed = merkle.Frontier()
        self._runs = Marks()
        self._nodes = Marks()

    def add(self, batch: Batch) -> None:
        """Count one batch."""
        one = self._batches
        self._batches = Batch(
            one.taken + batch.taken,
            one.duplicate + batch.duplicate,
            one.quarantined + batch.quarantined,
            problems=one.problems + batch.problems[: _PROBLEMS - len(one.problems)],
            warnings=together((*one.warnings, *batch.warnings)),
            changed=one.changed + batch.changed,
        )
        self._sealed.extend(merkle.leaf_hashes(batch.digests))
        self._runs.add(batch.runs)
        self._nodes.add(batch.nodes)

    def sum(self, connection: sqlite3.Connection, blind_spots: tuple[str, ...]) -> TakenIn:
        """Return what became of all batches."""
        found = self._batches
        kinds = count_seen(connection, self._nodes)
        return TakenIn(
            taken=found.taken,
            duplicate=found.duplicate,
            quarantined=found.quarantined,
            runs=len(self._runs),
            datasets=kinds[Kind.DATASET],
            jobs=kinds[Kind.JOB],
            changed=found.changed,
            problems=found.problems,
            warnings=found.warnings,
            sealed=self._sealed.size,
            root=self._sealed.root(),
            blind_spots=blind_spots,
        )


class Intake:
    """Writes the observations of one source, read at `now`."""

    def __init__(self, connection: sqlite3.Connection, kind: str, name: str, now: str = "") -> None:
        connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        offer_event_ids(connection)
        self._connection = connection
        self._ids = Ids(connection)
        self._source = self._ids.source(kind, name)
        self._packer = zstandard.ZstdCompressor(level=3)
        self._foreign = ForeignRegistry(connection, self._ids, self._source, now)

    def write(self, items: Iterable[Item]) -> Batch:
        """Write one batch and say what became of it; the caller owns the transaction."""
        return self.put(prepare(items))

    def put(self, batch: Prepared) -> Batch:
        """Write a batch that was made ready; the caller owns the transaction."""
        with uncollected():
            return self._put(batch)

    def _put(self, batch: Prepared) -> Batch:
        projection = Projection(self._connection, self._ids, batch.gathered, self._source)
        doubles = find_doubles(self._connection, batch, projection.runs)
        fresh = [place for place, row in enumerate(doubles) if not row]
        about = [projection.run_of(place) for place in range(len(doubles))]
        if fresh:
            projection.write(self._keep(batch, doubles, about), fresh)
        digests: list[bytes] = []
        for place in batch.order:
            if place >= 0 and not doubles[place]:
                digests.append(batch.digests[place])
            elif place < 0 and self._quarantine(batch.unreadable[~place]):
                digests.append(batch.unreadable[~place].raw_digest)
        returned = self._put_foreign(batch, doubles)
        runs_ = (about[place] for place in fresh)
        return Batch(
            taken=len(fresh),
            duplicate=batch.items - len(fresh) - len(batch.unreadable),
            quarantined=len(batch.unreadable),
            digests=tuple(digests),
            problems=tuple(Problem(item.position, item.reason) for item in batch.unreadable),
            warnings=batch.warnings,
            runs=frozenset(run for run in runs_ if run is not None),
            nodes=frozenset(projection.nodes) if fresh else frozenset(),
            changed=len(fresh) + returned,
        )

    def _keep(self, batch: Prepared, doubles: list[int], about: list[int | None]) -> list[int]:
        """Keep the exact bytes of what is new; return the row of every event."""
        blocks = []
        for first, packed in zip(range(0, len(doubles), BLOCK), batch.blocks, strict=True):
            # Bytes that are here already are not kept a second time, where a whole block is.
            if all(doubles[first : first + BLOCK]):
                blocks.append(0)
                continue
            made = self._connection.execute("INSERT INTO event_block (data) VALUES (?)", (packed,))
            blocks.append(made.lastrowid or 0)
        (last,) = self._connection.execute("SELECT max(id) FROM event").fetchone()
        events, rows, number = [], [], last or 0
        for place, (double, digest) in enumerate(zip(doubles, batch.digests, strict=True)):
            if double:
                events.append(double)
                continue
            number += 1
            events.append(number)
            block, slot, run = blocks[place // BLOCK], place % BLOCK, about[place]
            rows.append((number, digest, self._source, block, slot, run, batch.likenesses[place]))
        into = "INSERT INTO event (id, raw_digest, source, block, slot, run, likeness)"
        insert_rows(self._connection, into, 7, rows)
        return events

    def _put_foreign(self, batch: Prepared, doubles: list[int]) -> int:
        """Put the present state of a foreign registry; return how many known readings came back."""
        # A foreign registry has no event times: when it returns to an earlier state, that counts again.
        returned = 0
        for place, facts in batch.foreign:
            before = self._connection.total_changes
            for fact in facts:
                self._foreign.put(fact)
            is_known = place < 0 or doubles[place] > 0
            returned += is_known and self._connection.total_changes != before
        return returned

    def _quarantine(self, item: Unreadable) -> bool:
        made = self._connection.execute(
            "INSERT OR IGNORE INTO quarantine (source, position, reason, raw_digest, size, raw) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                self._source,
                item.position,
                item.reason,
                item.raw_digest,
                len(item.raw),
                self._packer.compress(item.raw),
            ),
        )
        return made.rowcount == 1
