"""Reading imported lineage: one thing at a time, and what the historical walk asks for.

Costs grow with the answer: everything starts from a name and follows covering indexes.
"""

import sqlite3
from collections.abc import Iterator, Sequence

from registry.rules.runs import TERMINAL
from registry.rules.snapshot import KnownRun, VersionUse
from registry.store.aliases import alias_pairs
from registry.store.codes import Direction, Kind, Relation
from schemas.observation import Name, RunKey

_RUN = (
    "SELECT run.id, run.run_id, job.namespace, job.name, run.state, run.started_instant, run.state_instant, "
    "run.streaming FROM run JOIN node AS job ON job.id = run.job "
)
_WROTE = (
    "WHERE run.job = ?1 AND run.id <> ?4 AND EXISTS (SELECT 1 FROM run_io AS io WHERE io.run = run.id "
    "AND io.direction = ?3 AND io.dataset = ?2 AND io.role <> 'drop') "
)
_COMPLETED = (
    f"{_RUN} {_WROTE} AND run.state = 'COMPLETE' AND run.state_instant <= ?5 ORDER BY run.state_instant DESC"
)
_STREAMS = f"{_RUN} {_WROTE} AND run.streaming"
_WRITING_JOBS = "SELECT source FROM edge WHERE target = ? AND relation = ?"
_VERSION_WRITERS = {
    column: f"{_RUN} WHERE run.id IN (SELECT io.run FROM dataset_version AS v JOIN run_io AS io "  # noqa: S608
    f"ON io.dataset = v.dataset AND io.version = v.id WHERE v.dataset = ?1 AND v.{column} = ?2 "
    "AND io.direction = ?3 AND io.role <> 'drop')"
    for column in ("version", "digest")
}


class LineageReader:
    """Answers `registry.rules.snapshot.Reader` from the projections; remembers what it read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[RunKey, int] = {}
        self._io: dict[tuple[RunKey, Direction], tuple[VersionUse, ...]] = {}

    def find_run(self, key: RunKey) -> KnownRun | None:
        """Return the run, or None when no event of it is here."""
        rows = self._connection.execute(
            _RUN + "WHERE run.run_id = ? AND job.kind = ? AND job.namespace = ? AND job.name = ? "
            "AND run.events > 0",
            (key.run_id, Kind.JOB, key.job.namespace, key.job.name),
        )
        return next((self._run(row) for row in rows), None)

    def inputs(self, run: KnownRun) -> Sequence[VersionUse]:
        """Return what the run read, a dataset without version only when none of its versions is named."""
        return self._uses(run, Direction.INPUT)

    def outputs(self, run: KnownRun) -> Sequence[VersionUse]:
        """Return what the run wrote, likewise; what it dropped is not among it."""
        return self._uses(run, Direction.OUTPUT)

    def derivations(self, run: KnownRun) -> Sequence[tuple[Name, Name]]:
        """Return (source, target) of the datasets the run made from others."""
        rows = self._connection.execute(
            "SELECT s.namespace, s.name, t.namespace, t.name FROM run_derivation AS d "
            "JOIN node AS s ON s.id = d.source JOIN node AS t ON t.id = d.target WHERE d.run = ? "
            "ORDER BY 1, 2, 3, 4",
            (self._ids[run.key],),
        )
        return [(Name(row[0], row[1]), Name(row[2], row[3])) for row in rows]

    def writers_before(self, datasets: frozenset[Name], moment: int, but: RunKey) -> Sequence[KnownRun]:
        """Return the latest completed writers and every stream, other than `but`, in name order."""
        runs = {
            run.key: run
            for node in self._nodes(datasets)
            for (job,) in self._connection.execute(_WRITING_JOBS, (node, Relation.OUTPUT))
            for run in self._latest(node, job, moment, self._ids.get(but, 0))
        }
        return [runs[key] for key in sorted(runs)]

    def version_writers(self, datasets: frozenset[Name], use: VersionUse) -> Sequence[KnownRun]:
        """Return the runs that wrote any of the datasets in the version that `use` names."""
        column, value = ("version", use.version) if use.version is not None else ("digest", use.digest)
        runs = {
            run.key: run
            for node in self._nodes(datasets)
            for row in self._connection.execute(_VERSION_WRITERS[column], (node, value, Direction.OUTPUT))
            for run in [self._run(row)]
        }
        return [runs[key] for key in sorted(runs)]

    def aliases(self, dataset: Name) -> Sequence[tuple[Name, Name]]:
        """Return every pair by which the dataset is, over any number of steps, called otherwise."""
        node = find_node(self._connection, Kind.DATASET, dataset)
        return [] if node is None else alias_pairs(self._connection, node)

    def _nodes(self, datasets: frozenset[Name]) -> list[int]:
        found = (find_node(self._connection, Kind.DATASET, dataset) for dataset in datasets)
        return [node for node in found if node is not None]

    def _latest(self, node: int, job: int, moment: int, but: int) -> Iterator[KnownRun]:
        """Yield a job's latest completed writers of the dataset and its streams."""
        asked = (job, node, Direction.OUTPUT, but)
        latest: int | None = None
        for row in self._connection.execute(_COMPLETED, (*asked, moment)):
            if latest is not None and row[6] < latest:
                break
            latest = row[6]
            yield self._run(row)
        yield from (self._run(row) for row in self._connection.execute(_STREAMS, asked))

    def _uses(self, run: KnownRun, direction: Direction) -> tuple[VersionUse, ...]:
        found = self._io.get((run.key, direction))
        if found is None:
            rows = self._connection.execute(
                "SELECT d.namespace, d.name, v.version, v.digest FROM run_io AS io "
                "JOIN node AS d ON d.id = io.dataset LEFT JOIN dataset_version AS v ON v.id = io.version "
                "WHERE io.run = ? AND io.direction = ? AND io.role <> 'drop' ORDER BY 1, 2, 3, 4",
                (self._ids[run.key], direction),
            )
            uses = [VersionUse(Name(row[0], row[1]), row[2] or None, row[3] or None) for row in rows]
            pinned = {use.dataset for use in uses if use.pinned}
            kept = dict.fromkeys(use for use in uses if use.pinned or use.dataset not in pinned)
            found = self._io[run.key, direction] = tuple(kept)
        return found

    def _run(self, row: tuple[int, str, str, str, str, int | None, int, int]) -> KnownRun:
        run_id, state, started, moment, streaming = row[1], row[4], row[5], row[6], bool(row[7])
        key = RunKey(run_id, Name(row[2], row[3]))
        self._ids[key] = row[0]
        if started is None and streaming and state == "RUNNING":
            started = moment
        return KnownRun(key, state, started, moment if state in TERMINAL else None, streaming)


def find_node(connection: sqlite3.Connection, kind: Kind, name: Name) -> int | None:
    """Return the id of a dataset or job, or None when it was never mentioned."""
    row = connection.execute(
        "SELECT id FROM node WHERE kind = ? AND namespace = ? AND name = ?", (kind, name.namespace, name.name)
    ).fetchone()
    return None if row is None else int(row[0])
