"""What static events declare beside what runs did: walked, marked, and compared."""

import json
import sqlite3
from typing import Any

from importers.openlineage.decode import read_event
from registry.acts.show_node import show_dataset, show_job
from registry.rules.lineage import EVERY_HOP, Lineage, tree
from registry.store.neighbourhood import find_start, neighbourhood
from registry.store.take_in import Intake


def put(connection: sqlite3.Connection, **value: Any) -> None:
    value = {"eventTime": "2026-01-02T03:04:05Z", **value}
    Intake(connection, "openlineage", "test").write([read_event(json.dumps(value).encode(), "")])


def uses(names: str, namespace: str = "n", **facets: Any) -> list[dict[str, Any]]:
    return [{"namespace": namespace, "name": name, "facets": facets} for name in names.split()]


def declare(connection: sqlite3.Connection, job: str, reads: str, writes: str) -> None:
    put(connection, job={"namespace": "j", "name": job}, inputs=uses(reads), outputs=uses(writes))


def observe(connection: sqlite3.Connection, job: str, reads: str, writes: str) -> None:
    run = {"runId": "41fb5137-f0fd-4ee5-ba5c-56f8571d1bd7"}
    name = {"namespace": "j", "name": job}
    put(connection, eventType="COMPLETE", run=run, job=name, inputs=uses(reads), outputs=uses(writes))


def above(connection: sqlite3.Connection, text: str) -> Lineage:
    return neighbourhood(connection, find_start(connection, text), EVERY_HOP, 0)


def test_a_job_that_only_declares_is_in_the_lineage_and_marked(connection: sqlite3.Connection):
    declare(connection, "plan", "raw", "model")

    found = above(connection, "dataset:n:model")

    assert [(e.source, e.target, e.relation) for e in found.edges] == [
        ("dataset:n:raw", "job:j:plan", "declared-input"),
        ("job:j:plan", "dataset:n:model", "declared-output"),
    ]
    assert ("dataset:n:model", "writer-only-declared") in {(g.at, g.reason) for g in found.gaps}
    assert "|- job j:plan  [declared-output]" in list(tree(found, upstream=True))


def test_downstream_is_walked_through_declarations_too(connection: sqlite3.Connection):
    declare(connection, "plan", "raw", "model")

    found = neighbourhood(connection, find_start(connection, "dataset:n:raw"), 0, EVERY_HOP)

    assert [node.name for node in found.nodes] == ["model", "raw", "plan"]


def test_declared_and_observed_edges_stand_apart_and_their_drift_is_shown(connection: sqlite3.Connection):
    declare(connection, "train", "raw old", "model")
    observe(connection, "train", "raw new", "model")

    found = above(connection, "dataset:n:model")
    shown = show_job(connection, find_start(connection, "job:j:train")[0])

    assert sum(edge.relation == "declared-input" for edge in found.edges) == 2
    assert sum(edge.relation == "input" for edge in found.edges) == 2
    assert [(d.dataset, d.direction, d.kind) for d in found.drift] == [
        ("dataset:n:new", "input", "observed-only"),
        ("dataset:n:old", "input", "declared-only"),
    ]
    assert [(d["name"], d["kind"]) for d in shown["drift"]] == [
        ("new", "observed-only"),
        ("old", "declared-only"),
    ]
    assert [(i["name"], i["observed"], i["declared"]) for i in shown["inputs"]] == [
        ("new", True, False),
        ("old", False, True),
        ("raw", True, True),
    ]


def test_another_name_of_a_declared_dataset_is_no_drift(connection: sqlite3.Connection):
    declare(connection, "train", "raw", "model")
    link: dict[str, Any] = {"symlinks": {"identifiers": [{"namespace": "hive", "name": "raw"}]}}
    put(connection, dataset=uses("raw", **link)[0])
    run = {"runId": "41fb5137-f0fd-4ee5-ba5c-56f8571d1bd7"}
    name = {"namespace": "j", "name": "train"}
    inputs, outputs = uses("raw", "hive"), uses("model")
    put(connection, eventType="COMPLETE", run=run, job=name, inputs=inputs, outputs=outputs)

    assert above(connection, "dataset:n:model").drift == ()
    assert show_job(connection, find_start(connection, "job:j:train")[0])["drift"] == []


def test_column_lineage_is_resolved_through_other_names(connection: sqlite3.Connection):
    source = {"namespace": "hive", "name": "raw", "field": "f"}
    columns: dict[str, Any] = {"columnLineage": {"fields": {"f": {"inputFields": [source]}}}}
    put(connection, eventType="COMPLETE", run={"runId": "41fb5137-f0fd-4ee5-ba5c-56f8571d1bd7"},
        job={"namespace": "j", "name": "train"}, outputs=uses("model", **columns))  # fmt: skip
    link: dict[str, Any] = {"symlinks": {"identifiers": [{"namespace": "hive", "name": "raw"}]}}
    put(connection, eventType="COMPLETE", run={"runId": "41fb5137-f0fd-4ee5-ba5c-56f8571d1bd8"},
        job={"namespace": "j", "name": "load"}, outputs=uses("lake", **link))  # fmt: skip

    found = above(connection, "dataset:n:model")

    assert {node.name for node in found.nodes} == {"model", "train", "raw", "lake", "load"}


def test_a_dataset_says_who_reads_and_writes_it_and_who_only_declares_to(connection: sqlite3.Connection):
    declare(connection, "plan", "model", "model")
    observe(connection, "train", "", "model")

    shown = show_dataset(connection, find_start(connection, "dataset:n:model")[0])

    assert [(w["name"], w["observed"], w["declared"], w["state"]) for w in shown["written_by"]] == [
        ("plan", False, True, None),
        ("train", True, False, "written"),
    ]
    assert [(r["name"], r["observed"]) for r in shown["read_by"]] == [("plan", False)]
