"""Recording what monitoring tools report about a version."""

import json
from pathlib import Path

import pytest

EVIDENTLY = {
    "metrics": [
        {
            "metric_name": "ValueDrift(column=age)",
            "config": {"type": "evidently:metric_v2:ValueDrift", "column": "age", "method": "K-S p_value"},
            "value": 0.75,
        }
    ],
    "tests": [{"name": "drift of age", "description": "score is 0.75", "status": "SUCCESS"}],
}
FOR = ("--for", "credit-risk@7", "--as", "alice")


@pytest.fixture
def drift(tmp_path: Path) -> Path:
    path = tmp_path / "drift.json"
    path.write_text(json.dumps(EVIDENTLY))
    return path


def test_a_report_of_drift_is_recorded_with_its_verdicts(asked, drift):
    done = asked("import", "monitoring", drift, *FOR, "--json")

    assert done.code == 0
    assert [e["type"] for e in done.json["evidence"]] == ["monitoring-recorded"]
    assert (done.json["tool"], done.json["outcomes"]) == ("evidently", {"pass": 1})
    shown = asked("monitoring", "show", "credit-risk@7", "--json").json["items"][0]
    assert shown["metrics"] == [
        {"name": "ValueDrift", "part": [["column", "age"], ["method", "K-S p_value"]], "value": "0.75"}
    ]


def test_the_next_dossier_and_its_reviewers_see_the_drift(approved, drift):
    recorded = approved("import", "monitoring", drift, *FOR, "--json").json["evidence"][0]
    changed = approved("changes", "credit-risk@7", "--env", "production", "--json").json
    assert any("monitoring added" in json.dumps(row) for row in changed["added"])
    assert approved("gate", "credit-risk@7", "--env", "production").code == 0

    approved("request", "credit-risk@7", "--env", "production", "--as", "alice")
    dossier = approved("dossier", "credit-risk@7", "--env", "production", "--json").json
    assert dossier["monitoring"] == [recorded["document"]]
    assert dossier["evaluations"] == []


POLICY = """
semantics: 1
approval: [{roles: {risk-approver: 1}, excludeAuthors: false}]
checks:
  - {id: watched, title: It is watched, severity: block, check: {monitoring: {maxAgeDays: 30}}}
"""


def test_a_policy_asks_for_reports_and_the_gate_obeys(asked, drift, tmp_path: Path):
    (tmp_path / "policy.yaml").write_text(POLICY)
    assert asked("policy", "sign", tmp_path / "policy.yaml", "--as", "alice").code == 0
    where = ("credit-risk@7", "--env", "production")
    answers = []
    for words in ((), ("import", "monitoring", drift, *FOR)):
        if words:
            asked(*words)
        asked("request", *where, "--as", "alice")
        asked("approve", *where, "--role", "risk-approver", "--reason", "Read it.", "--as", "alice")
        (check,) = asked("dossier", *where, "--json").json["checks"]
        answers.append((check["result"], asked("gate", *where, "--json").json["verdict"]))
    assert answers == [("fail", "deny"), ("pass", "allow")]


def test_the_signed_report_can_be_read_back(asked, drift):
    document = asked("import", "monitoring", drift, *FOR, "--json").json["evidence"][0]["document"]

    assert json.loads(asked("evidence", "get", document).out)["tool"] == "evidently"


def test_an_alert_fails_only_when_asked(asked, tmp_path: Path):
    table = "chunk_key,chunk_period,x_chi2_value,x_chi2_alert\n[0:9],analysis,3.5,True\n"
    (tmp_path / "drift.csv").write_text(table)
    words = ("import", "monitoring", tmp_path / "drift.csv", *FOR)

    assert (asked(*words).code, asked(*words, "--strict").code) == (0, 1)


def test_a_pipeline_signs_with_the_service_key(asked, drift):
    done = asked("import", "monitoring", drift, "--for", "credit-risk@7", "--service", "--json")

    assert done.code == 0
    assert len(done.json["evidence"]) == 1


def test_a_dry_run_says_what_it_holds_and_records_nothing(asked, drift):
    done = asked("import", "monitoring", drift, "--for", "credit-risk@7", "--dry-run")

    assert "evidently: 1 metrics, outcomes: 1 pass" in done.out
    assert "nothing was recorded" in done.out
    assert "What this import cannot see:" in done.out
    assert asked("monitoring", "show", "credit-risk@7", "--json").json["items"] == []
    assert (
        "no monitoring is recorded. This is a gap, not a pass."
        in asked("monitoring", "show", "credit-risk@7").out
    )


def test_the_same_report_twice_is_recorded_once(asked, drift):
    asked("import", "monitoring", drift, *FOR)

    assert asked("import", "monitoring", drift, *FOR, "--json").json["evidence"] == []


@pytest.mark.parametrize(
    ("content", "words", "code"),
    [
        (b"", FOR, 2),
        (b'{"metrics": [{"metric_name": 1}]}', FOR, 2),
        (b'{"a": "\x1b[2J"}', FOR, 2),
        (b"\xff\xfe\x00", FOR, 2),
        (json.dumps(EVIDENTLY).encode(), ("--for", "credit-risk@8", "--as", "alice"), 5),
        (json.dumps(EVIDENTLY).encode(), ("--for", "credit-risk@8", "--dry-run"), 5),
        (json.dumps(EVIDENTLY).encode(), (*FOR, "--format", "nannyml"), 2),
    ],
)
def test_what_cannot_be_recorded_ends_with_words(asked, tmp_path: Path, content, words, code):
    (tmp_path / "report").write_bytes(content)

    refused = asked("import", "monitoring", tmp_path / "report", *words)

    assert refused.code == code
    assert "muniment: " in refused.err
    assert "Traceback" not in refused.err
    assert "\x1b" not in refused.err
