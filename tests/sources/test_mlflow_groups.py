"""Numbers by group: what the names of metrics say, and when counts are enough for a bias check."""

import json
from typing import Any

import pytest

from importers.mlflow import shapes
from importers.mlflow.evaluation import Reading, read_measured
from importers.mlflow.groups import DEFAULT, Slice, count_groups, parse_pattern, read_row
from importers.mlflow.scan import Scan
from schemas.errors import Usage
from schemas.evaluation import Confusion, Polarity
from schemas.evaluation_report import Metric

WANTED = Polarity("selected", favourable=True)
READING = Reading(tuple(map(parse_pattern, DEFAULT)), WANTED)
VERSION = shapes.ModelVersion(name="wine", version="3", source="models:/m-1", run_id="r1")


def slice_of(key: str) -> Slice | None:
    return next((found for pattern in READING.patterns if (found := pattern.find(key))), None)


def metric(key: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"key": key, "value": value, "timestamp": 1, "step": 0, **more}


def measured(
    run: list[dict[str, Any]], model: list[dict[str, Any]] | None = None, files: Any = ()
) -> list[Any]:
    runs = [{"info": {"run_id": "r1", "experiment_id": "1"}, "data": {"metrics": run}}]
    info = {"model_id": "m-1", "source_run_id": "r1"}
    logged = None if model is None else [{"info": info, "data": {"metrics": model}}]
    return read_measured(Scan([], runs, logged, [], []), VERSION, files, READING)


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("group/sex/f/auc", Slice("sex", "f", "auc")),
        ("group/alcohol_hi/auc", Slice("group", "alcohol_hi", "auc")),
        ("group/sepal length _cm__hi/f1", Slice("group", "sepal length _cm__hi", "f1")),
        ("auc", None),
        ("group/auc", None),
        ("group/a/b/c/d", None),
    ],
)
def test_the_name_of_a_metric_tells_its_group(key: str, found: Slice | None) -> None:
    assert slice_of(key) == found


@pytest.mark.parametrize("text", ["", "{metric}", "{group}", "{group}/{group}/{metric}", "{sex}/{metric}"])
def test_a_pattern_names_group_and_metric_once_each(text: str) -> None:
    with pytest.raises(Usage, match=r"needs \{group\} and \{metric\} once each"):
        parse_pattern(text)


def test_what_else_a_pattern_holds_is_taken_as_it_is() -> None:
    pattern = parse_pattern("(a.b) {group}+{metric}")
    assert pattern.find("(a.b) f+auc") == Slice("group", "f", "auc")
    assert pattern.find("(aXb) f+auc") is None


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"group": "alcohol=hi", "n": 1}, ("alcohol", "hi")),
        ({"slice": "old", "n": 1}, ("group", "old")),
        ({"sex": "f", "n": 1}, ("sex", "f")),
        ({"sex": "f", "age": "old"}, ("age*sex", "old, f")),
        ({"n": 1}, ("", "")),
    ],
)
def test_a_row_names_its_group(row: dict[str, Any], found: tuple[str, str]) -> None:
    assert read_row(row) == found


def test_a_confusion_matrix_by_group_is_counted_exactly() -> None:
    cells = {"tn": 1.0, "fp": 2.0, "fn": 3.0, "tp": 4.0}
    (check,), doubts = count_groups("run", {"sex": {"f": cells, "m": cells}}, WANTED)
    assert doubts == ()
    assert [(g.n, g.selected, g.confusion) for g in check.groups] == [(10, 6, Confusion(1, 2, 3, 4))] * 2


@pytest.mark.parametrize(
    "rows",
    [
        {"f": {"count": 10.0, "selection_rate": 0.5}},
        {"f": {"count": 10.0, "selection_rate": 0.5}, "m": {"auc": 0.5}},
        {"f": {"count": 10.0}, "m": {"count": 10.0}},
    ],
)
def test_without_counts_of_every_group_there_is_no_check(rows: Any) -> None:
    assert count_groups("run", {"sex": rows}, WANTED) == ((), ())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"count": 10.5, "selection_rate": 0.5}, "expected a number of people"),
        ({"count": -1.0, "selection_rate": 0.5}, "expected a number of people"),
        ({"count": 10.0, "selection_rate": 1.5}, "expected a share from 0 to 1"),
        ({"tn": 1.5, "fp": 0.0, "fn": 0.0, "tp": 0.0}, "expected numbers of people"),
    ],
)
def test_counts_that_cannot_be_are_said_and_not_checked(row: dict[str, float], said: str) -> None:
    checks, (doubt,) = count_groups("run", {"sex": {"f": row, "m": row}}, WANTED)
    assert checks == ()
    assert said in doubt


def test_the_last_value_comes_from_the_run_and_not_from_the_model() -> None:
    run = [metric("loss", 0.2)]
    model = [metric("loss", 1.0), metric("auc", 0.9, dataset_name="test", dataset_digest="9ecc1440")]
    first, second = measured(run, model)
    assert first.results.metrics == (Metric("loss", (), "0.2"),)
    bound = (("dataset", "test"), ("datasetDigest", "9ecc1440"))
    assert second.results.metrics == (Metric("auc", bound, "0.9"),)


def test_of_several_runs_that_measured_a_model_the_newest_counts() -> None:
    bound = {"dataset_name": "test", "run_id": "r1"}
    model = [{**metric("auc", 0.9, **bound), "timestamp": 5}, metric("auc", 0.1, **bound)]
    assert [m.value for item in measured([], model) for m in item.results.metrics] == ["0.9"]


def test_one_attribute_is_checked_once_wherever_it_is_counted() -> None:
    counts = [
        metric(f"group/sex/{group}/{key}", value)
        for group in ("f", "m")
        for key, value in (("count", 10), ("selection_rate", 0.5))
    ]
    rows = [{"sex": group, "n": 10, "selected": 5} for group in ("f", "m")]
    found = measured(counts, files=[("evaluation/sex.json", json.dumps(rows).encode())])
    assert [len(item.results.bias) for item in found] == [1, 0]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[1]", b'{"a": []}', b"[" * 10_000])
def test_a_file_that_holds_no_numbers_is_passed_over(data: bytes) -> None:
    assert [item.name for item in measured([metric("auc", 1)], files=[("evaluation/x.json", data)])] == [
        "run r1"
    ]


def test_a_logged_table_is_read_by_its_columns() -> None:
    table = {"columns": ["group", "n", "acc"], "data": [["age=old", 3, 0.5], ["age=young", 4, 1]]}
    (item,) = measured([], files=[("evaluation/t.json", json.dumps(table).encode())])
    assert item.results.metrics == (
        Metric("n", (("age", "old"),), "3"),
        Metric("acc", (("age", "old"),), "0.5"),
        Metric("n", (("age", "young"),), "4"),
        Metric("acc", (("age", "young"),), "1"),
    )


def test_a_metric_that_is_no_number_is_said_and_left_out() -> None:
    (item,) = measured([metric("auc", "high"), metric("loss", "NaN")])
    assert item.results.metrics == (Metric("loss", (), "nan"),)
    assert item.results.warnings == ("run r1: auc: not a number: 'high'",)
