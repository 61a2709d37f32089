"""Which dataset was made from which: a lineage facet first, then column lineage, then inputs and outputs."""

import json
import sqlite3
import uuid
from typing import Any

from importers.openlineage.decode import read_event
from registry.rules.lineage import EVERY_HOP
from registry.store.dataset_flow import dataset_flow
from registry.store.neighbourhood import find_start
from registry.store.take_in import Intake


def name(text: str) -> dict[str, Any]:
    return {"namespace": "n", "name": text}


def columns(*sources: str) -> dict[str, Any]:
    fields = [{**name(source), "field": "f"} for source in sources]
    return {"columnLineage": {"fields": {"f": {"inputFields": fields}}}}


def put(
    connection: sqlite3.Connection, job: str, reads: str, writes: dict[str, Any], **job_facets: Any
) -> None:
    value = {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-02T03:04:05Z",
        "run": {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, job))},
        "job": {"namespace": "j", "name": job, "facets": job_facets},
        "inputs": [name(text) for text in reads.split()],
        "outputs": [{**name(text), "facets": facets} for text, facets in writes.items()],
    }
    Intake(connection, "openlineage", "test").write([read_event(json.dumps(value).encode(), "")])


def made(
    connection: sqlite3.Connection, text: str, up: int = EVERY_HOP, down: int = 0
) -> set[tuple[str, ...]]:
    found = dataset_flow(connection, find_start(connection, f"dataset:n:{text}"), up, down)
    short = {node.id: node.name for node in found.nodes}
    return {(short[e.source], short[e.target], e.relation, e.level) for e in found.edges}


def test_without_more_everything_read_may_have_gone_into_everything_written(connection: sqlite3.Connection):
    put(connection, "job", "a b", {"y": {}})

    assert made(connection, "y") == {
        ("a", "y", "through-job", "inferred"),
        ("b", "y", "through-job", "inferred"),
    }


def test_column_lineage_counts_instead_also_for_what_no_run_lists(connection: sqlite3.Connection):
    put(connection, "job", "a b", {"y": columns("a", "unlisted"), "z": {}})

    assert made(connection, "y") == {
        ("a", "y", "derivation", "reported"),
        ("unlisted", "y", "derivation", "reported"),
    }
    assert {edge[0] for edge in made(connection, "z")} == {"a", "b"}


def test_a_lineage_facet_is_the_whole_picture_also_when_it_names_nothing(connection: sqlite3.Connection):
    put(connection, "job", "a b", {"y": {"lineage": {"inputs": []}}})
    put(connection, "other", "a b", {"x": {"lineage": {"inputs": [{**name("b"), "type": "DATASET"}]}}})

    assert made(connection, "y") == set()
    assert made(connection, "x") == {("b", "x", "derivation", "reported")}


def test_a_jobs_own_lineage_facet_counts_for_all_it_wrote(connection: sqlite3.Connection):
    entry = {**name("y"), "type": "DATASET", "inputs": []}
    put(connection, "job", "a", {"y": {}}, lineage={"entries": [entry]})

    assert made(connection, "y") == set()


def test_one_writer_without_column_lineage_keeps_its_inputs(connection: sqlite3.Connection):
    put(connection, "exact", "a b", {"y": columns("a")})
    put(connection, "vague", "c", {"y": {}})

    assert made(connection, "y") == {
        ("a", "y", "derivation", "reported"),
        ("c", "y", "through-job", "inferred"),
    }


def test_downstream_is_the_other_way_round_and_goes_on(connection: sqlite3.Connection):
    put(connection, "one", "a b", {"y": columns("a")})
    put(connection, "two", "y", {"z": {}})

    assert made(connection, "a", 0, EVERY_HOP) == {
        ("a", "y", "derivation", "reported"),
        ("y", "z", "through-job", "inferred"),
    }
    assert made(connection, "b", 0, EVERY_HOP) == set()


def test_sources_are_followed_under_their_other_names(connection: sqlite3.Connection):
    link = {"symlinks": {"identifiers": [name("hive.a")]}}
    put(connection, "load", "raw", {"a": link})
    put(connection, "train", "hive.a", {"y": {}})

    assert {edge[:2] for edge in made(connection, "y")} == {("hive.a", "y"), ("a", "hive.a"), ("raw", "a")}


def test_what_is_only_declared_stands_apart(connection: sqlite3.Connection):
    value = {"eventTime": "2026-01-02T03:04:05Z", "dataset": {**name("y"), "facets": columns("a")}}
    Intake(connection, "openlineage", "test").write([read_event(json.dumps(value).encode(), "")])

    assert made(connection, "y") == {("a", "y", "declared-derivation", "reported")}
