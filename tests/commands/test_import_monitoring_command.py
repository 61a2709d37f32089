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
    assert [e["type"] for e in done.json["evidence"]] == ["evaluation-recorded"]
    assert (done.json["tool"], done.json["outcomes"]) == ("evidently", {"pass": 1})
    shown = asked("evaluation", "show", "credit-risk@7", "--json").json["items"][0]
    assert shown["metrics"] == [
        {"name": "ValueDrift", "part": [["column", "age"], ["method", "K-S p_value"]], "value": "0.75"}
    ]


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
    assert asked("evaluation", "show", "credit-risk@7", "--json").json["items"] == []


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
