"""What lies up- and downstream of a thing, over all runs."""

import json
import sqlite3
import zlib
from typing import Any

import pytest

from importers.openlineage.decode import read_event
from registry.rules.lineage import EVERY_HOP, Lineage
from registry.store.lineage import LineageReader
from registry.store.neighbourhood import find_start, neighbourhood
from registry.store.take_in import Intake
from schemas.errors import NotFound, Usage
from schemas.observation import Name, RunKey


def put(
    connection: sqlite3.Connection, job: str, reads: str, writes: str, namespace: str = "n", **facets: Any
) -> str:
    run = f"{zlib.crc32(job.encode()):08x}-782c-4ef2-9c0c-aafe2aa6f34d"

    def use(text: str) -> dict[str, Any]:
        name, _, version = text.partition("@")
        extra = {"version": {"datasetVersion": version}} if version else {}
        return {"namespace": namespace, "name": name, "facets": {**extra, **facets}}

    value = {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-02T03:04:05Z",
        "run": {"runId": run},
        "job": {"namespace": "j", "name": job},
        "inputs": [use(text) for text in reads.split()],
        "outputs": [use(text) for text in writes.split()],
    }
    Intake(connection, "openlineage", "test").write([read_event(json.dumps(value).encode(), "")])
    return run


def around(connection: sqlite3.Connection, text: str, up: int = EVERY_HOP, down: int = EVERY_HOP) -> Lineage:
    return neighbourhood(connection, find_start(connection, text), up, down)


def names(found: Lineage) -> list[str]:
    return sorted(node.name for node in found.nodes)


@pytest.fixture
def chain(connection: sqlite3.Connection) -> sqlite3.Connection:
    """raw -> load -> clean -> train -> model, and a report beside it."""
    put(connection, "load", "raw@1", "clean")
    put(connection, "train", "clean", "model")
    put(connection, "report", "clean", "page")
    return connection


def test_upstream_is_what_it_came_from_and_nothing_else(chain: sqlite3.Connection):
    found = around(chain, "model", down=0)

    assert names(found) == ["clean", "load", "model", "raw", "train"]
    assert {(g.at, g.reason) for g in found.gaps} == {
        ("dataset:n:raw", "no-known-writer"),
        ("dataset:n:clean", "version-read-not-named"),
    }


def test_downstream_is_what_came_from_it(chain: sqlite3.Connection):
    assert names(around(chain, "n:clean", up=0)) == ["clean", "model", "page", "report", "train"]


def test_hops_bound_the_answer_and_a_cut_is_no_gap(chain: sqlite3.Connection):
    found = around(chain, "j:train", up=1, down=0)

    assert names(found) == ["clean", "train"]
    assert [g.reason for g in found.gaps] == ["version-read-not-named"]


def test_a_run_id_stands_for_its_job(chain: sqlite3.Connection):
    run = put(chain, "train", "clean", "model")

    assert names(around(chain, run, 0, 1)) == ["model", "train"]


def test_aliases_are_walked_through(connection: sqlite3.Connection):
    link = {"identifiers": [{"namespace": "hive", "name": "t"}]}
    put(connection, "write", "", "hdfs", symlinks=link)
    put(connection, "read", "t", "model", namespace="hive")

    found = around(connection, "hive:model", down=0)

    assert names(found) == ["hdfs", "model", "read", "t", "write"]
    assert ("dataset:hive:t", "no-known-writer") not in {(g.at, g.reason) for g in found.gaps}


def test_tables_made_from_themselves_do_not_hang(connection: sqlite3.Connection):
    put(connection, "merge", "t", "t")

    assert names(around(connection, "n:t")) == ["merge", "t"]


def test_a_name_used_twice_is_refused_with_the_candidates(connection: sqlite3.Connection):
    put(connection, "job", "a", "", namespace="one")
    put(connection, "job", "a", "", namespace="two")

    with pytest.raises(Usage, match="dataset one:a, dataset two:a"):
        find_start(connection, "a")
    assert len(find_start(connection, "two:a")) == 1


def test_a_dataset_and_a_job_of_one_name_are_told_apart_by_their_kind(connection: sqlite3.Connection):
    put(connection, "same", "same", "", namespace="j")

    with pytest.raises(Usage):
        find_start(connection, "j:same")
    assert names(around(connection, "dataset:j:same", 0, 0)) == ["same"]
    assert around(connection, "job:j:same", 0, 0).nodes[0].kind == "job"


def test_what_was_never_imported_is_not_found(connection: sqlite3.Connection):
    with pytest.raises(NotFound, match="nothing imported"):
        find_start(connection, "nowhere")


def test_the_reader_gives_a_dataset_without_version_only_when_none_is_named(connection: sqlite3.Connection):
    put(connection, "train", "a@1 b", "m")
    run = put(connection, "train", "a c@2", "m")
    reader = LineageReader(connection)

    known = reader.find_run(RunKey(run, Name("j", "train")))

    assert known is not None
    assert [(u.dataset.name, u.version) for u in reader.inputs(known)] == [
        ("a", "1"),
        ("b", None),
        ("c", "2"),
    ]
    model, moment = frozenset({Name("n", "m")}), known.ended or 0
    assert reader.writers_before(model, moment, RunKey("another", Name("j", "x"))) == [known]
    assert reader.writers_before(model, moment - 1, RunKey("another", Name("j", "x"))) == []
    assert reader.writers_before(model, moment, known.key) == []
