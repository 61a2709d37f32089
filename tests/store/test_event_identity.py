"""One event is taken once, however it is spelt; ties are settled by event ids, whatever the order."""

import json
import sqlite3
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from importers.openlineage.decode import read_event
from registry.store.database import connect, create_database
from registry.store.edge_list import list_edges
from registry.store.listing import Page, list_datasets, list_runs
from registry.store.take_in import Batch, Intake
from schemas.identity import event_id
from schemas.observation import Observation

RUN = "3b452093-782c-4ef2-9c0c-aafe2aa6f34d"
TIME = "2026-01-02T03:04:05Z"


def put(connection: sqlite3.Connection, *raws: bytes) -> Batch:
    return Intake(connection, "openlineage", "test").write([read_event(raw, "") for raw in raws])


def run_event(**more: Any) -> dict[str, Any]:
    job = {"namespace": "ns", "name": "train"}
    return {"eventType": "COMPLETE", "eventTime": TIME, "run": {"runId": RUN}, "job": job, **more}


def about(name: str, time: str = TIME, **facets: Any) -> bytes:
    dataset = {"namespace": "n", "name": name, "facets": facets}
    return json.dumps({"eventTime": time, "dataset": dataset}).encode()


def other_spelling(raw: bytes) -> bytes:
    value = json.loads(raw)
    return json.dumps(dict(reversed(value.items())), indent=1).encode()


@pytest.mark.parametrize("raw", [json.dumps(run_event()).encode(), about("d", owner={"v": 1})])
@pytest.mark.parametrize("apart", [False, True], ids=["in one batch", "in two batches"])
def test_another_spelling_of_an_event_is_a_duplicate(connection: sqlite3.Connection, raw: bytes, apart: bool):
    spellings = (raw, other_spelling(raw))

    batches = [put(connection, each) for each in spellings] if apart else [put(connection, *spellings)]

    assert sum(batch.taken for batch in batches) == 1
    assert sum(batch.duplicate for batch in batches) == 1
    assert [run["events"] for run in list_runs(connection, Page()).items] in ([1], [])


def test_events_of_one_run_type_and_time_with_different_content_are_different(connection: sqlite3.Connection):
    first = json.dumps(run_event(inputs=[{"namespace": "n", "name": "a"}])).encode()
    second = json.dumps(run_event(inputs=[{"namespace": "n", "name": "b"}])).encode()

    batch = put(connection, first, second)

    assert batch.taken == 2
    (run,) = list_runs(connection, Page()).items
    assert (run["events"], [d["name"] for d in run["inputs"]]) == (2, ["a", "b"])


def test_alike_events_have_equal_likeness_in_every_spelling():
    raw = json.dumps(run_event(eventTime="2026-01-02T04:04:05+01:00", x="ä")).encode()

    one, other = read_event(raw, ""), read_event(other_spelling(raw), "")

    assert isinstance(one, Observation)
    assert isinstance(other, Observation)
    assert one.likeness == other.likeness
    assert one.event_id == other.event_id
    assert one.raw_digest != other.raw_digest


@pytest.mark.parametrize("size", [1, 3])
def test_of_facets_said_at_one_instant_the_greatest_event_id_counts(tmp_path: Path, size: int):
    raws = [about("d", owner={"v": number}) for number in range(3)]
    latest = json.loads(max(raws, key=event_id))["dataset"]["facets"]
    create_database(tmp_path / "empty.db")

    for order in permutations(raws):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        with connect(tmp_path / "empty.db", read_only=True) as empty:
            empty.backup(connection)
        for start in range(0, 3, size):
            put(connection, *order[start : start + size])
        assert list_datasets(connection, Page()).items[0]["facets"] == latest
        connection.close()


def test_the_event_that_first_said_two_names_are_one_is_kept(connection: sqlite3.Connection):
    links = {"symlinks": {"identifiers": [{"namespace": "n", "name": "z"}]}}
    late, early = about("d", "2026-01-03T00:00:00Z", **links), about("d", "2026-01-01T00:00:00Z", **links)

    put(connection, late)
    put(connection, early)

    rows = connection.execute("SELECT event_id(event) FROM alias").fetchall()
    assert rows == [(event_id(early),)]


def derived(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    edges = list_edges(connection, Page()).items
    return {
        (e["from"]["name"], e["to"]["name"], e["relation"]) for e in edges if "derivation" in e["relation"]
    }


def column_lineage(*sources: str) -> dict[str, Any]:
    inputs = [{"namespace": "n", "name": source, "field": "c"} for source in sources]
    return {"columnLineage": {"fields": {"c": {"inputFields": inputs}}}}


def output(name: str, *sources: str) -> dict[str, Any]:
    return {"namespace": "n", "name": name, "facets": column_lineage(*sources)}


def test_what_a_static_event_says_a_dataset_is_made_from_replaces_what_was_said_before(
    connection: sqlite3.Connection,
):
    put(connection, about("y", "2026-01-02T00:00:00Z", **column_lineage("a")))
    put(connection, about("y", "2026-01-03T00:00:00Z", **column_lineage("b")))
    put(connection, about("y", "2026-01-01T00:00:00Z", **column_lineage("c")))
    put(connection, about("y", "2026-01-04T00:00:00Z", owner={"v": 1}))

    assert derived(connection) == {("b", "y", "declared-derivation")}


def test_what_two_jobs_declare_alike_stands_until_both_take_it_back(connection: sqlite3.Connection):
    def job(name: str, day: int, *sources: str) -> bytes:
        value = {
            "eventTime": f"2026-01-{day:02}T00:00:00Z",
            "job": {"namespace": "ns", "name": name},
            "outputs": [output("y", *sources)],
        }
        return json.dumps(value).encode()

    put(connection, job("j1", 1, "a"), job("j2", 1, "a"))
    put(connection, job("j1", 2, "b"))
    assert derived(connection) == {("a", "y", "declared-derivation"), ("b", "y", "declared-derivation")}

    put(connection, job("j2", 2, "b"))
    assert derived(connection) == {("b", "y", "declared-derivation")}


@pytest.mark.parametrize(("sources", "edges"), [(["b"], {("b", "y", "derivation")}), ([], set())])
def test_the_lineage_facet_of_a_job_is_the_whole_picture(
    connection: sqlite3.Connection, sources: list[str], edges: set[tuple[str, str, str]]
):
    entry = {
        "namespace": "n",
        "name": "y",
        "type": "DATASET",
        "inputs": [{"namespace": "n", "name": source, "type": "DATASET"} for source in sources],
    }
    job = {"namespace": "ns", "name": "train", "facets": {"lineage": {"entries": [entry]}}}

    put(connection, json.dumps(run_event(job=job, outputs=[output("y", "a")])).encode())

    assert derived(connection) == edges


def test_the_lineage_facet_of_a_job_ties_jobs_to_data_and_to_each_other(connection: sqlite3.Connection):
    def data(name: str) -> dict[str, str]:
        return {"namespace": "n", "name": name, "type": "DATASET"}

    other = {"namespace": "ns", "name": "other", "type": "JOB"}
    entries = [
        {"type": "JOB", "inputs": [data("a"), other, {"type": "JOB"}]},
        {**data("y"), "inputs": [{"type": "JOB"}]},
        {"type": "JOB", "name": "half", "inputs": [data("b")]},
    ]
    job = {"namespace": "ns", "name": "train", "facets": {"lineage": {"entries": entries}}}

    put(connection, json.dumps(run_event(job=job)).encode())
    static = {"eventTime": TIME, "job": {**job, "name": "static"}}
    put(connection, json.dumps(static).encode())

    edges = list_edges(connection, Page()).items
    assert {(e["from"]["name"], e["to"]["name"], e["relation"]) for e in edges} == {
        ("a", "train", "input"),
        ("train", "y", "output"),
        ("other", "train", "dependency"),
        ("a", "static", "declared-input"),
        ("static", "y", "declared-output"),
    }


def test_many_different_events_of_one_run_type_and_time_are_all_taken_once(connection: sqlite3.Connection):
    raws = [json.dumps(run_event(inputs=[{"namespace": "n", "name": f"d{n}"}])).encode() for n in range(200)]

    first = put(connection, *raws[:150], *map(other_spelling, raws[:150]))
    second = put(connection, *map(other_spelling, raws[:150]), *raws[150:])

    assert (first.taken, first.duplicate) == (150, 150)
    assert (second.taken, second.duplicate) == (50, 150)
    assert list_runs(connection, Page()).items[0]["events"] == 200
