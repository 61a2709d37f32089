"""Jobs that count as one: dbt nodes under several names, and the statements inside a job."""

import json
import sqlite3
import uuid
from typing import Any

import pytest

from importers.openlineage.decode import read_event
from importers.openlineage.statements import read_statement
from registry.acts.show_node import show_job
from registry.acts.show_run import show_run
from registry.rules.lineage import EVERY_HOP, Lineage
from registry.store.listing import Page, list_jobs, list_runs
from registry.store.neighbourhood import find_start, neighbourhood
from registry.store.run_events import find_runs
from registry.store.take_in import Intake

NODE = {"unique_id": "model.clinic.wine"}


def run_id(job: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, job))


def event(
    job: str, kind: str, reads: str = "", writes: str = "", parent: str = "", **job_facets: Any
) -> bytes:
    facets = {}
    if parent:
        facets["parent"] = {"run": {"runId": run_id(parent)}, "job": {"namespace": "dbt", "name": parent}}
    value = {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-02T03:04:05Z",
        "run": {"runId": run_id(job), "facets": facets},
        "job": {
            "namespace": "dbt",
            "name": job,
            "facets": {"jobType": {"jobType": kind, "integration": "DBT"}, **job_facets},
        },
        "inputs": [{"namespace": "db", "name": name} for name in reads.split()],
        "outputs": [{"namespace": "db", "name": name} for name in writes.split()],
    }
    return json.dumps(value).encode()


EVENTS = [
    event("wine.run", "MODEL", "raw", "wine", dbt_node=NODE),
    event("wine.build.run", "MODEL", "raw", "wine", dbt_node=NODE),
    event("wine.build.test", "TEST", "wine", "", dbt_node=NODE),
    event("model.clinic.wine", "MODEL", "raw", "wine", parent="dbt-run"),
    event("model.clinic.wine.sql.1", "SQL", parent="model.clinic.wine"),
    event("model.clinic.wine.sql.2", "SQL", "side", "wine", parent="model.clinic.wine"),
    event("dbt-run", "JOB"),
]


@pytest.fixture(params=["forward", "backward"])
def dbt(request: pytest.FixtureRequest, connection: sqlite3.Connection) -> sqlite3.Connection:
    events = EVENTS if request.param == "forward" else EVENTS[::-1]
    Intake(connection, "openlineage", "test").write([read_event(raw, "") for raw in events])
    return connection


def around(connection: sqlite3.Connection, text: str, *, fold: bool = True) -> Lineage:
    return neighbourhood(connection, find_start(connection, text), EVERY_HOP, EVERY_HOP, fold=fold)


def jobs(found: Lineage) -> list[str]:
    return [node.name for node in found.nodes if node.kind == "job"]


def test_lineage_shows_three_names_and_the_statements_as_one_job(dbt: sqlite3.Connection):
    found = around(dbt, "dataset:db:wine")

    assert jobs(found) == ["model.clinic.wine", "wine.build.test"]
    assert [(e.source, e.target, e.relation) for e in found.edges] == [
        ("dataset:db:raw", "job:dbt:model.clinic.wine", "input"),
        ("dataset:db:side", "job:dbt:model.clinic.wine", "input"),
        ("dataset:db:wine", "job:dbt:wine.build.test", "input"),
        ("job:dbt:model.clinic.wine", "dataset:db:wine", "output"),
    ]


def test_what_is_shown_as_one_is_named_with_the_reason(dbt: sqlite3.Connection):
    found = around(dbt, "dataset:db:wine")

    assert {(fold.name.removeprefix("job:dbt:"), fold.why) for fold in found.folds} == {
        ("wine.run", "dbt_node.unique_id model.clinic.wine"),
        ("wine.build.run", "dbt_node.unique_id model.clinic.wine"),
        ("model.clinic.wine.sql.1", "statement inside the job"),
        ("model.clinic.wine.sql.2", "statement inside the job"),
    }


@pytest.mark.parametrize(
    "start", ["wine.run", "wine.build.run", "model.clinic.wine", "model.clinic.wine.sql.2"]
)
def test_it_is_the_same_answer_under_whichever_name_one_asks(dbt: sqlite3.Connection, start: str):
    found = around(dbt, f"job:dbt:{start}")

    assert found.roots == ("job:dbt:model.clinic.wine",)
    assert {node.name for node in found.nodes} == {
        "raw",
        "side",
        "wine",
        "model.clinic.wine",
        "wine.build.test",
    }


def test_nothing_is_lost_when_they_are_kept_apart(dbt: sqlite3.Connection):
    found = around(dbt, "dataset:db:wine", fold=False)

    assert jobs(found) == [
        "model.clinic.wine",
        "model.clinic.wine.sql.2",
        "wine.build.run",
        "wine.build.test",
        "wine.run",
    ]
    assert found.folds == ()


def test_runs_of_statements_are_left_to_the_run_they_ran_in(dbt: sqlite3.Connection):
    shown = list_runs(dbt, Page(), statements=False).items
    model = next(item for item in shown if item["job"]["name"] == "model.clinic.wine")

    assert not any(".sql." in item["job"]["name"] for item in shown)
    assert model["statements"] == 2
    assert [use["name"] for use in model["inputs"]] == ["raw", "side"]
    assert len(list_runs(dbt, Page()).items) == len(EVENTS)


def test_pages_without_statements_go_on_where_they_ended(dbt: sqlite3.Connection):
    whole = list_runs(dbt, Page(), statements=False).items
    page = list_runs(dbt, Page(2), statements=False)
    rest = list_runs(dbt, Page(after=page.after), statements=False)

    assert page.items + rest.items == whole


def test_jobs_are_listed_once_a_node_when_asked(dbt: sqlite3.Connection):
    names = [item["name"] for item in list_jobs(dbt, Page(), merged=True, statements=False).items]
    first = list_jobs(dbt, Page(1), merged=True).items[0]

    assert names == ["dbt-run", "model.clinic.wine", "wine.build.test"]
    assert first["name"] == "dbt-run"
    assert len(list_jobs(dbt, Page()).items) == len(EVENTS)


def test_a_job_names_its_other_names_its_statements_and_what_contains_it(dbt: sqlite3.Connection):
    shown = show_job(dbt, find_start(dbt, "job:dbt:model.clinic.wine")[0])
    statement = show_job(dbt, find_start(dbt, "job:dbt:model.clinic.wine.sql.1")[0])

    assert [job["name"] for job in shown["same_as"]] == ["wine.build.run", "wine.run"]
    assert [job["name"] for job in shown["statements"]] == [
        "model.clinic.wine.sql.1",
        "model.clinic.wine.sql.2",
    ]
    assert [job["name"] for job in shown["inside_of"]] == ["dbt-run"]
    assert [job["name"] for job in statement["statement_of"]] == ["model.clinic.wine"]


def test_a_run_counts_the_statements_that_ran_inside_it(dbt: sqlite3.Connection):
    run = find_runs(dbt, run_id("model.clinic.wine"))[0]

    shown = show_run(dbt, run, read_statement)
    inner = shown["inner_runs"]

    assert [(use["direction"], use["name"], use["state"]) for use in shown["statement_uses"]] == [
        ("input", "side", "read"),
        ("output", "wine", "written"),
    ]
    assert [(item["job"]["name"], item["statement"]) for item in inner] == [
        ("model.clinic.wine.sql.1", True),
        ("model.clinic.wine.sql.2", True),
    ]


def test_a_statement_inside_two_jobs_stays_a_job_of_its_own(connection: sqlite3.Connection):
    events = [
        event("one", "MODEL", "", "a"),
        event("two", "MODEL", "", "b"),
        event("shared.sql", "SQL", "raw", "a", parent="one"),
        event("shared.sql", "SQL", "raw", "b", parent="two"),
    ]
    put_all(connection, events)

    assert "shared.sql" in jobs(around(connection, "dataset:db:raw"))


def test_a_statement_whose_parent_was_never_imported_is_shown_itself(connection: sqlite3.Connection):
    put_all(connection, [event("lost.sql.1", "SQL", "raw", parent="lost")])

    assert [item["job"]["name"] for item in list_runs(connection, Page(), statements=False).items] == [
        "lost.sql.1"
    ]
    assert [item["name"] for item in list_jobs(connection, Page(), statements=False).items] == ["lost.sql.1"]


def test_statements_that_name_each_other_as_parents_are_shown(connection: sqlite3.Connection):
    put_all(connection, [event("a", "SQL", parent="b"), event("b", "SQL", parent="a")])

    shown = list_runs(connection, Page(), statements=False).items

    assert sorted(item["job"]["name"] for item in shown) == ["a", "b"]
    assert len(list_jobs(connection, Page(), statements=False).items) == 2


def test_the_table_of_failures_that_a_test_lists_is_marked_as_a_phantom(connection: sqlite3.Connection):
    put_all(connection, [event("test.clinic.t", "TEST", "wine", "main_dbt_test__audit.t wine_copy")])

    found = around(connection, "dataset:db:wine")
    shown = show_job(connection, find_start(connection, "job:dbt:test.clinic.t")[0])

    assert {e.target: e.state for e in found.edges if e.relation == "output"} == {
        "dataset:db:main_dbt_test__audit.t": "phantom",
        "dataset:db:wine_copy": "written",
    }
    assert [output["state"] for output in shown["outputs"]] == ["phantom", "written"]


def put_all(connection: sqlite3.Connection, events: list[bytes]) -> None:
    Intake(connection, "openlineage", "test").write([read_event(raw, "") for raw in events])
