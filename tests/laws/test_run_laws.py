"""The reduction of runs, and the whole import, do not depend on order, grouping or repetition."""

import sqlite3
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.openlineage.decode import read_event
from registry.rules.runs import merge, of_event, reduce
from registry.store.database import connect, create_database
from registry.store.take_in import Intake
from schemas.identity import compact
from schemas.observation import Name, Observation, RunFact, RunKey

RUNS = [RunKey(f"00000000-0000-4000-8000-00000000000{i}", Name("ns", job)) for i in (1, 2) for job in "ab"]
STATES = ["START", "RUNNING", "OTHER", None, "COMPLETE", "ABORT", "FAIL"]
DATASETS = st.sampled_from("wxyz")


def fact(run: RunKey, state: str | None, second: int) -> RunFact:
    return RunFact(run, state, f"2026-01-02T03:04:{second:02}Z", second * 10**9)


facts = st.lists(
    st.builds(fact, st.just(RUNS[0]), st.sampled_from(STATES), st.integers(0, 5)), min_size=1, max_size=8
)


@given(facts, st.randoms(use_true_random=False))
def test_a_run_is_the_same_in_any_order(events: list[RunFact], random: Any):
    shuffled = list(events)
    random.shuffle(shuffled)

    assert reduce(shuffled) == reduce(events)


@given(facts, facts)
def test_merging_two_halves_is_reducing_the_whole(one: list[RunFact], other: list[RunFact]):
    assert merge(reduce(one), reduce(other)) == reduce(one + other)


@given(facts)
def test_once_terminal_always_terminal(events: list[RunFact]):
    ended = reduce(events).ended_at is not None

    assert ended == any(of_event(e).ended_at is not None for e in events)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    run = draw(st.sampled_from(RUNS))
    second = draw(st.integers(0, 4))
    time = draw(st.sampled_from([f"2026-01-02T03:04:0{second}Z", f"2026-01-02T04:04:0{second}.0+01:00"]))
    job = {"namespace": run.job.namespace, "name": run.job.name}
    kind = draw(st.sampled_from(["run", "run", "run", "job", "dataset"]))
    if kind == "dataset":
        return {"eventTime": time, "dataset": draw(datasets())}
    value: dict[str, Any] = {"eventTime": time, "job": {**job, "facets": draw(facets)}}
    value["inputs"] = draw(st.lists(datasets(), max_size=2))
    value["outputs"] = draw(st.lists(datasets(), max_size=2))
    if kind == "run":
        value["eventType"] = draw(st.sampled_from(STATES))
        parent = draw(st.sampled_from(RUNS))
        facet = {"run": {"runId": parent.run_id}, "job": {"namespace": "ns", "name": parent.job.name}}
        value["run"] = {"runId": run.run_id, "facets": draw(st.sampled_from([{}, {"parent": facet}]))}
    return value


@st.composite
def datasets(draw: st.DrawFn) -> dict[str, Any]:
    given_facets = dict(draw(facets))
    if draw(st.booleans()):
        given_facets["symlinks"] = {
            "identifiers": [{"namespace": "n", "name": draw(DATASETS), "type": "TABLE"}]
        }
    if draw(st.booleans()):
        source = {"namespace": "n", "name": draw(DATASETS), "field": "f"}
        given_facets["columnLineage"] = {"fields": {"f": {"inputFields": [source]}}}
    if draw(st.booleans()):
        given_facets["version"] = {"datasetVersion": draw(st.sampled_from("12"))}
    return {"namespace": "n", "name": draw(DATASETS), "facets": given_facets}


facets = st.dictionaries(
    st.sampled_from(["owner", "docs"]),
    st.one_of(st.builds(lambda v: {"v": v}, st.integers(0, 3)), st.just({"_deleted": True})),
    max_size=2,
)


def test_the_projections_do_not_depend_on_order_batches_or_repetition(tmp_path: Path):
    create_database(tmp_path / "empty.db")

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(events(), min_size=1, max_size=12), st.randoms(use_true_random=False), st.integers(1, 12))
    def holds(values: list[dict[str, Any]], random: Any, size: int) -> None:
        shuffled = values + random.sample(values, len(values) // 2)
        random.shuffle(shuffled)
        batches = [shuffled[i : i + size] for i in range(0, len(shuffled), size)]

        assert projected(tmp_path, batches) == projected(tmp_path, [values])

    holds()


def projected(folder: Path, batches: list[list[dict[str, Any]]]) -> dict[str, list[Any]]:
    """Return every projection by names, after importing the batches into a fresh copy in memory."""
    on_disk = connect(folder / "empty.db", read_only=True)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    on_disk.backup(connection)
    on_disk.close()
    intake = Intake(connection, "openlineage", "test")
    for batch in batches:
        read = [read_event(compact(value), "") for value in batch]
        assert all(isinstance(item, Observation) for item in read)
        connection.execute("BEGIN")
        intake.write(list(read))
        connection.execute("COMMIT")
    tables = by_names(connection)
    connection.close()
    return tables


def by_names(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    """Return the projections with names for ids, sorted."""
    rows = connection.execute
    nodes = {row[0]: row[1:] for row in rows("SELECT id, kind, namespace, name, seen FROM node")}
    runs = {row[0]: (row[1], nodes[row[2]]) for row in rows("SELECT id, run_id, job FROM run")}
    versions = {0: (), **{row[0]: row[1:] for row in rows("SELECT id, version, digest FROM dataset_version")}}
    state = "events, state, state_instant, state_time, started_instant, started_at, instant, streaming"
    found: dict[str, list[Any]] = {
        "nodes": list(nodes.values()),
        "runs": [
            (runs[row[0]], runs.get(row[1], ()), row[2:])
            for row in rows(f"SELECT id, parent, {state} FROM run")  # noqa: S608
        ],
        "io": [
            (runs[r], direction, nodes[d], versions[v], role)
            for r, direction, d, v, role in rows("SELECT run, direction, dataset, version, role FROM run_io")
        ],
        "edges": [(nodes[s], nodes[t], r) for s, t, r in rows("SELECT source, target, relation FROM edge")],
        "derivations": [
            (runs[r], nodes[t], nodes[s])
            for r, t, s in rows("SELECT run, target, source FROM run_derivation")
        ],
        "declared": [
            (nodes[j], direction, nodes[d])
            for j, direction, d in rows("SELECT job, direction, dataset FROM declared")
        ],
        "aliases": [
            (*sorted((nodes[a], nodes[b])), reason, event)
            for a, b, reason, event in rows("SELECT a, b, reason, event_id(event) FROM alias")
        ],
        "facets": [
            (nodes[row[0]], row[1:])
            for row in rows("SELECT node, name, instant, rank, event_id(event), ifnull(value, '') FROM facet")
        ],
        "events": rows("SELECT event_id(id) FROM event").fetchall(),
    }
    return {name: sorted(listed, key=repr) for name, listed in found.items()}
