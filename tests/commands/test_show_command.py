"""`muniment show`: all about one thing, and what said it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[1] / "data/openlineage"
FEATURES = "01a20963-0022-7860-aa5e-f0cde457583e"
RUN = "0190b5f0-0000-7000-8000-000000000001"


def write(path: Path, *events: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return path


def event(job: str, kind: str, second: int, **more: Any) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": f"2026-01-02T03:04:{second:02}Z",
        "producer": "https://example.org/p",
        "run": {"runId": RUN, "facets": more.pop("facets", {})},
        "job": {"namespace": "j", "name": job},
        **more,
    }


@pytest.fixture
def imported(founded):
    assert founded("import", "openlineage", DATA / "dbt-duckdb-1.54").code == 0
    return founded


def test_a_run_shows_every_facet_and_the_event_that_says_it(imported):
    shown = imported("show", FEATURES, "--json").json

    assert (shown["kind"], shown["state"]) == ("run", "COMPLETE")
    assert shown["parent"]["job"] == {"namespace": "dbt-clinic", "name": "dbt-run-clinic"}
    assert shown["parent"]["imported"]
    digests = {event["digest"] for event in shown["events"]}
    assert [event["type"] for event in shown["events"]] == ["START", "COMPLETE"]
    assert {facet["said_by"] for facet in shown["facets"].values()} <= digests
    assert shown["facets"]["dbt_version"]["value"]["version"] == "1.11.16"
    output = shown["outputs"][0]
    assert (output["name"], output["state"]) == ("clinic.main.features_tumour", "written")
    assert output["observed_version"]["run"] == f"~{FEATURES}"
    assert "columnLineage" in output["facets"]


def test_the_event_that_says_it_can_be_read_itself(imported):
    said_by = imported("show", FEATURES, "--json").json["facets"]["dbt_version"]["said_by"]

    event = imported("show", f"sha256:{said_by}", "--json").json
    short = imported("show", f"sha256:{said_by[:12]}").out

    assert hashlib.sha256(event["text"].encode()).hexdigest() == said_by
    assert (event["run_id"], event["source"]["kind"]) == (FEATURES, "openlineage")
    assert f"event   sha256:{said_by}" in short
    assert imported("show", "sha256:00000000").code == 5


def test_a_run_is_readable_without_json(imported):
    out = imported("show", FEATURES).out

    assert out.splitlines()[0] == f"run      {FEATURES}"
    assert "parent   01a20962-dcdb-7409-af31-2cbbf15727fc of dbt-clinic:dbt-run-clinic" in out
    assert "clinic.main.features_tumour  written" in out


def test_assertions_of_a_test_run_are_shown_with_their_result(imported):
    runs = imported("runs", "--filter", "features_tumour.build.test", "--json").json["items"]

    shown = imported("show", runs[0]["run_id"], "--json").json
    text = imported("show", runs[0]["run_id"]).out

    assertions = [a for use in shown["inputs"] for a in use["assertions"]]
    assert {a["success"] for a in assertions} <= {True, False}
    assert ": failed" in text


def test_a_dataset_and_a_job_are_shown(imported):
    dataset = imported("show", "clinic.main.features_tumour", "--json").json
    job = imported("show", "clinic.main.clinic.features_tumour.build.run", "--json").json

    assert (dataset["kind"], job["kind"]) == ("dataset", "job")
    assert [writer["name"] for writer in dataset["written_by"]] == [job["name"]]
    assert dataset["facets"]["schema"]["said_by"]["source"]["kind"] == "openlineage"
    assert dataset["facets"]["schema"]["since"].startswith("2026-11-23T17:10:")
    assert [run["run_id"] for run in job["runs"]] == [FEATURES]
    assert [(e["name"], e["type"]) for e in dataset["exposures"]] == [("tumour_model", "ml")]
    for name in ("clinic.main.features_tumour", "clinic.main.clinic.features_tumour.build.run"):
        assert imported("show", name).code == 0


def test_one_id_for_several_jobs_asks_which(founded, tmp_path: Path):
    events = write(tmp_path / "e.jsonl", event("raw", "COMPLETE", 1), event("model", "FAIL", 1))
    founded("import", "openlineage", events)

    refused = founded("show", RUN)
    chosen = founded("show", f"{RUN}@j:model", "--json")

    assert refused.code == 2
    assert f"write {RUN}@NAMESPACE:JOB" in refused.err
    assert (chosen.json["job"]["name"], chosen.json["state"]) == ("model", "FAIL")


def test_a_parent_that_was_only_mentioned_is_shown_as_that(founded, tmp_path: Path):
    parent = "0190b5f0-0000-7000-8000-0000000000aa"
    facet = {"parent": {"run": {"runId": parent}, "job": {"namespace": "other", "name": "dag"}}}
    founded("import", "openlineage", write(tmp_path / "e.jsonl", event("task", "START", 1, facets=facet)))

    child = founded("show", RUN, "--json").json
    mentioned = founded("show", parent, "--json").json

    assert child["parent"] == {
        "run_id": parent,
        "job": {"namespace": "other", "name": "dag"},
        "imported": False,
    }
    assert (mentioned["state"], mentioned["events"]) == (None, [])
    assert [run["job"]["name"] for run in mentioned["inner_runs"]] == ["task"]
    assert "(not imported)" in founded("show", RUN).out


def test_passwords_in_names_and_facets_are_kept_and_not_shown(founded, tmp_path: Path):
    uri = "postgres://me:hunter2@db/x"
    dataset = {"namespace": uri, "name": "t", "facets": {"dataSource": {"uri": uri + "?password=swordfish"}}}
    founded(
        "import", "openlineage", write(tmp_path / "e.jsonl", event("load", "COMPLETE", 1, outputs=[dataset]))
    )

    for reference in (RUN, "dataset:t", "job:j:load"):
        out = founded("show", reference).out
        assert "hunter2" not in out
        assert "swordfish" not in out
    digest = founded("show", RUN, "--json").json["events"][0]["digest"]
    assert "swordfish" not in founded("show", f"sha256:{digest}").out
    assert "hunter2" in founded("show", "dataset:t", "--json").out


def test_a_registered_version_is_shown_with_its_statuses(approved):
    shown = approved("show", "credit-risk@7", "--json")

    assert shown.json["kind"] == "version"
    assert shown.json["statuses"][0]["status"] == "valid"
    assert "statuses:" in approved("show", "credit-risk@7").out


def test_what_nobody_named_is_not_found(founded):
    assert founded("show", "nowhere").code == 5


def test_lineage_says_what_it_shows_as_one(imported, tmp_path: Path):
    facets = {"jobType": {"jobType": "MODEL", "integration": "DBT"}}
    output = {"namespace": "duckdb:///srv/clinic/dbtproj/clinic.duckdb", "name": "clinic.main.stg_wine"}
    other = event("model.clinic.stg_wine", "COMPLETE", 1, outputs=[output])
    other["job"] = {"namespace": "dbt-clinic", "name": "model.clinic.stg_wine", "facets": facets}
    imported("import", "openlineage", write(tmp_path / "e.jsonl", other))

    text = imported("lineage", "+clinic.main.stg_wine").out
    found = imported("lineage", "+clinic.main.stg_wine", "--json").json
    apart = imported("lineage", "+clinic.main.stg_wine", "--apart", "--json").json

    assert "shown as one: job:dbt-clinic:model.clinic.stg_wine in" in text
    assert [fold["why"] for fold in found["folded"]] == ["job name model.clinic.stg_wine"]
    assert len(apart["nodes"]) == len(found["nodes"]) + 1


def test_pairs_that_join_two_histories_are_listed(founded, tmp_path: Path):
    link = {"symlinks": {"identifiers": [{"namespace": "hive", "name": "t"}]}}
    one = event("one", "COMPLETE", 1, outputs=[{"namespace": "hdfs", "name": "/t", "facets": link}])
    two = event("two", "COMPLETE", 1, outputs=[{"namespace": "hive", "name": "t"}])
    founded("import", "openlineage", write(tmp_path / "e.jsonl", one, two))

    listed = founded("alias", "list", "--joined", "--json").json["items"]
    lineage = founded("lineage", "hive:t")

    assert [(i["a"]["name"], i["b"]["name"], i["both_written"]) for i in listed] == [("/t", "t", True)]
    assert listed[0]["event"]["run_id"] == RUN
    assert "joined by an alias, though runs wrote either: dataset:hdfs:/t and dataset:hive:t" in lineage.out


def test_a_job_with_very_many_inside_it_stays_readable(founded, tmp_path: Path):
    parent = {"parent": {"run": {"runId": RUN}, "job": {"namespace": "j", "name": "dag"}}}
    tasks = [event(f"task-{number:03}", "COMPLETE", 1, facets=parent) for number in range(150)]
    founded("import", "openlineage", write(tmp_path / "e.jsonl", *tasks))

    assert "  50 more lines: --json" in founded("show", "dag").out.splitlines()
    assert len(founded("show", "dag", "--json").json["contains"]) == 150
