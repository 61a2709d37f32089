"""Importing OpenLineage and looking at what came in, on the command line."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

DATA = Path(__file__).parents[1] / "data/openlineage"
FEATURES = "01a20963-0022-7860-aa5e-f0cde457583e"


def test_an_import_says_what_it_did_and_a_second_one_does_nothing(founded):
    first = founded("import", "openlineage", DATA / "dbt-duckdb-1.54/events.jsonl", "--json")
    second = founded("import", "openlineage", DATA / "dbt-duckdb-1.54/events.jsonl", "--json")

    assert first.code == 0
    wanted = ("taken", "duplicate", "quarantined", "runs", "datasets", "jobs", "problems")
    assert [first.json[key] for key in wanted] == [22, 0, 0, 11, 10, 11, []]
    assert len(first.json["leaves"]) == 1
    assert [second.json[key] for key in ("taken", "duplicate", "leaves")] == [0, 22, []]


def test_several_sources_and_standard_input_at_once(founded, monkeypatch: pytest.MonkeyPatch):
    data = (DATA / "transports/append.jsonl").read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))

    done = founded("import", "openlineage", "-", DATA / "transports/debug", "--json")

    assert (done.json["taken"], done.json["duplicate"], done.json["sources"]) == (5, 5, ["-", "debug"])


def test_what_is_quarantined_is_listed_and_fails_only_when_asked(founded):
    lenient = founded("import", "openlineage", DATA / "malformed", "--json")
    strict = founded("import", "openlineage", DATA / "malformed", "--strict")

    assert (lenient.code, strict.code) == (0, 1)
    assert lenient.json["quarantined"] == 13
    assert {"source": "malformed", "position": "01_empty_body.bin", "reason": "empty"} in lenient.json[
        "problems"
    ]
    assert "problem: 09_utf16.bin: expected JSON in UTF-8" in strict.out


def test_a_file_that_is_not_there_stops_before_anything_is_taken(founded):
    failed = founded("import", "openlineage", DATA / "transports", "nowhere.jsonl")

    assert failed.code == 5
    assert "nowhere.jsonl: there is no such file or folder" in failed.err
    assert founded("runs", "--json").json["items"] == []


def test_lists_go_on_where_a_page_ended(founded):
    founded("import", "openlineage", DATA / "dbt-duckdb-1.54")

    for name in ("runs", "datasets", "jobs", "edges"):
        whole = founded(name, "--json").json["items"]
        page = founded(name, "--limit", 3, "--json").json
        rest = founded(name, "--after", page["after"], "--json").json
        assert page["items"] + rest["items"] == whole
        assert rest["after"] is None
        assert founded(name).code == 0


def test_edges_of_one_relation(founded):
    founded("import", "openlineage", DATA / "transports/append.jsonl")

    edges = founded("edges", "--relation", "declared-input", "--json").json["items"]

    assert [(e["from"], e["to"], e["relation"], e["level"]) for e in edges] == [
        (
            {"kind": "dataset", "namespace": "file", "name": "/data/wine.csv"},
            {"kind": "job", "namespace": "clinic", "name": "declared"},
            "declared-input",
            "reported",
        )
    ]


def test_the_lineage_of_a_version_is_that_of_its_training(founded, tmp_path: Path):
    founded("import", "openlineage", DATA / "dbt-duckdb-1.54")
    model = tmp_path / "model.bin"
    model.write_bytes(b"weights")
    founded("register", "tumour@1", "--artifact", model, "--run", FEATURES)

    found = founded("lineage", "+tumour@1", "--json").json

    assert found["roots"] == ["model:retail/tumour@1"]
    assert [n["name"] for n in found["nodes"] if n["kind"] == "dataset"] == [
        "clinic.main.raw_breast_cancer",
        "clinic.main.stg_breast_cancer",
    ]
    assert [g["reason"] for g in found["gaps"]] == ["no-known-writer"]
    drawn = founded("lineage", "+tumour@1").out.splitlines()
    assert drawn[0] == "model retail/tumour@1"
    assert drawn[-1] == "5 nodes, 4 edges, 1 gaps"


def test_lineage_of_a_dataset_as_tree_table_and_drawing(founded):
    founded("import", "openlineage", DATA / "dbt-duckdb-1.54")

    tree = founded("lineage", "clinic.main.stg_wine").out
    table = founded("lineage", "clinic.main.stg_wine+", "--table").out
    dot = founded("lineage", "+clinic.main.stg_wine", "--dot").out

    assert tree.startswith("came from:\n")
    assert "went into:" in tree
    assert table.splitlines()[0].split() == ["RELATION", "LEVEL", "STATE", "FROM", "TO"]
    assert dot.startswith("digraph lineage {\n")


def test_lineage_of_datasets_alone_says_what_column_lineage_says(founded):
    founded("import", "openlineage", DATA / "dbt-duckdb-1.54")

    found = founded("lineage", "+clinic.main.features_tumour", "--datasets", "--json").json
    text = founded("lineage", "+clinic.main.features_tumour", "--datasets").out
    refused = founded("lineage", "+job:dbt-clinic:dbt-run-clinic", "--datasets")

    assert {node["kind"] for node in found["nodes"]} == {"dataset"}
    assert {edge["relation"] for edge in found["edges"]} == {"derivation"}
    assert "clinic.main.raw_breast_cancer" in text
    assert refused.code == 5


def test_lineage_of_what_is_unknown_is_not_found(founded):
    assert founded("lineage", "+nothing").code == 5


def test_a_password_in_a_name_is_kept_and_not_shown(founded, tmp_path: Path):
    namespace = "postgres://scott:tiger@db:5432"
    event = {"eventTime": "2026-01-02T03:04:05Z", "dataset": {"namespace": namespace, "name": "t@x"}}
    (tmp_path / "e.json").write_text(json.dumps(event))
    founded("import", "openlineage", tmp_path / "e.json")

    ways = (("datasets",), ("lineage", "t@x"), ("lineage", "t@x", "--dot"), ("lineage", "t@x", "--table"))
    shown = [founded(*words).out for words in ways]

    assert founded("datasets", "--json").json["items"][0]["namespace"] == namespace
    assert not any("tiger" in text for text in shown)
    assert "postgres://scott:***@db:5432:t@x" in shown[0]
