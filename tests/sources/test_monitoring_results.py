"""Reports of monitoring tools: the tool's verdict is taken, and what is broken is refused in words."""

import json
from pathlib import Path

import pytest

from importers.evaluations.monitoring import read_monitoring
from schemas.errors import Malformed
from schemas.evaluation_report import Metric, Outcome

SHAPES = Path(__file__).parents[2].parent / "shared" / "reference" / "shapes"
EVIDENTLY = {
    "metrics": [
        {
            "metric_name": "DriftedColumnsCount(drift_share=0.5)",
            "config": {"type": "evidently:metric_v2:DriftedColumnsCount", "drift_share": 0.5},
            "value": {"count": 1.0, "share": 0.5},
        },
        {
            "metric_name": "ValueDrift(column=age,method=K-S p_value)",
            "config": {"type": "evidently:metric_v2:ValueDrift", "column": "age", "method": "K-S p_value"},
            "value": 0.75,
        },
        {
            "metric_name": "ValueDrift(column=age,method=wasserstein)",
            "config": {"type": "evidently:metric_v2:ValueDrift", "column": "age", "method": "wasserstein"},
            "value": 0.75,
        },
    ],
    "tests": [
        {"name": "drift by p-value", "description": "score 0.75", "status": "SUCCESS"},
        {"name": "drift by distance", "description": "score 0.75", "status": "FAIL"},
        {"name": "share", "description": "half", "status": "WARNING"},
        {"name": "stale", "description": "boom", "status": "ERROR"},
        {"name": "later", "description": "", "status": "SKIPPED"},
    ],
}
NANNYML = (
    "chunk_key,chunk_index,chunk_period,debt_to_income_jensen_shannon_value,"
    "debt_to_income_jensen_shannon_upper_threshold,debt_to_income_jensen_shannon_lower_threshold,"
    "debt_to_income_jensen_shannon_alert,roc_auc_value,roc_auc_alert\n"
    "[0:499],0,reference,0.05,0.1,,False,0.9,False\n"
    "[0:499],0,analysis,0.35,0.1,,True,0.6,\n"
    "[500:999],1,analysis,,0.1,,,1e-3,True\n"
)
SUMMARY = {"counts/n": 20, "counts/null": 10, "distribution/mean": 954.75, "frequent_items/strings": "[...]"}
CONSTRAINTS = [
    ["income greater than number 100", 0, 1, None],
    ["income has no missing values", 1, 0, None],
    ["never asked", 0, 0, None],
]


def read(value: object, kind: str | None = None):
    data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return read_monitoring("report", data, kind)


def test_evidently_is_decided_by_status_and_not_by_comparing():
    found = read(EVIDENTLY)

    assert found.tool == "evidently"
    assert [(o.name, o.result) for o in found.outcomes] == [
        ("drift by p-value", "pass"),
        ("drift by distance", "fail"),
        ("share", "fail"),
        ("stale", "error"),
        ("later", "skipped"),
    ]
    assert found.outcomes[2].message == "not critical: half"


def test_evidently_gives_numbers_by_column_and_method():
    assert read(EVIDENTLY).metrics == (
        Metric("DriftedColumnsCount/count", (("drift_share", "0.5"),), "1"),
        Metric("DriftedColumnsCount/share", (("drift_share", "0.5"),), "0.5"),
        Metric("ValueDrift", (("column", "age"), ("method", "K-S p_value")), "0.75"),
        Metric("ValueDrift", (("column", "age"), ("method", "wasserstein")), "0.75"),
    )


def test_nannyml_gives_an_outcome_per_column_method_and_chunk():
    found = read(NANNYML)

    assert [(o.name, o.result) for o in found.outcomes] == [
        ("debt_to_income/jensen_shannon/reference/[0:499]", "pass"),
        ("roc_auc/reference/[0:499]", "pass"),
        ("debt_to_income/jensen_shannon/analysis/[0:499]", "fail"),
        ("roc_auc/analysis/[0:499]", "skipped"),
        ("debt_to_income/jensen_shannon/analysis/[500:999]", "skipped"),
        ("roc_auc/analysis/[500:999]", "fail"),
    ]
    assert found.outcomes[2].message == "value 0.35, upper threshold 0.1"


def test_nannyml_says_chunk_and_period_in_the_part():
    part = (("chunk", "[0:499]"), ("column", "debt_to_income"), ("period", "analysis"))

    assert Metric("jensen_shannon", part, "0.35") in read(NANNYML).metrics
    assert (
        Metric("roc_auc", (("chunk", "[500:999]"), ("period", "analysis")), "0.001") in read(NANNYML).metrics
    )


def test_nannyml_tells_an_estimate_from_what_came_true():
    table = "chunk_key,roc_auc_value,roc_auc_realized,roc_auc_alert\n[0:9],0.9,0.7,False\n"

    assert read(table).metrics == (
        Metric("roc_auc", (("chunk", "[0:9]"),), "0.9"),
        Metric("roc_auc/realized", (("chunk", "[0:9]"),), "0.7"),
    )


def test_a_number_that_nannyml_could_not_compute_is_no_zero():
    part = (("chunk", "[500:999]"), ("column", "debt_to_income"), ("period", "analysis"))

    assert Metric("jensen_shannon", part, "nan") in read(NANNYML).metrics


def test_whylogs_summaries_are_numbers_of_columns():
    assert read({"income": SUMMARY, "name": {"counts/n": 3}}).metrics == (
        Metric("counts/n", (("column", "income"),), "20"),
        Metric("counts/null", (("column", "income"),), "10"),
        Metric("distribution/mean", (("column", "income"),), "954.75"),
        Metric("counts/n", (("column", "name"),), "3"),
    )


def test_the_summary_of_one_whylogs_column_has_no_part():
    assert Metric("distribution/mean", (), "954.75") in read(SUMMARY).metrics


@pytest.mark.parametrize(
    "report",
    [CONSTRAINTS, [dict(zip(("name", "passed", "failed"), row, strict=False)) for row in CONSTRAINTS]],
)
def test_whylogs_constraints_are_outcomes(report):
    assert read(report).outcomes == (
        Outcome("income greater than number 100", "fail", "passed 0, failed 1"),
        Outcome("income has no missing values", "pass", "passed 1, failed 0"),
        Outcome("never asked", "skipped", "passed 0, failed 0"),
    )


@pytest.mark.parametrize("value", [EVIDENTLY, NANNYML, SUMMARY, CONSTRAINTS])
def test_every_reader_says_what_it_cannot_see(value):
    assert read(value).blind_spots


@pytest.mark.parametrize(
    ("name", "metrics", "outcomes", "failed"),
    [("evidently_0.7.json", 4, 3, 3), ("nannyml_0.13.csv", 16, 16, 8)],
)
def test_reports_of_the_real_tools_are_read(name, metrics, outcomes, failed):
    if not (SHAPES / name).exists():
        pytest.skip("the reference shapes are not here")

    found = read_monitoring(name, (SHAPES / name).read_bytes())

    assert (len(found.metrics), len(found.outcomes)) == (metrics, outcomes)
    assert sum(o.result == "fail" for o in found.outcomes) == failed


LEGACY = {"metrics": [{"metric": "DatasetDriftMetric", "result": {"drift_share": 0.5}}]}


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ("", None, "empty"),
        ("   ", "nannyml", "empty"),
        ("{", None, "not JSON"),
        ("[]", None, "no format of monitoring"),
        ("null", "whylogs", "not what whylogs writes"),
        ("a,b\n1,2\n", None, "no format of monitoring"),
        ("a,b\n1,2\n", "nannyml", "expected chunk_key"),
        ("PAR1\x00", None, "Parquet, expected CSV"),
        (LEGACY, None, "no format of monitoring"),
        ({"metrics": []}, None, "no number and no test"),
        ({"metrics": [{"metric_name": "a"}]}, None, "not what Evidently 0.7 writes"),
        ({"metrics": [], "tests": [{"name": "a", "status": "MAYBE"}]}, None, "status 'MAYBE' is not known"),
        (
            {"metrics": [], "tests": [{"name": "a", "status": ["FAIL"]}]},
            None,
            "not what Evidently 0.7 writes",
        ),
        ({"metrics": [], "tests": [7]}, None, "not what Evidently 0.7 writes"),
        (
            NANNYML.replace("0.35", "much"),
            None,
            "line 3: debt_to_income_jensen_shannon_value: expected",
        ),
        (NANNYML.replace("0.35", "1e999999999"), None, "expected a number"),
        (NANNYML.replace("True", "Perhaps"), None, "expected True or False, found 'perhaps'"),
        (NANNYML.partition("\n")[0] + "\n", None, "no chunk is in it"),
        (NANNYML + "1,2\n", None, "expected 9 cells"),
        ([["a", 1, -1, None]], None, "row 1: expected how often it passed"),
        ([["a", True, 0, None]], None, "row 1: expected how often it passed"),
        ('{"metrics": [], "metrics": [], "tests": []}', None, "'metrics' stands twice"),
        ('{"a": {"counts/n": ' + "9" * 5000 + "}}", None, "not JSON"),
        ('{"a": {"counts/n": 1, "b": "\\ud800"}}', None, "not JSON"),
        ('{"a": ' * 200 + "1" + "}" * 200, None, "nested deeper than 100 levels"),
        ("[" * 100_000, None, "not JSON"),
    ],
)
def test_what_is_broken_is_refused_with_the_place(content, kind, said):
    with pytest.raises(Malformed) as refused:
        read(content, kind)

    assert said in refused.value.message
    assert refused.value.hint
