"""Recording other tools' results for a version, and what that does to its dossier."""

import json
from pathlib import Path

import pytest

FAIRLEARN = [
    {"sex": "F", "selection_rate": 0.3, "count": 100, "accuracy": 0.75},
    {"sex": "M", "selection_rate": 0.5, "count": 100, "accuracy": 0.8},
]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "fair.json"
    path.write_text(json.dumps(FAIRLEARN))
    return path


def test_a_file_of_results_becomes_a_report_and_a_computed_bias_check(asked, results):
    done = asked("import", "evaluation", results, "--for", "credit-risk@7", "--as", "alice", "--json")

    assert done.code == 0
    assert [e["type"] for e in done.json["evidence"]] == ["evaluation-recorded", "bias-recorded"]
    shown = asked("evaluation", "show", "credit-risk@7", "--json").json["items"][0]
    assert shown["tool"] == "fairlearn"
    assert {"name": "accuracy", "part": [["sex", "F"]], "value": "0.75"} in shown["metrics"]
    group = asked("bias", "show", "credit-risk@7", "--json").json["checks"][0]["groups"][0]
    assert (group["label"], group["impact_ratio"]) == ("F", 0.6)


def test_a_new_report_is_noticed_by_a_reviewed_dossier_and_enters_the_next(approved, results):
    approved("import", "evaluation", results, "--for", "credit-risk@7", "--as", "alice")

    changed = approved("changes", "credit-risk@7", "--env", "production", "--json").json
    assert any("evaluation" in json.dumps(row) for row in changed["added"])
    assert approved("gate", "credit-risk@7", "--env", "production").code == 0
    approved("request", "credit-risk@7", "--env", "production", "--as", "alice")
    dossier = approved("dossier", "credit-risk@7", "--env", "production", "--json").json
    assert len(dossier["evaluations"]) == len(dossier["biasChecks"]) == 1


def test_the_same_file_twice_is_recorded_once(asked, results):
    words = ("import", "evaluation", results, "--for", "credit-risk@7", "--as", "alice")
    asked(*words)

    again = asked(*words)

    assert again.code == 0
    assert "known already" in again.out
    assert len(asked("evaluation", "show", "credit-risk@7", "--json").json["items"]) == 1


def test_a_dry_run_records_nothing(asked, results):
    words = ("import", "evaluation", results, "--for", "credit-risk@7", "--dry-run")

    assert "nothing was recorded" in asked(*words).out
    assert asked("evaluation", "show", "credit-risk@7", "--json").json["items"] == []


def test_a_failed_check_fails_only_when_asked(asked, tmp_path: Path):
    (tmp_path / "junit.xml").write_text('<testsuite><testcase name="a"><failure/></testcase></testsuite>')
    words = ("import", "evaluation", tmp_path / "junit.xml", "--for", "credit-risk@7", "--as", "alice")

    assert (asked(*words).code, asked(*words, "--strict").code) == (0, 1)


def test_a_bundle_with_reports_verifies(approved, results, tmp_path: Path):
    approved("import", "evaluation", results, "--for", "credit-risk@7", "--as", "alice")
    approved("request", "credit-risk@7", "--env", "production", "--as", "alice")
    where = ("credit-risk@7", "--env", "production", "--role", "risk-approver", "--as", "bob")
    approved("approve", *where, "--reason", "the numbers hold")
    anchor = approved("root", "show", "--json").json["anchor"]

    approved("bundle", "export", "credit-risk@7", "-o", tmp_path / "b.zip")

    assert approved("bundle", "verify", tmp_path / "b.zip", "--anchor", anchor).code == 0


def test_counts_of_more_groups_than_a_check_can_hold_are_refused_in_words(asked, tmp_path: Path):
    rows = [{"sex": f"{'x' * 300}{n}", "selection_rate": 0.5, "count": 100} for n in range(2000)]
    (tmp_path / "fair.json").write_text(json.dumps(rows))

    refused = asked("import", "evaluation", tmp_path / "fair.json", "--for", "credit-risk@7", "--as", "alice")

    assert refused.code == 2
    assert "the bias check cannot be recorded" in refused.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nowhere.json", "--for", "credit-risk@7"), 2),
        (("FILE", "--for", "credit-risk@8"), 5),
        (("FILE",), 2),
        (("FILE", "--for", "credit-risk@7", "--format", "sarif"), 2),
    ],
)
def test_what_cannot_be_recorded_ends_with_words(asked, results, words, code):
    refused = asked("import", "evaluation", *(results if w == "FILE" else w for w in words), "--as", "alice")

    assert refused.code == code
    assert "Traceback" not in refused.err
