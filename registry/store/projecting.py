"""From facts to rows: one batch is gathered in memory, then written with a handful of statements.

Every statement is an idempotent upsert, and every merge is decided by event time and event id, so that the
order and the number of imports do not matter. Plain DB-API with tuples: an ORM is thirty times slower here.
"""

import sqlite3
from typing import Any

import msgspec

from registry.rules import facets, runs
from registry.rules.runs import RunState
from registry.store.codes import Direction, Kind, Relation
from registry.store.ids import Ids
from schemas.observation import DatasetFact, DatasetUse, Facets, JobFact, RunFact

Key = tuple[int, int, bytes]
"""What decides between two statements: instant, rank of the event type, event id."""

_LATEST = (1 << 63) - 1
_encode = msgspec.json.Encoder().encode


class Projection:
    """The rows of one batch; `flush` writes them."""

    def __init__(self, connection: sqlite3.Connection, ids: Ids) -> None:
        self._connection = connection
        self._ids = ids
        self._states: dict[int, RunState] = {}
        self._parents: dict[int, tuple[Key, int]] = {}
        self._io: set[tuple[int, int, int, int, str]] = set()
        self._edges: set[tuple[int, int, int]] = set()
        self._derivations: set[tuple[int, int, int]] = set()
        self._aliases: dict[tuple[int, int], tuple[bytes, str]] = {}
        self._facets: dict[tuple[int, str], tuple[Key, dict[str, Any]]] = {}
        self._declared: dict[int, tuple[Key, set[tuple[int, int]]]] = {}

    @property
    def runs(self) -> set[int]:
        """The runs this batch had events of."""
        return set(self._states)

    def add_run_event(self, fact: RunFact, event_id: bytes, source: int) -> int:
        """Gather one event of a run and return the run's id."""
        key = (_fit(fact.instant), runs.RANKS[fact.state or "OTHER"], event_id)
        job = self._ids.node(Kind.JOB, fact.run.job, seen=True)
        run = self._ids.run(fact.run, job, source)
        state = runs.of_event(fact)
        known = self._states.get(run)
        self._states[run] = state if known is None else runs.merge(known, state)
        self._keep_facets(job, fact.job_facets, key)
        for use in fact.inputs:
            dataset = self._use(run, Direction.INPUT, use, key)
            self._edges.add((dataset, job, Relation.INPUT))
        for use in fact.outputs:
            dataset = self._use(run, Direction.OUTPUT, use, key)
            self._edges.add((job, dataset, Relation.OUTPUT))
        for made_from, target in facets.derivations(fact):
            pair = self._dataset_pair(made_from, target)
            self._edges.add((*pair, Relation.DERIVATION))
            self._derivations.add((run, pair[1], pair[0]))
        if fact.run_facets:
            self._keep_relations(fact, run, job, key, source)
        return run

    def add_job_event(self, fact: JobFact, event_id: bytes) -> None:
        """Gather one static event of a job: what it declares replaces what an earlier one declared."""
        key = (_fit(fact.instant), runs.STATIC_RANK, event_id)
        job = self._ids.node(Kind.JOB, fact.job, seen=True)
        self._keep_facets(job, fact.facets, key)
        declared: set[tuple[int, int]] = set()
        for direction, uses in ((Direction.INPUT, fact.inputs), (Direction.OUTPUT, fact.outputs)):
            for use in uses:
                declared.add((direction, self._dataset(use, key)))
        known = self._declared.get(job)
        if known is None or key > known[0]:
            self._declared[job] = (key, declared)
        for made_from, target in facets.derivations(fact):
            self._edges.add((*self._dataset_pair(made_from, target), Relation.DECLARED_DERIVATION))

    def add_dataset_event(self, fact: DatasetFact, event_id: bytes) -> None:
        """Gather one static event of a dataset."""
        key = (_fit(fact.instant), runs.STATIC_RANK, event_id)
        self._dataset(DatasetUse(fact.dataset, facets=fact.facets), key)
        for made_from in facets.sources_of(fact.facets):
            if made_from != fact.dataset:
                pair = self._dataset_pair(made_from, fact.dataset)
                self._edges.add((*pair, Relation.DECLARED_DERIVATION))

    def flush(self) -> None:
        """Write everything gathered."""
        self._ids.flush_seen()
        self._flush_states()
        self._flush_parents()
        many = self._connection.executemany
        many("INSERT OR IGNORE INTO run_io VALUES (?, ?, ?, ?, ?)", sorted(self._io))
        many("INSERT OR IGNORE INTO edge VALUES (?, ?, ?)", sorted(self._edges))
        many("INSERT OR IGNORE INTO run_derivation VALUES (?, ?, ?)", sorted(self._derivations))
        many(
            "INSERT INTO alias (a, b, reason, event_id) VALUES (?, ?, ?, ?) ON CONFLICT (a, b) DO UPDATE "
            "SET reason = excluded.reason, event_id = excluded.event_id WHERE excluded.event_id < event_id",
            [(a, b, reason, event) for (a, b), (event, reason) in sorted(self._aliases.items())],
        )
        many(
            "INSERT INTO facet (node, name, instant, rank, event_id, value) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (node, name) DO UPDATE SET instant = excluded.instant, rank = excluded.rank, "
            "event_id = excluded.event_id, value = excluded.value "
            "WHERE (excluded.instant, excluded.rank, excluded.event_id) > (instant, rank, event_id)",
            [
                (node, name, *key, None if facets.is_deleted(value) else _encode(value))
                for (node, name), (key, value) in self._facets.items()
            ],
        )
        self._flush_declared()

    def _use(self, run: int, direction: Direction, use: DatasetUse, key: Key) -> int:
        dataset = self._dataset(use, key)
        version = self._ids.version(dataset, use.version, use.digest)
        self._io.add((run, direction, dataset, version, use.role or ""))
        return dataset

    def _dataset(self, use: DatasetUse, key: Key) -> int:
        dataset = self._ids.node(Kind.DATASET, use.dataset, seen=True)
        if use.facets:
            self._keep_facets(dataset, use.facets, key)
            for name, reason in facets.aliases(use.facets):
                other = self._ids.node(Kind.DATASET, name, seen=False)
                if other != dataset:
                    pair = (min(dataset, other), max(dataset, other))
                    said = (key[2], reason)
                    self._aliases[pair] = min(said, self._aliases.get(pair, said))
        return dataset

    def _dataset_pair(self, made_from: Any, target: Any) -> tuple[int, int]:
        node = self._ids.node
        return node(Kind.DATASET, made_from, seen=True), node(Kind.DATASET, target, seen=True)

    def _keep_facets(self, node: int, given: Facets, key: Key) -> None:
        kept = self._facets
        for name, value in given.items():
            known = kept.get((node, name))
            if known is None or key >= known[0]:
                kept[node, name] = (key, value)

    def _keep_relations(self, fact: RunFact, run: int, job: int, key: Key, source: int) -> None:
        parent = facets.find_parent(fact.run_facets)
        if parent is not None and parent != fact.run:
            parent_job = self._ids.node(Kind.JOB, parent.job, seen=False)
            parent_run = self._ids.run(parent, parent_job, source)
            known = self._parents.get(run)
            if known is None or key >= known[0]:
                self._parents[run] = (key, parent_run)
            if parent_job != job:
                self._edges.add((parent_job, job, Relation.PARENT))
        for upstream, downstream in facets.dependencies(fact.run_facets):
            other = self._ids.node(Kind.JOB, upstream or downstream, seen=False)
            if other != job:
                pair = (other, job) if upstream is not None else (job, other)
                self._edges.add((*pair, Relation.DEPENDENCY))

    def _flush_states(self) -> None:
        rows = []
        for run, fresh in self._states.items():
            known = None if run in self._ids.new_runs else find_state(self._connection, run)
            state = fresh if known is None else runs.merge(known, fresh)
            rows.append(
                (
                    state.events,
                    state.state,
                    _fit(state.state_instant),
                    state.state_time,
                    None if state.started_instant is None else _fit(state.started_instant),
                    state.started_at,
                    _fit(state.last_instant),
                    state.streaming,
                    state.user,
                    run,
                )
            )
        self._connection.executemany(
            "UPDATE run SET events = ?, state = ?, state_instant = ?, state_time = ?, started_instant = ?, "
            "started_at = ?, instant = ?, streaming = ?, claimed_user = ? WHERE id = ?",
            rows,
        )

    def _flush_parents(self) -> None:
        self._connection.executemany(
            "UPDATE run SET parent = ?1, parent_instant = ?2, parent_rank = ?3, parent_event = ?4 "
            "WHERE id = ?5 AND (parent_event IS NULL "
            "OR (?2, ?3, ?4) > (parent_instant, parent_rank, parent_event))",
            [(parent, *key, run) for run, (key, parent) in self._parents.items()],
        )

    def _flush_declared(self) -> None:
        for job, (key, declared) in self._declared.items():
            row = self._connection.execute(
                "SELECT instant, event_id FROM declared_by WHERE job = ?", (job,)
            ).fetchone()
            if row is not None and (key[0], key[2]) <= (row[0], row[1]):
                continue
            self._connection.execute("DELETE FROM declared WHERE job = ?", (job,))
            self._connection.executemany(
                "INSERT INTO declared (job, direction, dataset) VALUES (?, ?, ?)",
                [(job, direction, dataset) for direction, dataset in sorted(declared)],
            )
            self._connection.execute(
                "INSERT OR REPLACE INTO declared_by VALUES (?, ?, ?)", (job, key[0], key[2])
            )


def find_state(connection: sqlite3.Connection, run: int) -> RunState | None:
    """Return the run as reduced so far, or None when it has only been mentioned."""
    row = connection.execute(
        "SELECT state, state_instant, state_time, started_instant, started_at, instant, streaming, events, "
        "claimed_user FROM run WHERE id = ? AND events > 0",
        (run,),
    ).fetchone()
    if row is None:
        return None
    state, instant, time, started, started_at, last, streaming, events, user = row
    return RunState(state, instant, time, started, started_at, last, bool(streaming), events, user)


def _fit(instant: int) -> int:
    return max(-_LATEST, min(instant, _LATEST))
