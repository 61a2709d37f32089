"""Each MLflow object as the facts it states. Pure: one object and what surrounds it in, facts out."""

from typing import Any

import msgspec

from importers.mlflow import shapes
from importers.mlflow.naming import dataset_version, name_dataset, schema_facet
from importers.mlflow.places import logged_name, logged_paths, node_of, path_name
from importers.mlflow.values import decimal_text, milliseconds, optional_time, run_uuid, time_text
from schemas.errors import Malformed
from schemas.observation import (
    DatasetFact,
    DatasetUse,
    Facets,
    Fact,
    MetricFact,
    ModelFact,
    Name,
    RunFact,
    RunKey,
    VersionFact,
)

_ENDS = {"FINISHED": "COMPLETE", "FAILED": "FAIL", "KILLED": "ABORT"}
_MODEL = {"datasetType": "MODEL", "subType": "MLflow"}
_CONTEXT = "mlflow.data.context"
_NO_ONE = ("", "unknown")


class Surroundings(msgspec.Struct, frozen=True):
    """What one object leaves to others: experiment names, and where runs, datasets and models belong."""

    server: str
    experiments: dict[str, str] = {}
    runs: dict[str, str] = {}
    datasets: dict[tuple[str, str], Name] = {}
    models: dict[str, str] = {}
    """Name of a logged model -> the run that wrote it."""

    def job(self, experiment_id: str) -> Name:
        """Return the job of an experiment: its name, or its number where the name is not known."""
        return Name(self.server, self.experiments.get(experiment_id, f"experiment {experiment_id}"))

    def find_run(self, run_id: str) -> RunKey | None:
        """Return the key of a run that the server listed."""
        experiment_id = self.runs.get(run_id)
        return None if experiment_id is None else RunKey(run_uuid(run_id), self.job(experiment_id))


class Translation(msgspec.Struct, frozen=True):
    """Facts, and what a person should know about them."""

    facts: tuple[Fact, ...] = ()
    warnings: tuple[str, ...] = ()


def run_facts(run: shapes.Run, around: Surroundings) -> Translation:
    """Return a START at the start, an end at the end, and the run's last metrics.

    MLflow keeps no history of states: a run that says RUNNING may have died long ago.
    """
    key = RunKey(run_uuid(run.info.run_id), around.job(run.info.experiment_id))
    start, end = milliseconds(run.info.start_time), milliseconds(run.info.end_time)
    if start is None and end is None:
        raise Malformed("a run needs `start_time` or `end_time`, found neither")
    common: dict[str, Any] = {
        "run": key,
        "inputs": _inputs(run.inputs, around),
        "run_facets": _run_facets(run, around),
        "job_facets": _job_facets(run),
        "user": _user(run),
    }
    models = [logged_name(use.model_id) for use in run.outputs.model_outputs]
    models += [path_name(run.info.run_id, path) for path in logged_paths(run)]
    outputs = tuple(_model(name, around) for name in models)
    state = _ENDS.get(run.info.status)
    facts: list[Fact] = []
    warnings: list[str] = []
    if start is not None:
        first = "START" if state or run.info.status == "RUNNING" else None
        facts.append(RunFact(state=first, **_at(start), outputs=outputs, **common))
    if state and end is not None:
        facts.append(RunFact(state=state, **_at(end), outputs=outputs, **common))
    elif state:
        warnings.append(f"run {key.run_id} says {run.info.status} and not when it ended")
    if run.info.experiment_id not in around.experiments:
        warnings.append(f"experiment {run.info.experiment_id} of run {key.run_id} is not in the list")
    metrics = [_metric(metric, key, around) for metric in run.data.metrics]
    return Translation((*facts, *(m for m in metrics if m)), tuple(warnings))


def logged_model_facts(model: shapes.LoggedModel, around: Surroundings) -> Translation:
    """Return what a logged model is, and its metrics, which say on which dataset they were measured."""
    facts: list[Fact] = []
    for metric in model.data.metrics:
        run = around.find_run(metric.run_id or model.info.source_run_id)
        if run and (fact := _metric(metric, run, around, model.info.model_id)):
            facts.append(fact)
    lost = len(model.data.metrics) - len(facts)
    warnings = (f"{lost} metrics of {model.info.model_id} belong to no known run",) if lost else ()
    created = milliseconds(model.info.creation_timestamp_ms)
    if created is not None:
        name = Name(around.server, logged_name(model.info.model_id))
        said = {
            "name": model.info.name,
            "status": model.info.status,
            "sourceRunId": model.info.source_run_id,
            "params": shapes.as_dict(model.data.params),
            "tags": shapes.as_dict(model.info.tags),
        }
        facets = {"datasetType": _MODEL, "mlflow_loggedModel": said}
        facts.append(DatasetFact(name, **_at(created), facets=facets))
    return Translation(tuple(facts), warnings)


def model_facts(model: shapes.RegisteredModel) -> Translation:
    """Return a registered model with its aliases; `latest_versions` is deprecated and ignored."""
    fact = ModelFact(
        name=model.name,
        description=model.description,
        created_at=optional_time(model.creation_timestamp),
        tags=shapes.as_dict(model.tags),
        aliases={alias.alias: alias.version for alias in model.aliases},
    )
    return Translation((fact,))


def version_facts(version: shapes.ModelVersion, around: Surroundings) -> Translation:
    """Return a version and, where its run is known, that the run wrote it."""
    run_id = version.run_id or around.models.get(node_of(version), "")
    run = around.find_run(run_id) if run_id else None
    created = milliseconds(version.creation_timestamp)
    fact = VersionFact(
        model=version.name,
        version=version.version,
        created_at=None if created is None else time_text(created),
        status=version.status,
        run=run,
        artifact_uri=version.source,
        legacy_stage=version.current_stage if version.current_stage not in ("", "None") else None,
        description=version.description,
        tags=shapes.as_dict(version.tags),
        user=version.user_id or None,
    )
    if run is None:
        missing = (f"version {version.version} of {version.name} names run {run_id}, not listed",)
        return Translation((fact,), missing if run_id else ())
    if created is None:
        return Translation((fact,))
    name = Name(around.server, version.name)
    use = DatasetUse(name, version=version.version, role="model", facets={"datasetType": _MODEL})
    return Translation((fact, RunFact(run=run, state=None, **_at(created), outputs=(use,))))


def _inputs(inputs: shapes.Inputs, around: Surroundings) -> tuple[DatasetUse, ...]:
    datasets = [_dataset_use(item, around.server) for item in inputs.dataset_inputs]
    return (*datasets, *(_model(logged_name(use.model_id), around) for use in inputs.model_inputs))


def _dataset_use(item: shapes.DatasetInput, server: str) -> DatasetUse:
    # MLflow's digest is a version and stays out of `digest`: it is 8 hex digits of a sample, no content hash,
    # and whoever wrote the dataset names the same version without one.
    dataset, tags = item.dataset, shapes.as_dict(item.tags)
    said = {"name": dataset.name, "digest": dataset.digest, "sourceType": dataset.source_type, "tags": tags}
    schema = schema_facet(dataset)
    return DatasetUse(
        name_dataset(dataset, server),
        version=dataset_version(dataset),
        role=tags.get(_CONTEXT),
        facets={"schema": schema} if schema else {},
        use_facets={"mlflow_dataset": said},
    )


def _model(name: str, around: Surroundings) -> DatasetUse:
    return DatasetUse(Name(around.server, name), role="model", facets={"datasetType": _MODEL})


def _metric(
    metric: shapes.Metric, run: RunKey, around: Surroundings, model_id: str | None = None
) -> MetricFact | None:
    if metric.value is None:
        return None
    dataset = None
    if metric.dataset_name:
        where = (metric.dataset_name, metric.dataset_digest or "")
        dataset = around.datasets.get(where, Name(around.server, metric.dataset_name))
    return MetricFact(
        run=run,
        key=metric.key,
        value=decimal_text(metric.value),
        step=milliseconds(metric.step) or 0,
        time=optional_time(metric.timestamp),
        dataset=dataset,
        dataset_digest=metric.dataset_digest or None,
        model_id=metric.model_id or model_id,
    )


def _run_facets(run: shapes.Run, around: Surroundings) -> Facets:
    tags = shapes.as_dict(run.data.tags)
    said = {
        "runName": run.info.run_name,
        "status": run.info.status,
        "lifecycleStage": run.info.lifecycle_stage,
        "params": shapes.as_dict(run.data.params),
        "tags": tags,
    }
    facets: Facets = {"mlflow_run": said}
    parent = around.find_run(tags.get("mlflow.parentRunId", ""))
    if parent:
        job = {"namespace": parent.job.namespace, "name": parent.job.name}
        facets["parent"] = {"run": {"runId": parent.run_id}, "job": job}
    return facets


def _job_facets(run: shapes.Run) -> Facets:
    tags = shapes.as_dict(run.data.tags)
    facets: Facets = {
        "jobType": {"processingType": "BATCH", "integration": "MLFLOW", "jobType": "EXPERIMENT"}
    }
    if commit := tags.get("mlflow.source.git.commit"):
        url = tags.get("mlflow.source.git.repoURL") or tags.get("mlflow.source.name", "")
        facets["sourceCodeLocation"] = {"type": "git", "url": url, "version": commit}
    return facets


def _user(run: shapes.Run) -> str | None:
    tagged = shapes.as_dict(run.data.tags).get("mlflow.user", "")
    return next((name for name in (tagged, run.info.user_id) if name not in _NO_ONE), None)


def _at(moment: int) -> dict[str, Any]:
    return {"time": time_text(moment), "instant": moment * 1_000_000}
