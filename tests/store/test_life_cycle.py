"""Datasets that are dropped, come back, are renamed; outputs that were written, attempted, or only begun."""

import json
import sqlite3
import uuid
from itertools import permutations
from typing import Any

import pytest

from importers.openlineage.decode import read_event
from registry.acts.show_node import show_dataset
from registry.store.life_cycle import LifeCycle, life_cycle
from registry.store.listing import Page, list_datasets
from registry.store.neighbourhood import find_start, neighbourhood
from registry.store.take_in import Intake
from schemas.observation import Name

TABLE = Name("db", "t")


def event(
    job: str, kind: str, second: int, change: str = "", table: Name = TABLE, **facets: Any
) -> dict[str, Any]:
    if change:
        facets["lifecycleStateChange"] = {"lifecycleStateChange": change}
        if change == "RENAME":
            facets["lifecycleStateChange"]["previousIdentifier"] = {"namespace": "db", "name": "before"}
    return {
        "eventType": kind,
        "eventTime": f"2026-01-02T03:04:{second:02}Z",
        "run": {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, job))},
        "job": {"namespace": "j", "name": job},
        "outputs": [{"namespace": table.namespace, "name": table.name, "facets": facets}],
    }


def put(connection: sqlite3.Connection, *values: dict[str, Any]) -> None:
    intake = Intake(connection, "openlineage", "test")
    intake.write([read_event(json.dumps(value).encode(), "") for value in values])


def cycle(connection: sqlite3.Connection, name: str = "db:t") -> LifeCycle | None:
    return life_cycle(connection, find_start(connection, f"dataset:{name}")[0])


WRITE, DROP, AGAIN = (
    event("load", "COMPLETE", 1),
    event("cleanup", "COMPLETE", 2, "DROP"),
    event("reload", "COMPLETE", 3),
)


@pytest.mark.parametrize("order", list(permutations((WRITE, DROP))))
def test_a_dataset_is_dropped_from_the_time_of_the_drop(
    connection: sqlite3.Connection, order: tuple[dict[str, Any], ...]
):
    put(connection, *order)

    found = cycle(connection)

    assert found is not None
    assert (found.change, found.dropped_at) == ("DROP", "2026-01-02T03:04:02Z")
    assert [d["dropped_at"] for d in list_datasets(connection, Page()).items] == ["2026-01-02T03:04:02Z"]


@pytest.mark.parametrize("order", list(permutations((WRITE, DROP, AGAIN))))
def test_a_later_write_brings_it_back(connection: sqlite3.Connection, order: tuple[dict[str, Any], ...]):
    put(connection, *order)

    found = cycle(connection)

    assert found is not None
    assert (found.change, found.dropped_at) == ("DROP", None)


def test_a_write_that_failed_does_not_bring_it_back(connection: sqlite3.Connection):
    put(connection, DROP, event("reload", "FAIL", 3))

    found = cycle(connection)

    assert found is not None
    assert found.dropped_at == "2026-01-02T03:04:02Z"


def test_a_drop_that_failed_was_only_attempted(connection: sqlite3.Connection):
    put(connection, WRITE, event("cleanup", "FAIL", 2, "DROP"))

    found = cycle(connection)

    assert found is not None
    assert (found.attempted, found.dropped_at) == (True, None)


def test_a_truncated_table_is_still_there(connection: sqlite3.Connection):
    put(connection, WRITE, event("cleanup", "COMPLETE", 2, "TRUNCATE"))

    found = cycle(connection)

    assert found is not None
    assert (found.change, found.dropped_at) == ("TRUNCATE", None)


def test_a_drop_that_only_a_static_event_states_counts_from_its_time(connection: sqlite3.Connection):
    dropped = {"lifecycleStateChange": {"lifecycleStateChange": "DROP"}}
    static = {
        "eventTime": "2026-01-02T03:04:07.5Z",
        "dataset": {"namespace": "db", "name": "t", "facets": dropped},
    }
    put(connection, WRITE, static)

    found = cycle(connection)

    assert found is not None
    assert found.dropped_at == "2026-01-02T03:04:07.5Z"


def test_a_dropped_table_is_dropped_under_its_other_names(connection: sqlite3.Connection):
    link = {"identifiers": [{"namespace": "hive", "name": "t", "type": "TABLE"}]}
    put(connection, event("load", "COMPLETE", 1, table=Name("hive", "t")), DROP)
    put(connection, event("touch", "START", 2, symlinks=link))

    found = cycle(connection, "hive:t")

    assert found is not None
    assert found.dropped_at == "2026-01-02T03:04:02Z"


def test_a_renamed_table_is_the_table_it_was(connection: sqlite3.Connection):
    put(connection, event("load", "COMPLETE", 1, table=Name("db", "before")))
    put(connection, event("rename", "COMPLETE", 2, "RENAME"))

    found = cycle(connection)
    lineage = neighbourhood(connection, find_start(connection, "dataset:db:t"), 9, 0)

    assert found == LifeCycle("RENAME", "2026-01-02T03:04:02Z", Name("db", "before"))
    assert {node.name for node in lineage.nodes} == {"before", "t", "load", "rename"}
    assert ("dataset:db:before", "dataset:db:t") in {
        (e.source, e.target) for e in lineage.edges if e.relation == "alias"
    }
    assert lineage.joined == (("dataset:db:before", "dataset:db:t"),)


def test_an_alias_names_the_event_that_says_so(connection: sqlite3.Connection):
    put(connection, event("rename", "COMPLETE", 2, "RENAME"))

    shown = show_dataset(connection, find_start(connection, "dataset:db:t")[0])

    assert [(a["said_by"], a["event"]["source"]["name"]) for a in shown["aliases"]] == [("rename", "test")]
    assert shown["life_cycle"]["previous"] == {"namespace": "db", "name": "before"}


@pytest.mark.parametrize(
    ("kinds", "streaming", "state"),
    [
        (["START"], False, "running"),
        (["START", "COMPLETE"], False, "written"),
        (["START", "FAIL"], False, "attempted"),
        (["ABORT"], False, "attempted"),
        (["START"], True, "written"),
        (["RUNNING"], True, "written"),
        (["RUNNING", "FAIL"], True, "attempted"),
    ],
)
def test_an_output_is_written_when_its_run_completes_or_streams(
    connection: sqlite3.Connection, kinds: list[str], streaming: bool, state: str
):
    events = [
        event("job", kind, second, version={"datasetVersion": "5"}) for second, kind in enumerate(kinds)
    ]
    if streaming:
        for value in events:
            value["job"]["facets"] = {"jobType": {"processingType": "STREAMING"}}
    put(connection, *events)

    shown = show_dataset(connection, find_start(connection, "dataset:db:t")[0])
    lineage = neighbourhood(connection, find_start(connection, "dataset:db:t"), 1, 0)

    assert [version["state"] for version in shown["versions"]] == [state]
    assert [writer["state"] for writer in shown["written_by"]] == [state]
    assert [edge.state for edge in lineage.edges] == [state]


def test_two_written_tables_that_meet_in_a_third_name_are_shown_as_joined(connection: sqlite3.Connection):
    link = {"identifiers": [{"namespace": "hive", "name": "t", "type": "TABLE"}]}
    put(connection, event("one", "COMPLETE", 1, symlinks=link))
    put(connection, event("two", "COMPLETE", 1, table=Name("hdfs", "/t"), symlinks=link))

    lineage = neighbourhood(connection, find_start(connection, "dataset:db:t"), 1, 0)
    shown = show_dataset(connection, find_start(connection, "dataset:hive:t")[0])

    assert lineage.joined == (("dataset:db:t", "dataset:hdfs:/t"),)
    assert [alias["both_written"] for alias in shown["aliases"]] == [True, True]


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("COMPLETE", "DROP", "no-known-writer"),
        ("FAIL", "", "writer-never-completed"),
        ("START", "", None),
        ("COMPLETE", "", None),
    ],
)
def test_who_only_dropped_a_dataset_or_failed_did_not_make_it(
    connection: sqlite3.Connection, kind: str, change: str, reason: str | None
):
    put(connection, event("job", kind, 1, change))

    lineage = neighbourhood(connection, find_start(connection, "dataset:db:t"), 1, 0)

    assert [gap.reason for gap in lineage.gaps] == ([reason] if reason else [])
