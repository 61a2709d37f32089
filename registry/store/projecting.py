"""Writing what a batch gathered: a handful of statements, each an idempotent upsert.

Plain DB-API with tuples: an ORM is thirty times slower here. Where two statements of equal instant and rank
meet, the database asks for the ids of their events, through the function `event_id`.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from operator import itemgetter

import msgspec

from registry.rules import runs
from registry.rules.runs import RunState
from registry.store.codes import Relation
from registry.store.gathered import NOBODY, Declared, Gathered, Weight
from registry.store.ids import Ids, Known
from registry.store.many_rows import insert_rows, select_each

_DECLARED = int(Relation.DECLARED_DERIVATION)
_STATE = (
    "events = ?, state = ?, state_instant = ?, state_time = ?, started_instant = ?, started_at = ?, "
    "instant = ?, streaming = ?, claimed_user = ?"
)
_FIND_STATES = (
    "SELECT n, run.state, run.state_instant, run.state_time, run.started_instant, run.started_at, "
    "run.instant, run.streaming, run.events, run.claimed_user "
    "FROM asked CROSS JOIN run ON run.id = asked.k1 AND run.events > 0"
)
_NEW_RUN = (
    "INSERT INTO run (id, run_id, job, source, events, state, state_instant, state_time, started_instant, "
    "started_at, instant, streaming, claimed_user, parent, parent_instant, parent_rank, parent_event)"
)
_NO_PARENT = (None, 0, 0, None)
_NO_STATE = (0, "OTHER", 0, "", None, None, 0, False, None)
_PARENT = (
    "UPDATE run SET parent = ?1, parent_instant = ?2, parent_rank = ?3, parent_event = ?4 WHERE id = ?5 "
    "AND (parent_event IS NULL OR (?2, ?3) > (parent_instant, parent_rank) OR ((?2, ?3) = "
    "(parent_instant, parent_rank) AND ?4 <> parent_event AND event_id(?4) > event_id(parent_event)))"
)
_FACET = (
    "ON CONFLICT (node, name) DO UPDATE SET instant = excluded.instant, rank = excluded.rank, "
    "event = excluded.event, head = excluded.head, value = excluded.value "
    "WHERE (excluded.instant, excluded.rank) > (instant, rank) OR ((excluded.instant, excluded.rank) = "
    "(instant, rank) AND excluded.event <> event AND event_id(excluded.event) > event_id(event))"
)
_ALIAS = (
    "ON CONFLICT (a, b) DO UPDATE SET reason = excluded.reason, instant = excluded.instant, "
    "rank = excluded.rank, event = excluded.event "
    "WHERE (excluded.instant, excluded.rank) < (instant, rank) OR ((excluded.instant, excluded.rank) = "
    "(instant, rank) AND excluded.event <> event AND event_id(excluded.event) < event_id(event))"
)
_DECLARED_BY = (
    "INSERT INTO declared_by (node, instant, event) VALUES (?, ?, ?) ON CONFLICT (node) DO UPDATE "
    "SET instant = excluded.instant, event = excluded.event WHERE excluded.instant > instant "
    "OR (excluded.instant = instant AND excluded.event <> event "
    "AND event_id(excluded.event) > event_id(event))"
)
_NO_MORE = (
    "DELETE FROM edge WHERE source = ?1 AND target = ?2 AND relation = ?3 "
    "AND NOT EXISTS (SELECT 1 FROM declared_derivation WHERE source = ?1 AND target = ?2)"
)


class Projection:
    """The rows of one batch; `events` are its events' rows in order, the fresh ones already written."""

    def __init__(self, connection: sqlite3.Connection, ids: Ids, gathered: Gathered, source: int) -> None:
        self._connection = connection
        self._ids = ids
        self._gathered = gathered
        self._source = source
        self.nodes = ids.nodes(gathered.nodes, gathered.seen)
        self.runs: Known = ids.runs([(run_id, self.nodes[job]) for run_id, job in gathered.runs])

    def run_of(self, place: int) -> int | None:
        """Return the run that the event at `place` is about."""
        run = self._gathered.about[place]
        return None if run == NOBODY else self.runs.ids[run]

    def write(self, events: list[int], fresh: list[int]) -> None:
        """Write everything; `fresh` are the places of the events that were not here before."""
        gathered, nodes, runs_, connection = self._gathered, self.nodes, self.runs.ids, self._connection
        versions = [0, *self._ids.versions([(nodes[d], v, digest) for d, v, digest in gathered.versions])]
        self._write_runs(events, Counter(gathered.about[place] for place in fresh))
        io = sorted((runs_[r], way, nodes[d], versions[v], role) for r, way, d, v, role in gathered.io)
        insert_rows(connection, "INSERT OR IGNORE INTO run_io", 5, io)
        edges = sorted((nodes[s], nodes[t], relation) for s, t, relation in gathered.edges)
        insert_rows(connection, "INSERT OR IGNORE INTO edge", 3, edges)
        made = sorted((runs_[r], nodes[t], nodes[s]) for r, t, s in gathered.derivations)
        insert_rows(connection, "INSERT OR IGNORE INTO run_derivation", 3, made)
        aliases = [
            (*sorted((nodes[a], nodes[b])), reason, *_said(weight, events))
            for (a, b), (weight, reason) in gathered.aliases.items()
        ]
        insert_rows(connection, "INSERT INTO alias (a, b, reason, instant, rank, event)", 6, aliases, _ALIAS)
        self._write_facets(events)
        self._write_declared(events)

    def _write_facets(self, events: list[int]) -> None:
        heads = self._ids.facet_heads({text.head for _, _, _, text in self._gathered.facets})
        rows = [
            (self.nodes[node], name, *_said(weight, events), heads[text.head], text.value)
            for node, name, weight, text in self._gathered.facets
        ]
        into = "INSERT INTO facet_row (node, name, instant, rank, event, head, value)"
        insert_rows(self._connection, into, 7, sorted(rows, key=itemgetter(0, 1)), _FACET)

    def _write_runs(self, events: list[int], counts: Counter[int]) -> None:
        gathered, ids, new = self._gathered, self.runs.ids, self.runs.new
        old = [run for run in gathered.states if run not in new and counts[run]]
        before = find_states(self._connection, [ids[run] for run in old])
        self._connection.executemany(
            f"UPDATE run SET {_STATE} WHERE id = ?",  # noqa: S608 - fixed columns
            [
                (*_state_row(_merged(before.get(ids[run]), gathered.states[run], counts[run])), ids[run])
                for run in old
            ],
        )
        insert_rows(self._connection, _NEW_RUN, 17, self._new_runs(events, counts))
        self._connection.executemany(
            _PARENT,
            [
                (ids[parent], *_said(weight, events), ids[run])
                for run, (weight, parent) in gathered.parents.items()
                if run not in new
            ],
        )

    def _new_runs(self, events: list[int], counts: Counter[int]) -> Iterator[tuple[object, ...]]:
        gathered, ids = self._gathered, self.runs.ids
        for run in sorted(self.runs.new):
            run_id, job = gathered.runs[run]
            state, said = gathered.states.get(run), gathered.parents.get(run)
            row = _NO_STATE if state is None else _state_row(_merged(None, state, counts[run]))
            parent = _NO_PARENT if said is None else (ids[said[1]], *_said(said[0], events))
            yield (ids[run], run_id, self.nodes[job], self._source, *row, *parent)

    def _write_declared(self, events: list[int]) -> None:
        for place, declared in self._gathered.declared.items():
            node = self.nodes[place]
            said = (node, declared.said.instant, events[declared.said.place])
            if self._connection.execute(_DECLARED_BY, said).rowcount == 1:
                self._replace_declared(node, declared)

    def _replace_declared(self, node: int, declared: Declared) -> None:
        nodes, connection = self.nodes, self._connection
        connection.execute("DELETE FROM declared WHERE job = ?", (node,))
        uses = [(node, direction, nodes[dataset]) for direction, dataset in sorted(declared.uses)]
        insert_rows(connection, "INSERT INTO declared (job, direction, dataset)", 3, uses)
        before = connection.execute(
            "DELETE FROM declared_derivation WHERE said_by = ? RETURNING source, target", (node,)
        ).fetchall()
        made = [(nodes[source], nodes[target]) for source, target in sorted(declared.derivations)]
        connection.executemany(
            "INSERT INTO declared_derivation (said_by, source, target) VALUES (?, ?, ?)",
            [(node, *pair) for pair in made],
        )
        connection.executemany(_NO_MORE, [(*pair, _DECLARED) for pair in before])
        insert_rows(
            connection,
            "INSERT OR IGNORE INTO edge",
            3,
            [(*pair, _DECLARED) for pair in made],
        )


def find_states(connection: sqlite3.Connection, wanted: list[int]) -> dict[int, RunState]:
    """Return the runs as reduced so far, without those that have only been mentioned."""
    found = {}
    for n, state, instant, time, started, started_at, last, streaming, events, user in select_each(
        connection, _FIND_STATES, 1, [(run,) for run in wanted]
    ):
        found[wanted[n]] = RunState(
            state, instant, time, started, started_at, last, bool(streaming), events, user
        )
    return found


def _merged(before: RunState | None, fresh: RunState, count: int) -> RunState:
    state = fresh if before is None else runs.merge(before, fresh)
    events = count + (0 if before is None else before.events)
    return state if state.events == events else msgspec.structs.replace(state, events=events)


def _state_row(state: RunState) -> tuple[object, ...]:
    return (
        state.events,
        state.state,
        state.state_instant,
        state.state_time,
        state.started_instant,
        state.started_at,
        state.last_instant,
        state.streaming,
        state.user,
    )


def _said(weight: Weight, events: list[int]) -> tuple[int, int, int]:
    return weight.instant, weight.rank, events[weight.place]
