"""Taking observations in: exact bytes first, then the projections, both exactly once.

A batch is one transaction of the caller, who may seal it: `Batch.digests` are the raw digests of what was
newly taken and newly quarantined, in source order. An event already here, by event id, changes nothing,
except that a foreign registry's present state is what its latest reading says.
"""

import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec
import zstandard

from registry.rules.naming import dataset_member, run_member
from registry.store.codes import Kind
from registry.store.foreign import ForeignRegistry
from registry.store.ids import Ids
from registry.store.projecting import Projection
from schemas.observation import (
    DatasetFact,
    IsKnown,
    JobFact,
    Known,
    Name,
    Observation,
    RunFact,
    RunKey,
    Source,
    Unreadable,
)

BATCH = 10_000
_BATCH_BYTES = 48 << 20
_BLOCK = 64
_REASONS = 1_000
BY_RAW = "SELECT 1 FROM event WHERE substr(raw_digest, 1, 8) = substr(?1, 1, 8) AND raw_digest = ?1"

Item = Observation | Unreadable | Known


class Problem(msgspec.Struct, frozen=True):
    """Something that was quarantined or read with a doubt: where it first stood, why, and how often."""

    position: str
    reason: str
    count: int = 1


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
    """What became of a whole source; `members` are closure members of everything it touched."""

    taken: int
    duplicate: int
    quarantined: int
    runs: int
    datasets: int
    jobs: int
    changed: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    digests: tuple[bytes, ...]
    members: frozenset[str]
    blind_spots: tuple[str, ...]


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
    batches: list[Batch] = []
    for items in batched(source.collect(is_known_in(connection))):
        if intake is None:
            intake = Intake(connection, source.kind, source.name)
        batch = intake.write(items)
        batches.append(batch)
        if on_batch is not None:
            on_batch(batch)
    return summarise(connection, batches, source.blind_spots)


def batched(items: Iterable[Item], size: int = BATCH) -> Iterator[list[Item]]:
    """Yield the items in lists of at most `size`, fewer where they are large: memory stays bounded."""
    iterator = iter(items)
    while batch := _gather(iterator, size):
        yield batch


def _gather(iterator: Iterator[Item], size: int) -> list[Item]:
    batch: list[Item] = []
    room = _BATCH_BYTES
    with _uncollected():
        for item in iterator:
            batch.append(item)
            room -= 0 if isinstance(item, Known) else len(item.raw)
            if len(batch) >= size or room <= 0:
                break
    return batch


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold back the garbage collector: decoded JSON has no cycles, and walking it costs half the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def summarise(connection: sqlite3.Connection, batches: list[Batch], blind_spots: tuple[str, ...]) -> TakenIn:
    """Return the sum of all batches of one source."""
    runs = frozenset[int]().union(*(batch.runs for batch in batches))
    nodes = frozenset[int]().union(*(batch.nodes for batch in batches))
    names = _names(connection, nodes)
    members = {dataset_member(name) for kind, name in names if kind == Kind.DATASET}
    return TakenIn(
        taken=sum(batch.taken for batch in batches),
        duplicate=sum(batch.duplicate for batch in batches),
        quarantined=sum(batch.quarantined for batch in batches),
        runs=len(runs),
        datasets=sum(kind == Kind.DATASET for kind, _ in names),
        jobs=sum(kind == Kind.JOB for kind, _ in names),
        changed=sum(batch.changed for batch in batches),
        problems=tuple(p for batch in batches for p in batch.problems),
        warnings=_together(w for batch in batches for w in batch.warnings),
        digests=tuple(d for batch in batches for d in batch.digests),
        members=frozenset(members | {run_member(key) for key in _run_keys(connection, runs)}),
        blind_spots=blind_spots,
    )


def _together(warnings: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return each reason once, where it stood first; what is beyond a thousand reasons is only counted."""
    found: dict[str, Problem] = {}
    for item in warnings:
        reason = item.reason if item.reason in found or len(found) < _REASONS else "further warnings"
        known = found.get(reason)
        first, before = (item.position, 0) if known is None else (known.position, known.count)
        found[reason] = Problem(first, reason, before + item.count)
    return tuple(found.values())


class Intake:
    """Writes the observations of one source, read at `now`."""

    def __init__(self, connection: sqlite3.Connection, kind: str, name: str, now: str = "") -> None:
        self._connection = connection
        self._ids = Ids(connection)
        self._source = self._ids.source(kind, name)
        self._packer = zstandard.ZstdCompressor(level=3)
        self._foreign = ForeignRegistry(connection, self._ids, self._source, now)

    def write(self, items: list[Item]) -> Batch:
        """Write one batch and say what became of it; the caller owns the transaction."""
        returned = 0
        known = self._known([item.event_id for item in items if isinstance(item, Observation)])
        fresh: list[Observation] = []
        digests: list[bytes] = []
        problems: list[Problem] = []
        warnings: list[Problem] = []
        for item in items:
            if isinstance(item, Known):
                continue
            if isinstance(item, Unreadable):
                problems.append(Problem(item.position, item.reason))
                if self._quarantine(item):
                    digests.append(item.raw_digest)
                continue
            warnings.extend(Problem(item.position, text) for text in item.warnings)
            if item.event_id in known:
                returned += self._put_present(item)
                continue
            known.add(item.event_id)
            fresh.append(item)
            digests.append(item.raw_digest)
        runs, nodes = self._project(fresh)
        return Batch(
            taken=len(fresh),
            duplicate=len(items) - len(fresh) - len(problems),
            quarantined=len(problems),
            digests=tuple(digests),
            problems=tuple(problems),
            warnings=_together(warnings),
            runs=frozenset(runs),
            nodes=frozenset(nodes),
            changed=len(fresh) + returned,
        )

    def _project(self, fresh: list[Observation]) -> tuple[set[int], set[int]]:
        projection = Projection(self._connection, self._ids)
        about: list[int | None] = []
        self._ids.start_batch()
        for item in fresh:
            run = None
            for fact in item.facts:
                if isinstance(fact, RunFact):
                    run = projection.add_run_event(fact, item.event_id, self._source)
                elif isinstance(fact, JobFact):
                    projection.add_job_event(fact, item.event_id)
                elif isinstance(fact, DatasetFact):
                    projection.add_dataset_event(fact, item.event_id)
                else:
                    self._foreign.put(fact)
            about.append(run)
        projection.flush()
        self._keep_raw(fresh, about)
        return projection.runs, self._ids.batch_nodes

    def _put_present(self, item: Observation) -> bool:
        """Put the present state of a foreign registry; say whether that changed anything."""
        # A foreign registry has no event times: when it returns to an earlier state, that counts again.
        before = self._connection.total_changes
        for fact in item.facts:
            if not isinstance(fact, RunFact | JobFact | DatasetFact):
                self._foreign.put(fact)
        return self._connection.total_changes != before

    def _keep_raw(self, fresh: list[Observation], about: list[int | None]) -> None:
        for start in range(0, len(fresh), _BLOCK):
            part = fresh[start : start + _BLOCK]
            packed = self._packer.compress(msgspec.msgpack.encode([item.raw for item in part]))
            made = self._connection.execute("INSERT INTO event_block (data) VALUES (?)", (packed,))
            block = made.lastrowid
            self._connection.executemany(
                "INSERT INTO event (event_id, raw_digest, source, block, slot, run) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (item.event_id, item.raw_digest, self._source, block, slot, about[start + slot])
                    for slot, item in enumerate(part)
                ],
            )

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

    def _known(self, event_ids: list[bytes]) -> set[bytes]:
        known: set[bytes] = set()
        for start in range(0, len(event_ids), 500):
            part = event_ids[start : start + 500]
            marks = ", ".join("?" * len(part))
            rows = self._connection.execute(
                f"SELECT event_id FROM event WHERE event_id IN ({marks})",  # noqa: S608 - only marks
                part,
            )
            known.update(row[0] for row in rows)
        return known


def is_known_in(connection: sqlite3.Connection) -> IsKnown:
    """Return the question whether an event with these exact bytes is here, by its raw digest."""

    def is_known(digest: bytes) -> bool:
        return connection.execute(BY_RAW, (digest,)).fetchone() is not None

    return is_known


def read_raw(connection: sqlite3.Connection, block: int, slot: int) -> bytes:
    """Return the exact bytes of one observation."""
    row = connection.execute("SELECT data FROM event_block WHERE id = ?", (block,)).fetchone()
    parts = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(row[0]), type=list[bytes])
    return parts[slot]


def _names(connection: sqlite3.Connection, nodes: frozenset[int]) -> list[tuple[int, Name]]:
    sql = "SELECT kind, namespace, name FROM node WHERE id = ? AND seen"
    rows = (connection.execute(sql, (node,)).fetchone() for node in nodes)
    return [(row[0], Name(row[1], row[2])) for row in rows if row is not None]


def _run_keys(connection: sqlite3.Connection, runs: frozenset[int]) -> Iterator[RunKey]:
    sql = "SELECT run_id, namespace, name FROM run JOIN node ON node.id = run.job WHERE run.id = ?"
    for run in runs:
        row = connection.execute(sql, (run,)).fetchone()
        yield RunKey(row[0], Name(row[1], row[2]))
