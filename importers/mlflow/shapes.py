"""The objects of MLflow's REST API, as far as we read them; what we do not read stays in the raw bytes."""

from typing import Any, TypeVar

import msgspec

from schemas.errors import Malformed

Integer = int | str | None
"""Protobuf's JSON may write a 64-bit integer as a string."""


class Pair(msgspec.Struct, frozen=True):
    """A tag or parameter; an empty value is left out of the JSON."""

    key: str
    value: str = ""


class Experiment(msgspec.Struct, frozen=True):
    """An experiment: the job of its runs."""

    experiment_id: str
    name: str
    lifecycle_stage: str = ""
    last_update_time: Integer = None
    creation_time: Integer = None
    tags: list[Pair] = []


class RunInfo(msgspec.Struct, frozen=True):
    """Who, when and how it ended."""

    run_id: str
    experiment_id: str
    run_name: str = ""
    user_id: str = ""
    status: str = ""
    start_time: Integer = None
    end_time: Integer = None
    lifecycle_stage: str = ""
    artifact_uri: str = ""


class Metric(msgspec.Struct, frozen=True):
    """One number; logged models also say on which dataset, in which run."""

    key: str
    value: float | str | None = None
    timestamp: Integer = None
    step: Integer = 0
    dataset_name: str | None = None
    dataset_digest: str | None = None
    model_id: str | None = None
    run_id: str | None = None


class Data(msgspec.Struct, frozen=True):
    """Metrics, parameters and tags."""

    metrics: list[Metric] = []
    params: list[Pair] = []
    tags: list[Pair] = []


class Dataset(msgspec.Struct, frozen=True):
    """A dataset as logged: `source` and `schema` are JSON inside a string."""

    name: str
    digest: str = ""
    source_type: str = ""
    source: str = ""
    schema: str = ""


class DatasetInput(msgspec.Struct, frozen=True):
    """A dataset a run read, its role in a tag."""

    dataset: Dataset
    tags: list[Pair] = []


class ModelUse(msgspec.Struct, frozen=True):
    """A logged model a run read or wrote."""

    model_id: str


class Inputs(msgspec.Struct, frozen=True):
    """What a run read."""

    dataset_inputs: list[DatasetInput] = []
    model_inputs: list[ModelUse] = []


class Outputs(msgspec.Struct, frozen=True):
    """What a run wrote."""

    model_outputs: list[ModelUse] = []


class Run(msgspec.Struct, frozen=True):
    """One run."""

    info: RunInfo
    data: Data = Data()
    inputs: Inputs = Inputs()
    outputs: Outputs = Outputs()


class LoggedModelInfo(msgspec.Struct, frozen=True):
    """What a logged model is."""

    model_id: str
    experiment_id: str = ""
    name: str = ""
    source_run_id: str = ""
    creation_timestamp_ms: Integer = None
    artifact_uri: str = ""
    status: str = ""
    tags: list[Pair] = []


class LoggedModel(msgspec.Struct, frozen=True):
    """A model of MLflow 3 that a run wrote, registered or not."""

    info: LoggedModelInfo
    data: Data = Data()


class Alias(msgspec.Struct, frozen=True):
    """A movable name for a version."""

    alias: str
    version: str


class RegisteredModel(msgspec.Struct, frozen=True):
    """A name under which versions are registered."""

    name: str
    creation_timestamp: Integer = None
    description: str = ""
    tags: list[Pair] = []
    aliases: list[Alias] = []


class ModelVersion(msgspec.Struct, frozen=True):
    """One version of a registered model."""

    name: str
    version: str
    creation_timestamp: Integer = None
    current_stage: str = ""
    description: str = ""
    source: str = ""
    run_id: str = ""
    status: str = ""
    tags: list[Pair] = []
    user_id: str = ""


Shape = TypeVar("Shape")


def read_shape(value: Any, shape: type[Shape]) -> Shape:
    """Return `value` as `shape`, null read as absent; raise Malformed with the path of what is wrong."""
    try:
        return msgspec.convert(_without_nulls(value), shape)
    except msgspec.ValidationError as error:
        raise Malformed(f"not an MLflow {shape.__name__}: {error}") from error
    except RecursionError as error:
        raise Malformed(f"not an MLflow {shape.__name__}: nested too deep") from error


def as_dict(pairs: list[Pair]) -> dict[str, str]:
    """Return tags or parameters by key."""
    return {pair.key: pair.value for pair in pairs}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value
