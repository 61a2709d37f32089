"""Taking observations in: exact bytes, projections, quarantine."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from importers.openlineage.decode import read_event
from importers.openlineage.files import OpenLineageFiles
from registry.store.doubles import BY_RAW, is_known_in
from registry.store.edge_list import list_edges
from registry.store.event_ids import read_raw
from registry.store.listing import Page, list_datasets, list_jobs, list_runs
from registry.store.take_in import Batch, Intake, TakenIn, take_in
from schemas.observation import (
    IsKnown,
    MetricFact,
    ModelFact,
    Name,
    Observation,
    RunKey,
    Unreadable,
    VersionFact,
)

DATA = Path(__file__).parents[1] / "data/openlineage"
RUN = "3b452093-782c-4ef2-9c0c-aafe2aa6f34d"
TABLES = ("event", "event_block", "quarantine", "node", "run", "run_io", "edge", "alias", "facet", "declared")


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    return {t: connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES}  # noqa: S608


def imported(connection: sqlite3.Connection, path: Path) -> TakenIn:
    return take_in(connection, OpenLineageFiles(str(path)))


def put(connection: sqlite3.Connection, *events: dict[str, Any]) -> Batch:
    read = [read_event(json.dumps(value).encode(), f"e:{i}") for i, value in enumerate(events)]
    return Intake(connection, "openlineage", "test").write(list(read))


def event(kind: str | None = "COMPLETE", second: int = 5, **more: Any) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": f"2026-01-02T03:04:{second:02}Z",
        "run": {"runId": RUN},
        "job": {"namespace": "ns", "name": "train"},
        **more,
    }


def dataset(name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": "n", "name": name, "facets": facets}


def edges(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    return {(e["from"]["name"], e["to"]["name"], e["relation"]) for e in list_edges(connection, Page()).items}


def test_a_real_dbt_build_becomes_runs_datasets_and_edges(connection: sqlite3.Connection):
    report = imported(connection, DATA / "dbt-duckdb-1.54/events.jsonl")

    assert (report.taken, report.duplicate, report.quarantined) == (22, 0, 0)
    assert (report.runs, report.datasets, report.jobs) == (11, 10, 11)
    runs = list_runs(connection, Page()).items
    assert sorted(r["state"] for r in runs) == ["COMPLETE"] * 8 + ["FAIL"] * 3
    assert ("clinic.main.raw_wine", "clinic.main.stg_wine", "derivation") in edges(connection)


def test_a_second_import_changes_nothing(connection: sqlite3.Connection):
    for folder in ("dbt-duckdb-1.54", "transports", "malformed"):
        imported(connection, DATA / folder)
    before = counts(connection)
    changes = connection.total_changes

    again = [imported(connection, DATA / folder) for folder in ("dbt-duckdb-1.54", "transports", "malformed")]

    assert counts(connection) == before
    assert connection.total_changes == changes
    assert [(r.taken, r.duplicate, r.sealed) for r in again] == [(0, 22, 0), (0, 20, 0), (0, 25, 0)]


@pytest.mark.parametrize("way", ["append.jsonl", "per-event", "debug", "console.log"])
def test_every_transport_leads_to_the_same_lists(connection: sqlite3.Connection, way: str):
    report = imported(connection, DATA / "transports" / way)

    assert (report.taken, report.quarantined) == (5, 0)
    (run,) = list_runs(connection, Page()).items
    assert run == {
        "id": run["id"],
        "run_id": "01a2098c-b7ca-754e-bb04-e8df26e3b3ec",
        "job": {"namespace": "clinic", "name": "train/é漢"},
        "state": "COMPLETE",
        "started_at": "2026-11-23T17:55:46.762533Z",
        "ended_at": "2026-11-23T17:55:46.762798Z",
        "events": 3,
        "inputs": [{"namespace": "file", "name": "/data/wine.csv"}],
        "outputs": [{"namespace": "s3://models", "name": "clinic/wine/1"}],
        "parent": None,
        "user": None,
    }
    assert edges(connection) == {
        ("/data/wine.csv", "train/é漢", "input"),
        ("train/é漢", "clinic/wine/1", "output"),
        ("/data/wine.csv", "declared", "declared-input"),
        ("declared", "x", "declared-output"),
    }


def test_the_exact_bytes_of_every_event_can_be_read_back(connection: sqlite3.Connection):
    imported(connection, DATA / "dbt-duckdb-1.54")
    lines = (DATA / "dbt-duckdb-1.54/events.jsonl").read_bytes().splitlines()

    rows = connection.execute("SELECT block, slot, raw_digest FROM event ORDER BY id").fetchall()

    assert [read_raw(connection, block, slot) for block, slot, _ in rows] == lines
    assert [digest for _, _, digest in rows] == [hashlib.sha256(line).digest() for line in lines]


def test_digests_are_those_newly_taken_and_quarantined_in_source_order(connection: sqlite3.Connection):
    raws = [json.dumps(event(second=1)).encode(), b"{}", json.dumps(event(second=2)).encode()]
    items = [read_event(raw, f"f:{i}") for i, raw in enumerate(raws)]
    intake = Intake(connection, "openlineage", "test")

    batch = intake.write([items[0], *items])

    assert (batch.taken, batch.duplicate, batch.quarantined) == (2, 1, 1)
    assert batch.digests == tuple(hashlib.sha256(raw).digest() for raw in raws)
    assert [(p.position, p.reason) for p in batch.problems] == [
        ("f:1", "expected run and job, or job, or dataset; found none of them")
    ]


def test_each_batch_is_handed_over_when_it_is_written(connection: sqlite3.Connection):
    class Many:
        kind = "openlineage"
        name = "many"
        blind_spots: tuple[str, ...] = ()

        def collect(self, known: IsKnown | None = None) -> Iterator[Observation | Unreadable]:
            for i in range(25_000):
                value = {"eventTime": "2026-01-02T03:04:05Z", "dataset": {"namespace": "n", "name": f"d{i}"}}
                yield read_event(json.dumps(value).encode(), str(i))

    seen: list[int] = []
    connection.execute("BEGIN")  # the caller owns the transaction
    report = take_in(connection, Many(), on_batch=lambda batch: seen.append(batch.taken))

    assert seen == [10_000, 10_000, 5_000]
    assert (report.taken, report.datasets, report.sealed) == (25_000, 25_000, 25_000)


def test_runs_of_several_jobs_under_one_id_stay_apart(connection: sqlite3.Connection):
    other = event("FAIL", outputs=[dataset("b")]) | {"job": {"namespace": "ns", "name": "other"}}

    put(connection, event(outputs=[dataset("a")]), other)

    runs = list_runs(connection, Page()).items
    assert {(r["job"]["name"], r["state"], r["outputs"][0]["name"]) for r in runs} == {
        ("train", "COMPLETE", "a"),
        ("other", "FAIL", "b"),
    }


def test_an_empty_list_of_inputs_never_erases(connection: sqlite3.Connection):
    put(connection, event("START", 1, inputs=[dataset("a")]), event("COMPLETE", 2, inputs=[], outputs=[]))

    assert [d["name"] for d in list_runs(connection, Page()).items[0]["inputs"]] == ["a"]


def test_a_facet_is_replaced_whole_by_the_later_event_and_deleted_by_a_tombstone(
    connection: sqlite3.Connection,
):
    def at(second: int, **facets: Any) -> dict[str, Any]:
        return {"eventTime": f"2026-01-02T03:04:{second:02}Z", "dataset": dataset("d", **facets)}

    put(connection, at(5, docs={"a": 1}, owner={"x": 1}, gone={"x": 1}))
    put(connection, at(6, docs={"b": 2}, gone={"_deleted": True}), at(4, docs={"c": 3}, gone={"x": 2}))

    assert list_datasets(connection, Page()).items[0]["facets"] == {"docs": {"b": 2}, "owner": {"x": 1}}


def test_a_parent_is_named_without_becoming_a_run_of_its_own(connection: sqlite3.Connection):
    parent = "41fb5137-f0fd-4ee5-ba5c-56f8571d1bd7"
    facet = {"run": {"runId": parent}, "job": {"namespace": "ns", "name": "dag"}}

    put(connection, event(run={"runId": RUN, "facets": {"parent": facet}}))

    (run,) = list_runs(connection, Page()).items
    assert run["parent"] == {"run_id": parent, "job": {"namespace": "ns", "name": "dag"}}
    assert [j["name"] for j in list_jobs(connection, Page()).items] == ["train"]
    assert edges(connection) == {("dag", "train", "parent")}


def test_a_run_that_names_itself_as_parent_has_none(connection: sqlite3.Connection):
    facet = {"run": {"runId": RUN}, "job": {"namespace": "ns", "name": "train"}}

    put(connection, event(run={"runId": RUN, "facets": {"parent": facet}}))

    assert list_runs(connection, Page()).items[0]["parent"] is None


def test_what_a_job_declares_is_replaced_by_its_next_static_event_and_stands_apart(
    connection: sqlite3.Connection,
):
    def declared(second: int, *inputs: str) -> dict[str, Any]:
        value = event(None, second, inputs=[dataset(name) for name in inputs])
        return {k: v for k, v in value.items() if k not in ("run", "eventType")}

    put(connection, declared(5, "b"))
    put(connection, declared(4, "a"))
    put(connection, declared(6, "c", "d"))

    assert edges(connection) == {("c", "train", "declared-input"), ("d", "train", "declared-input")}


def test_versions_are_written_when_a_run_completes_and_not_by_a_failed_one(connection: sqlite3.Connection):
    version = {"version": {"datasetVersion": "1"}}
    other = "41fb5137-f0fd-4ee5-ba5c-56f8571d1bd7"

    put(connection, event("COMPLETE", outputs=[dataset("good", **version)]))
    put(connection, event("FAIL", outputs=[dataset("bad", **version)], run={"runId": other}))

    versions = {d["name"]: d["versions"] for d in list_datasets(connection, Page()).items}
    assert versions == {
        "good": [{"version": "1", "digest": None, "written": True, "state": "written"}],
        "bad": [{"version": "1", "digest": None, "written": False, "state": "attempted"}],
    }


def test_other_names_of_a_dataset_are_aliases_and_no_datasets(connection: sqlite3.Connection):
    links = {"identifiers": [{"namespace": "hive", "name": "t", "type": "TABLE"}]}

    put(
        connection,
        event(inputs=[dataset("a", symlinks=links)]),
        event(second=6, inputs=[dataset("b", symlinks=links)]),
    )

    listed = list_datasets(connection, Page()).items
    assert {d["name"]: [a["name"] for a in d["aliases"]] for d in listed} == {
        "a": ["t", "b"],
        "b": ["t", "a"],
    }
    assert [d["name"] for d in list_datasets(connection, Page(), merged=True).items] == ["a"]
    merged = list_edges(connection, Page(), merged=True).items
    assert [(e["from"]["name"], e["to"]["name"]) for e in merged] == [("a", "train")]


def test_lists_are_read_page_by_page(connection: sqlite3.Connection):
    put(
        connection,
        *(event(second=i, run={"runId": f"{i:08}{RUN[8:]}"}, inputs=[dataset(f"d{i}")]) for i in range(9)),
    )

    for lister in (list_runs, list_datasets, list_edges):
        whole, pages, after = lister(connection, Page()).items, [], None
        while True:
            page = lister(connection, Page(limit=4, after=after))
            pages += page.items
            after = page.after
            if after is None:
                break
        assert pages == whole
        assert len(whole) == 9


def test_a_filter_takes_its_text_literally(connection: sqlite3.Connection):
    put(connection, event(inputs=[dataset("a_b"), dataset("axb"), dataset("100%"), dataset("1000")]))

    assert [d["name"] for d in list_datasets(connection, Page(text="a_b")).items] == ["a_b"]
    assert [d["name"] for d in list_datasets(connection, Page(text="0%")).items] == ["100%"]


def test_a_foreign_registry_is_what_its_latest_reading_says(connection: sqlite3.Connection):
    run = RunKey(RUN, Name("mlflow://h", "exp"))

    def reading(number: int, *facts: Any) -> Observation:
        return Observation(b"%d" % number, b"%032d" % number, number, "", facts)

    first = reading(1, ModelFact("m", "", None, {"a": "1", "b": "2"}, {"prod": "1"}))
    second = reading(2, ModelFact("m", "new", None, {"a": "1"}, {"prod": "2"}))
    version = reading(3, VersionFact("m", "1", None, "READY", run), MetricFact(run, "auc", "0.9", 0, None))
    intake = Intake(connection, "mlflow", "mlflow://h")

    for item in (first, version, second, first):
        intake.write([item])

    def rows(sql: str) -> list[Any]:
        return connection.execute(sql).fetchall()

    assert rows("SELECT alias, version FROM foreign_alias") == [("prod", "1")]
    assert rows("SELECT key, value FROM foreign_tag ORDER BY key") == [("a", "1"), ("b", "2")]
    assert rows("SELECT name, description FROM foreign_model") == [("m", "")]
    assert rows("SELECT v.version, r.run_id FROM foreign_version AS v JOIN run AS r ON r.id = v.run") == [
        ("1", RUN)
    ]
    assert rows("SELECT key, value FROM metric") == [("auc", "0.9")]
    assert intake.write([first]).changed == 0


def test_events_are_found_by_their_exact_bytes_through_an_index(connection: sqlite3.Connection):
    imported(connection, DATA / "dbt-duckdb-1.54/events.jsonl")
    line = (DATA / "dbt-duckdb-1.54/events.jsonl").read_bytes().splitlines()[3]
    here, other = hashlib.sha256(line).digest(), hashlib.sha256(line + b" ").digest()
    plan = connection.execute(f"EXPLAIN QUERY PLAN WITH asked (n, k1) AS (VALUES (0, x'00')) {BY_RAW}")

    assert set(is_known_in(connection)([other, here])) == {here}
    assert "USING INDEX event_by_raw" in str(plan.fetchall())


def test_a_facet_is_shown_whole_though_producers_and_schemas_are_kept_once(connection: sqlite3.Connection):
    facet = {
        "_producer": "https://p",
        "_schemaURL": "https://s",
        "n": 12345678901234567890,
        "z": None,
        "ä": [1.5],
    }

    put(
        connection,
        event(inputs=[dataset(name, docs=facet, odd={"_producer": 1, "x": 1}) for name in ("a", "b")]),
    )

    facets = [d["facets"] for d in list_datasets(connection, Page()).items]
    assert facets == [{"docs": facet, "odd": {"_producer": 1, "x": 1}}] * 2
    assert connection.execute("SELECT count(*) FROM facet_head").fetchone() == (1,)


def test_a_report_names_ten_thousand_problems_and_counts_all(connection: sqlite3.Connection, tmp_path: Path):
    (tmp_path / "garbage.jsonl").write_bytes(b"".join(b'{"n": %d}\n' % n for n in range(10_500)))

    report = imported(connection, tmp_path / "garbage.jsonl")

    assert (report.quarantined, len(report.problems), report.sealed) == (10_500, 10_000, 10_500)
    assert connection.execute("SELECT count(*) FROM quarantine").fetchone() == (10_500,)
