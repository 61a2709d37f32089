"""What MLflow measured about a linked version becomes a report and bias checks, only when asked for."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.commands.loopback_mlflow import Mlflow, serving

Run = Callable[..., Any]
RUN_ID = "3988a0a9ae2a420183ab573447d3bc12"


@pytest.fixture
def mlflow() -> Iterator[Mlflow]:
    with serving() as server:
        yield server


@pytest.fixture
def linked(asked: Run, mlflow: Mlflow) -> Run:
    """credit-risk@7, linked to version 2 of clinic-wine."""
    assert asked("import", "mlflow", mlflow.url).code == 0
    assert asked("link", "credit-risk@7", "--to", "clinic-wine@2", "--as", "alice").code == 0
    return asked


def measure(linked: Run, mlflow: Mlflow, *more: str) -> Any:
    done = linked("import", "mlflow", mlflow.url, "--for", "credit-risk@7", "--as", "alice", "--json", *more)
    assert done.code == 0, done.err
    return done.json["measured"]


def run_of(mlflow: Mlflow) -> Any:
    return next(run for run in mlflow.held("runs") if run["info"]["run_id"] == RUN_ID)


def test_nothing_is_recorded_about_a_version_unless_asked(linked: Run, mlflow: Mlflow) -> None:
    assert linked("import", "mlflow", mlflow.url, "--json").json["measured"] == []
    assert linked("evaluation", "show", "credit-risk@7", "--json").json["items"] == []


def test_metrics_of_the_run_and_of_its_logged_model_become_reports(linked: Run, mlflow: Mlflow) -> None:
    rows = measure(linked, mlflow)
    assert [row["from"].partition(" ")[0] for row in rows] == ["run", "logged"]
    assert [[e["type"] for e in row["evidence"]] for row in rows] == [["evaluation-recorded"]] * 2
    assert len(linked("evaluation", "show", "credit-risk@7", "--json").json["items"]) == 2


def test_a_dry_run_says_what_was_measured_and_records_nothing(linked: Run, mlflow: Mlflow) -> None:
    tried = measure(linked, mlflow, "--dry-run")
    assert [row["metrics"] for row in tried] == [row["metrics"] for row in measure(linked, mlflow)]
    assert [row["evidence"] for row in tried] == [[], []]


def test_numbers_by_group_name_their_group_and_their_dataset(linked: Run, mlflow: Mlflow) -> None:
    measure(linked, mlflow)
    reports = [
        item["metrics"] for item in linked("evaluation", "show", "credit-risk@7", "--json").json["items"]
    ]
    parts = {json.dumps(metric["part"]) for metrics in reports for metric in metrics}
    assert any('"alcohol_hi"' in part and '"dataset"' in part for part in parts)


def test_the_same_measurements_are_recorded_once(linked: Run, mlflow: Mlflow) -> None:
    first = measure(linked, mlflow)
    assert all(row["evidence"] for row in first)
    assert not [row for row in measure(linked, mlflow) if row["evidence"]]


def test_counts_by_group_become_a_bias_check(linked: Run, mlflow: Mlflow) -> None:
    run_of(mlflow)["data"]["metrics"] += [
        {"key": f"group/sex/{group}/{name}", "value": value, "timestamp": 1, "step": 0}
        for group, numbers in {"f": (100, 0.3), "m": (200, 0.6)}.items()
        for name, value in zip(("count", "selection_rate"), numbers, strict=True)
    ]
    row = measure(linked, mlflow)[0]
    assert row["bias_checks"] == 1
    assert "bias-recorded" in [item["type"] for item in row["evidence"]]
    assert not [row for row in measure(linked, mlflow) if row["evidence"]]


def test_a_table_that_the_run_logged_is_read_by_group(linked: Run, mlflow: Mlflow) -> None:
    slices = [
        {"group": f"age={age}", "n": 100, "selected": taken} for age, taken in (("old", 20), ("young", 50))
    ]
    mlflow.files[RUN_ID, "evaluation/slices.json"] = json.dumps({"slices": slices}).encode()
    mlflow.files[RUN_ID, "evaluation/broken.json"] = b"{"
    rows = measure(linked, mlflow)
    assert [row["from"] for row in rows[2:]] == ["evaluation/slices.json"]
    assert (rows[2]["metrics"], rows[2]["bias_checks"]) == (4, 1)


def test_nan_is_reported_as_absent_and_never_as_a_number(linked: Run, mlflow: Mlflow) -> None:
    run_of(mlflow)["data"]["metrics"] = [
        {"key": "loss", "value": "NaN", "timestamp": 1, "step": 0},
        {"key": "ratio", "value": 1.7976931348623157e308, "timestamp": 1, "step": 0},
    ]
    measure(linked, mlflow)
    shown = linked("evaluation", "show", "credit-risk@7", "--json").json["items"][0]["metrics"]
    numbers = {metric["name"]: metric["value"] for metric in shown}
    assert numbers == {"loss": {"absent": "nan"}, "ratio": {"absent": "inf"}}


def test_a_pattern_says_how_names_tell_groups(linked: Run, mlflow: Mlflow) -> None:
    run_of(mlflow)["data"]["metrics"] = [
        {"key": f"auc.by_{group}", "value": 0.5, "timestamp": 1, "step": 0} for group in ("f", "m")
    ]
    measure(linked, mlflow, "--groups", "{metric}.by_{group}")
    shown = linked("evaluation", "show", "credit-risk@7", "--json").json["items"][0]["metrics"]
    parts = sorted((metric["name"], metric["part"]) for metric in shown)
    assert parts == [("auc", [["group", "f"]]), ("auc", [["group", "m"]])]


def test_a_pattern_without_a_group_is_refused(linked: Run, mlflow: Mlflow) -> None:
    done = linked("import", "mlflow", mlflow.url, "--for", "credit-risk@7", "--groups", "{metric}")
    assert done.code == 2
    assert "needs {group} and {metric} once each" in done.err


def test_a_version_that_is_not_linked_says_how_to_link_it(asked: Run, mlflow: Mlflow) -> None:
    done = asked("import", "mlflow", mlflow.url, "--for", "credit-risk@7", "--as", "alice")
    assert done.code != 0
    assert "muniment link retail/credit-risk@7 --to NAME@VERSION" in done.err


def test_a_rename_in_mlflow_does_not_break_the_link(linked: Run, mlflow: Mlflow) -> None:
    for item in (*mlflow.held("registered-models"), *mlflow.held("model-versions")):
        if item["name"] == "clinic-wine":
            item["name"] = "vineyard"
    assert len(measure(linked, mlflow)) == 2


def test_the_export_names_the_model_in_mlflow_and_the_data_it_was_measured_on(
    linked: Run, mlflow: Mlflow
) -> None:
    measure(linked, mlflow)
    held = mlflow.version("clinic-wine", "2")
    held["description"] = "Grades wine; see https://ann:hunter2@wiki.example/wine"
    held["source"] = "s3://models/wine/2"
    linked("import", "mlflow", mlflow.url)
    events = linked("export", "openlineage", "credit-risk@7", "--json").json["items"]
    evaluations = [e for e in events if e.get("job", {}).get("name", "").startswith("evaluation/")]
    facets = evaluations[0]["inputs"][0]["facets"]

    assert facets["symlinks"]["identifiers"] == [
        {"namespace": mlflow.url.replace("http", "mlflow"), "name": "clinic-wine", "type": "MODEL"},
        {"namespace": "s3://models", "name": "wine/2", "type": "LOCATION"},
    ]
    assert facets["documentation"]["description"] == "Grades wine; see https://ann:***@wiki.example/wine"
    data = [d for e in evaluations for d in e["inputs"] if d["name"] != "retail/credit-risk"]
    assert [(d["namespace"], d["name"], d["facets"]["version"]["datasetVersion"]) for d in data] == [
        ("file", "/srv/clinic/mlf/data/wine.csv", "9ecc1440")
    ]
