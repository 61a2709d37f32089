"""Our decision as tags in MLflow: written when asked, never believed when they come back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.commands.loopback_mlflow import Mlflow, serving

Run = Callable[..., Any]


@pytest.fixture
def mlflow() -> Iterator[Mlflow]:
    with serving() as server:
        yield server


@pytest.fixture
def linked(approved: Run, mlflow: Mlflow) -> Run:
    """credit-risk@7, approved for production, linked to version 2 of clinic-wine."""
    assert approved("import", "mlflow", mlflow.url).code == 0
    assert approved("link", "credit-risk@7", "--to", "clinic-wine@2", "--as", "alice").code == 0
    return approved


def tags_of(mlflow: Mlflow) -> dict[str, str]:
    held = mlflow.version("clinic-wine", "2").get("tags", [])
    return {tag["key"]: tag["value"] for tag in held if tag["key"].startswith("muniment.")}


def export(linked: Run, mlflow: Mlflow, *more: str) -> Any:
    return linked("export", "mlflow", "credit-risk@7", "--to", mlflow.url, *more)


def warnings_of(linked: Run, mlflow: Mlflow) -> list[tuple[str, str]]:
    found = linked("import", "mlflow", mlflow.url, "--json").json["warnings"]
    return [(row["position"], row["reason"].partition(":")[0]) for row in found]


def test_four_tags_and_nothing_else_are_set(linked: Run, mlflow: Mlflow) -> None:
    done = export(linked, mlflow, "--json")
    assert done.code == 0, done.err
    status = linked("status", "credit-risk@7", "--json").json["items"][0]
    tags = tags_of(mlflow)
    assert tags == done.json["tags"]
    assert tags["muniment.status"] == status["status"]
    assert tags["muniment.evidence_sha256"] == status["dossier"].removeprefix("sha256:")
    assert len(tags["muniment.decision_id"]) == 64
    assert tags["muniment.decided_at"].endswith("Z")
    assert sorted(tags) == [
        "muniment.decided_at",
        "muniment.decision_id",
        "muniment.evidence_sha256",
        "muniment.status",
    ]
    assert {path for path, _ in mlflow.posted} == {"/api/2.0/mlflow/model-versions/set-tag"}


def test_our_own_tags_that_come_back_are_no_facts(linked: Run, mlflow: Mlflow) -> None:
    export(linked, mlflow)
    again = linked("import", "mlflow", mlflow.url, "--json").json
    assert (again["changed"], again["leaf"], again["warnings"]) == (0, None, [])


def test_a_tag_that_somebody_else_changed_is_a_warning(linked: Run, mlflow: Mlflow) -> None:
    export(linked, mlflow)
    for tag in mlflow.version("clinic-wine", "2")["tags"]:
        if tag["key"] == "muniment.status":
            tag["value"] = "rejected"
    named = ("version 2 of clinic-wine", "tag muniment.status was changed by somebody else")
    assert warnings_of(linked, mlflow) == [named]
    export(linked, mlflow)
    assert warnings_of(linked, mlflow) == []


def test_a_tag_that_we_never_set_is_a_warning_and_no_fact(linked: Run, mlflow: Mlflow) -> None:
    held = mlflow.version("clinic-wine", "1")
    held["tags"] = [*held["tags"], {"key": "muniment.status", "value": "approved"}]
    named = ("version 1 of clinic-wine", "tag muniment.status was set by somebody else")
    assert warnings_of(linked, mlflow) == [named]


def test_a_tag_that_was_taken_away_is_a_warning(linked: Run, mlflow: Mlflow) -> None:
    export(linked, mlflow)
    held = mlflow.version("clinic-wine", "2")
    held["tags"] = [tag for tag in held["tags"] if tag["key"] != "muniment.decision_id"]
    assert warnings_of(linked, mlflow) == [
        ("version 2 of clinic-wine", "tag muniment.decision_id was taken away")
    ]


def test_a_dry_run_sets_nothing(linked: Run, mlflow: Mlflow) -> None:
    done = export(linked, mlflow, "--dry-run")
    assert "would be set on version 2 of clinic-wine" in done.out
    assert mlflow.posted == []


def test_a_withdrawn_approval_leaves_no_tag_of_earlier_days(linked: Run, mlflow: Mlflow) -> None:
    export(linked, mlflow)
    done = linked(
        "withdraw", "credit-risk@7", "--env", "production", "--reason", "late doubts", "--as", "bob"
    )
    assert done.code == 0, done.err
    export(linked, mlflow)
    tags = tags_of(mlflow)
    assert (tags["muniment.decision_id"], tags["muniment.decided_at"]) == ("", "")
    assert tags["muniment.status"] != "approved"


def test_what_the_server_took_before_it_refused_is_known_as_ours(linked: Run, mlflow: Mlflow) -> None:
    mlflow.refused_tags = {"muniment.status"}
    done = export(linked, mlflow)
    assert done.code != 0
    assert "404 to POST /api/2.0/mlflow/model-versions/set-tag" in done.err
    assert len(tags_of(mlflow)) == 3
    assert warnings_of(linked, mlflow) == []


def test_a_version_that_is_linked_nowhere_is_refused(approved: Run, mlflow: Mlflow) -> None:
    done = export(approved, mlflow)
    assert done.code != 0
    assert "muniment link retail/credit-risk@7 --to NAME@VERSION" in done.err


def test_a_version_decided_on_for_several_environments_needs_one_named(linked: Run, mlflow: Mlflow) -> None:
    assert linked("request", "credit-risk@7", "--env", "staging", "--as", "alice").code == 0
    refused = export(linked, mlflow)
    assert (refused.code, mlflow.posted) == (2, [])
    assert "production, staging" in refused.err
    assert export(linked, mlflow, "--env", "production").code == 0


def test_a_renamed_model_keeps_what_we_wrote(linked: Run, mlflow: Mlflow) -> None:
    export(linked, mlflow)
    for item in (*mlflow.held("registered-models"), *mlflow.held("model-versions")):
        if item["name"] == "clinic-wine":
            item["name"] = "vineyard"
    assert warnings_of(linked, mlflow) == []
    assert "version 2 of vineyard" in export(linked, mlflow).out
