"""Names of one dataset: decided by a person, signed, logged, and taken in at once and in retrospect."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

QUOTED, PLAIN = 'duckdb:"s"."raw"', "duckdb:s.raw"


def event(run: int, job: str, reads: list[str], writes: list[str], hour: int) -> str:
    return json.dumps(
        {
            "eventType": "COMPLETE",
            "eventTime": f"2026-11-20T{hour:02d}:00:00Z",
            "run": {"runId": f"0190b5f0-0000-7000-8000-{run:012d}"},
            "job": {"namespace": "pipeline", "name": job},
            "inputs": [{"namespace": "duckdb", "name": name} for name in reads],
            "outputs": [{"namespace": "duckdb", "name": name} for name in writes],
        }
    )


@pytest.fixture
def two_names(founded, tmp_path: Path):
    """A loader writes the dataset under one name, a training reads it under another."""
    rows = (event(1, "load", [], ["s.raw"], 8), event(2, "train", ['"s"."raw"'], ["model"], 10))
    (tmp_path / "events.jsonl").write_text("\n".join(rows))
    assert founded("import", "openlineage", tmp_path / "events.jsonl").code == 0
    return founded


def upstream(run) -> set[str]:
    return {node["name"] for node in run("lineage", "+duckdb:model", "--json").json["nodes"]}


def test_two_names_are_suggested_and_joined_and_lineage_runs_through(two_names):
    assert "load" not in upstream(two_names)
    assert two_names("alias", "suggest", "--json").json["items"] == [
        {
            "a": {"namespace": "duckdb", "name": '"s"."raw"'},
            "b": {"namespace": "duckdb", "name": "s.raw"},
            "why": "quotes",
        }
    ]

    added = two_names("alias", "add", QUOTED, PLAIN, "--reason", "one table", "--json")

    assert added.code == 0
    assert "load" in upstream(two_names)
    assert two_names("alias", "suggest", "--json").json["items"] == []


def test_a_decision_is_a_leaf_and_the_log_still_verifies(two_names):
    leaf = two_names("alias", "add", QUOTED, PLAIN, "--reason", "one table", "--json").json["leaf"]

    logged = two_names("audit", "log", "--json").json["items"][leaf]

    assert logged["type"] == "alias-added"
    assert two_names("audit", "verify").code == 0


def test_what_is_taken_back_no_longer_joins(two_names):
    two_names("alias", "add", QUOTED, PLAIN, "--reason", "one table")

    removed = two_names("alias", "remove", QUOTED, PLAIN, "--reason", "two tables")

    assert removed.code == 0
    assert "load" not in upstream(two_names)
    items = two_names("alias", "list", "--json").json["items"]
    assert [(i["said_by"], i["same"]) for i in items] == [("person", False)]


def test_a_symlink_that_a_person_denies_stays_denied_when_it_is_imported_again(founded, tmp_path: Path):
    row = json.loads(event(1, "load", [], ["s.raw"], 8))
    identifier = {"namespace": "hive", "name": "raw", "type": "TABLE"}
    row["outputs"][0]["facets"] = {"symlinks": {"identifiers": [identifier]}}
    (tmp_path / "one.json").write_text(json.dumps(row))
    (tmp_path / "two.json").write_text(json.dumps(row | {"eventTime": "2026-11-20T09:00:00Z"}))
    founded("import", "openlineage", tmp_path / "one.json")

    assert founded("alias", "remove", "duckdb:s.raw", "hive:raw", "--reason", "another table").code == 0
    founded("import", "openlineage", tmp_path / "two.json")

    assert [(i["said_by"], i["same"]) for i in founded("alias", "list", "--json").json["items"]] == [
        ("symlink", False)
    ]
    assert founded("datasets", "--filter", "s.raw", "--json").json["items"][0]["aliases"] == []


def test_joining_two_written_datasets_is_said(two_names, tmp_path: Path):
    (tmp_path / "more.jsonl").write_text(event(3, "other", [], ['"s"."raw"'], 9))
    two_names("import", "openlineage", tmp_path / "more.jsonl")

    added = two_names("alias", "add", QUOTED, PLAIN, "--reason", "one table")

    assert "runs wrote the dataset under either name" in added.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", QUOTED, QUOTED, "--reason", "x"), 2),
        (("add", QUOTED, "duckdb:nowhere", "--reason", "x"), 5),
        (("add", QUOTED, "pipeline:load", "--reason", "x"), 5),
        (("remove", QUOTED, PLAIN, "--reason", "x"), 2),
        (("add", QUOTED, PLAIN, "--reason", " "), 2),
        (("add", QUOTED, PLAIN), 2),
    ],
)
def test_a_decision_that_means_nothing_is_refused(two_names, words, code):
    refused = two_names("alias", *words)

    assert refused.code == code
    assert "Traceback" not in refused.err


def test_the_same_decision_twice_is_a_conflict(two_names):
    two_names("alias", "add", QUOTED, PLAIN, "--reason", "one table")

    assert two_names("alias", "add", PLAIN, QUOTED, "--reason", "again").code == 2


def test_an_approval_over_lineage_that_an_alias_lengthens_is_stale(approved, tmp_path: Path):
    rows = [json.loads(event(7, "extract", [], ["features"], 9))]
    rows[0]["outputs"][0]["namespace"] = "s3://lake"
    (tmp_path / "extract.json").write_text(json.dumps(rows[0]))
    approved("import", "openlineage", tmp_path / "extract.json")
    assert approved("gate", "credit-risk@7", "--env", "production").code == 0

    names = ("postgres://warehouse:credit.features", "s3://lake:features")
    approved("alias", "add", *names, "--reason", "one table", "--as", "alice")

    gate = approved("gate", "credit-risk@7", "--env", "production", "--json")
    assert (gate.code, gate.json["status"]) == (4, "stale")
    assert "extract" in json.dumps(approved("changes", "credit-risk@7", "--env", "production", "--json").json)


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE alias_edit SET seq = 0",
        "UPDATE alias_edit SET same = 1 - same",
        "UPDATE alias_edit SET b = b + 1",
        "DELETE FROM alias_edit",
    ],
)
def test_the_doctor_holds_the_names_against_the_log(two_names, tmp_path: Path, edit: str):
    def looked() -> list[tuple[bool, str]]:
        items = two_names("doctor", "--json").json["items"]
        return [(i["todo"], i["message"]) for i in items if i["check"] == "aliases"]

    two_names("alias", "add", QUOTED, PLAIN, "--reason", "one table")
    two_names("alias", "remove", QUOTED, PLAIN, "--reason", "two tables")
    before = looked()
    with closing(sqlite3.connect(tmp_path / "registry" / "registry.db")) as connection, connection:
        connection.execute(edit)

    assert before == [(False, "names decided about: 1 pairs, each as the log says")]
    [(todo, message)] = looked()
    assert todo
    assert message.startswith("names that count as one dataset, or as two, otherwise than the log says: ")
