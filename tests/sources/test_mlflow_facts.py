"""What each MLflow object says, in the registry's words."""

import json
from typing import Any

import pytest

from importers.mlflow import shapes
from importers.mlflow.facts import (
    Surroundings,
    logged_model_facts,
    model_facts,
    run_facts,
    version_facts,
)
from importers.mlflow.naming import dataset_version, name_dataset, name_place
from importers.mlflow.values import decimal_text, milliseconds, run_uuid, time_text
from schemas.errors import Malformed
from schemas.observation import MetricFact, Name, RunFact, RunKey, VersionFact

SERVER = "mlflow://host:5000"
RUN = "008d6f9accb74d70bc3570d6147eba7c"
KEY = RunKey("008d6f9a-ccb7-4d70-bc35-70d6147eba7c", Name(SERVER, "clinic/wine"))
AROUND = Surroundings(
    SERVER,
    {"1": "clinic/wine"},
    {RUN: "1", "e429a3c35e8441be831c971a6b08c9c6": "1"},
    {("wine-test", "9ecc1440"): Name("file", "/data/wine.csv")},
)


def read_run(info: dict[str, Any], **parts: Any) -> shapes.Run:
    whole = {"run_id": RUN, "experiment_id": "1", "start_time": 1795454315238, **info}
    return shapes.read_shape({"info": whole, **parts}, shapes.Run)


def run_states(status: str, **info: Any) -> list[tuple[str | None, str]]:
    found = run_facts(read_run({"status": status, **info}), AROUND).facts
    return [(fact.state, fact.time) for fact in found if isinstance(fact, RunFact)]


def dataset(source: dict[str, Any] | str, kind: str = "local", **more: str) -> shapes.Dataset:
    text = source if isinstance(source, str) else json.dumps(source)
    return shapes.Dataset(name="wine", digest="9ecc1440", source_type=kind, source=text, **more)


@pytest.mark.parametrize(
    ("status", "end"), [("FINISHED", "COMPLETE"), ("FAILED", "FAIL"), ("KILLED", "ABORT")]
)
def test_a_run_that_ended_starts_and_ends_at_mlflows_times(status: str, end: str) -> None:
    assert run_states(status, end_time=1795454348672) == [
        ("START", "2026-11-23T17:18:35.238Z"),
        (end, "2026-11-23T17:19:08.672Z"),
    ]


def test_a_running_run_has_only_started() -> None:
    assert run_states("RUNNING") == [("START", "2026-11-23T17:18:35.238Z")]


def test_a_scheduled_run_has_not_started() -> None:
    assert run_states("SCHEDULED") == [(None, "2026-11-23T17:18:35.238Z")]


def test_an_end_without_a_time_is_not_invented() -> None:
    found = run_facts(read_run({"status": "FINISHED"}), AROUND)
    assert [fact.state for fact in found.facts if isinstance(fact, RunFact)] == ["START"]
    assert found.warnings == (f"run {KEY.run_id} says FINISHED and not when it ended",)


def test_a_run_is_named_by_its_uuid_and_its_experiment() -> None:
    fact = run_facts(read_run({"status": "RUNNING"}), AROUND).facts[0]
    assert isinstance(fact, RunFact)
    assert fact.run == KEY


def test_times_may_be_strings_as_protobuf_writes_them() -> None:
    assert run_states("RUNNING", start_time="1795454315238") == [("START", "2026-11-23T17:18:35.238Z")]


def test_an_unlisted_experiment_leaves_its_number_and_a_warning() -> None:
    found = run_facts(read_run({"experiment_id": "9", "status": "RUNNING"}), AROUND)
    assert isinstance(found.facts[0], RunFact)
    assert found.facts[0].run.job == Name(SERVER, "experiment 9")
    assert found.warnings == (f"experiment 9 of run {KEY.run_id} is not in the list",)


def test_a_dataset_input_keeps_its_role_digest_columns_and_mlflow_name() -> None:
    columns = {"mlflow_colspec": [{"type": "double", "name": "ash", "required": True}]}
    logged = {"name": "wine-train", "digest": "02bd4676", "source_type": "local"}
    logged |= {"source": '{"uri": "/data/wine.csv"}', "schema": json.dumps(columns)}
    tags = [{"key": "mlflow.data.context", "value": "training"}]
    run = read_run({"status": "RUNNING"}, inputs={"dataset_inputs": [{"dataset": logged, "tags": tags}]})
    fact = run_facts(run, AROUND).facts[0]
    assert isinstance(fact, RunFact)
    (use,) = fact.inputs
    assert use.dataset == Name("file", "/data/wine.csv")
    assert (use.version, use.digest, use.role) == ("02bd4676", None, "training")
    assert use.facets == {"schema": {"fields": [{"name": "ash", "type": "double"}]}}
    assert use.use_facets["mlflow_dataset"]["name"] == "wine-train"
    assert use.use_facets["mlflow_dataset"]["digest"] == "02bd4676"


def test_a_nested_run_names_its_parent_and_a_user_is_a_claim() -> None:
    tags = [
        {"key": "mlflow.parentRunId", "value": "e429a3c35e8441be831c971a6b08c9c6"},
        {"key": "mlflow.user", "value": "ann"},
    ]
    fact = run_facts(read_run({"status": "RUNNING", "user_id": "root"}, data={"tags": tags}), AROUND).facts[0]
    assert isinstance(fact, RunFact)
    assert fact.user == "ann"
    assert fact.run_facets["parent"] == {
        "run": {"runId": "e429a3c3-5e84-41be-831c-971a6b08c9c6"},
        "job": {"namespace": SERVER, "name": "clinic/wine"},
    }


def test_a_deleted_run_is_taken_and_says_so() -> None:
    fact = run_facts(read_run({"status": "FINISHED", "lifecycle_stage": "deleted"}), AROUND).facts[0]
    assert isinstance(fact, RunFact)
    assert fact.run_facets["mlflow_run"]["lifecycleStage"] == "deleted"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.2, "0.2"),
        (27.0, "27"),
        (-0.0, "0"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (43.6987969924812, "43.6987969924812"),
        ("NaN", "nan"),
        ("Infinity", "inf"),
        ("-Infinity", "-inf"),
        (1.7976931348623157e308, "inf"),
        (-1.7976931348623157e308, "-inf"),
        ("0.5", "0.5"),
    ],
)
def test_a_metric_is_written_in_its_shortest_digits(value: float | str, text: str) -> None:
    assert decimal_text(value) == text


def test_a_metric_that_is_no_number_is_refused() -> None:
    with pytest.raises(Malformed, match="not a number: 'high'"):
        decimal_text("high")


def test_a_logged_models_metric_names_the_dataset_it_was_measured_on() -> None:
    metric = {"key": "auc", "value": 0.9, "timestamp": 1795454463229, "step": -1, "run_id": RUN}
    metric |= {"dataset_name": "wine-test", "dataset_digest": "9ecc1440"}
    model = {"info": {"model_id": "m-1", "experiment_id": "1"}, "data": {"metrics": [metric]}}
    (fact,) = logged_model_facts(shapes.read_shape(model, shapes.LoggedModel), AROUND).facts
    assert fact == MetricFact(
        run=KEY,
        key="auc",
        value="0.9",
        step=-1,
        time="2026-11-23T17:21:03.229Z",
        dataset=Name("file", "/data/wine.csv"),
        dataset_digest="9ecc1440",
        model_id="m-1",
    )


def test_a_model_keeps_its_aliases_and_forgets_latest_versions() -> None:
    value = {"name": "wine", "creation_timestamp": 1795454315238, "latest_versions": [{"version": 3}]}
    value |= {"aliases": [{"alias": "champion", "version": "3"}], "tags": [{"key": "owner"}]}
    (fact,) = model_facts(shapes.read_shape(value, shapes.RegisteredModel)).facts
    assert fact.aliases == {"champion": "3"}  # type: ignore[union-attr]
    assert fact.tags == {"owner": ""}  # type: ignore[union-attr]


def test_a_version_says_that_its_run_wrote_it() -> None:
    value = {"name": "wine", "version": "3", "creation_timestamp": 1795454348000, "run_id": RUN}
    value |= {"source": "models:/m-1", "status": "READY", "current_stage": "Production"}
    version, wrote = version_facts(shapes.read_shape(value, shapes.ModelVersion), AROUND).facts
    assert isinstance(version, VersionFact)
    assert (version.run, version.artifact_uri, version.legacy_stage) == (KEY, "models:/m-1", "Production")
    assert isinstance(wrote, RunFact)
    assert (wrote.run, wrote.state, wrote.time) == (KEY, None, "2026-11-23T17:19:08.000Z")
    assert [(use.dataset, use.version) for use in wrote.outputs] == [(Name(SERVER, "wine"), "3")]


def test_a_version_of_an_unknown_run_is_kept_without_one() -> None:
    value = {"name": "wine", "version": "3", "run_id": "f" * 32, "creation_timestamp": 1}
    found = version_facts(shapes.read_shape(value, shapes.ModelVersion), AROUND)
    assert [type(fact) for fact in found.facts] == [VersionFact]
    assert found.warnings == (f"version 3 of wine names run {'f' * 32}, not listed",)


@pytest.mark.parametrize(
    ("source", "kind", "name"),
    [
        ({"uri": "/data/wine.csv"}, "local", Name("file", "/data/wine.csv")),
        ({"uri": "file:///data/a%20b.csv"}, "local", Name("file", "/data/a b.csv")),
        ({"uri": "data/wine.csv"}, "local", Name(SERVER, "wine")),
        ({"uri": "s3://bucket/path/x.npy"}, "s3", Name("s3://bucket", "path/x.npy")),
        ({"uri": "s3a://bucket/path/x.npy"}, "s3", Name("s3://bucket", "path/x.npy")),
        ({"uri": "gs://bucket/x"}, "gs", Name("gs://bucket", "x")),
        ({"url": "https://example.org/d.csv"}, "http", Name("https://example.org", "/d.csv")),
        ({"uri": "hdfs://nn:8020/x"}, "hdfs", Name("hdfs://nn:8020", "/x")),
        (
            {"uri": "abfss://box@acc.dfs.core.windows.net/x"},
            "x",
            Name("abfss://box@acc.dfs.core.windows.net", "/x"),
        ),
        ({"tags": {"mlflow.user": "root"}}, "code", Name(SERVER, "wine")),
        (
            {"delta_table_name": "a.b.c", "is_databricks_uc_table": True},
            "delta_table",
            Name("unitycatalog", "a.b.c"),
        ),
        ({"path": "org/set"}, "hugging_face", Name(SERVER, "wine")),
        ("not json", "local", Name(SERVER, "wine")),
        ("", "local", Name(SERVER, "wine")),
    ],
)
def test_a_dataset_has_the_name_other_tools_give_it(source: Any, kind: str, name: Name) -> None:
    assert name_dataset(dataset(source, kind), SERVER) == name


def test_a_tables_own_version_goes_before_mlflows_digest() -> None:
    assert dataset_version(dataset({"delta_table_version": 3})) == "3"
    assert dataset_version(dataset({"uri": "/x"})) == "9ecc1440"


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("https://ann:hunter2@example.org/d.csv?id=4", Name("https://example.org", "/d.csv?id=4")),
        ("https://example.org/d.csv?X-Amz-Signature=abc", Name("https://example.org", "/d.csv")),
        ("https://example.org/d.csv?sv=2&sig=abc", Name("https://example.org", "/d.csv")),
        ("postgresql://ann:hunter2@db:5432/x", Name("postgresql://db:5432", "/x")),
    ],
)
def test_secrets_of_a_url_are_no_part_of_a_name(place: str, name: Name) -> None:
    assert name_place(place) == name


@pytest.mark.parametrize("value", [10**30, -(10**30), "9" * 5000, "--1", "\u0661", 1 << 63])
def test_a_whole_number_beyond_64_bits_is_refused(value: int | str) -> None:
    with pytest.raises(Malformed, match="expected milliseconds since 1970"):
        milliseconds(value)


def test_an_id_that_is_no_uuid_is_kept() -> None:
    assert run_uuid("my-run") == "my-run"


def test_times_keep_three_digits() -> None:
    assert time_text(1795454315000) == "2026-11-23T17:18:35.000Z"
    assert time_text(-1) == "1969-12-31T23:59:59.999Z"
