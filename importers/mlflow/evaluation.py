"""What MLflow measured about one version: its run's metrics, those of its logged model, tables by group."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from importers.evaluations.report import Results
from importers.evaluations.results import read_results
from importers.mlflow import shapes
from importers.mlflow.groups import Groups, Pattern, count_groups, read_row
from importers.mlflow.places import model_of
from importers.mlflow.scan import Scan
from importers.mlflow.values import decimal_text, milliseconds
from schemas.errors import Malformed, NotFound
from schemas.evaluation import Polarity
from schemas.evaluation_report import Metric
from schemas.identity import compact

_TOOL = "mlflow"
BLIND_SPOTS = (
    "which data a run's own metrics were measured on: MLflow says so only of logged models",
    "whether people want the outcome: taken as favourable unless --unfavourable is said",
    "whether the numbers are true",
)


class Measured(msgspec.Struct, frozen=True):
    """One thing that holds numbers: its name, its bytes (of a run or model, as sealed) and results."""

    name: str
    data: bytes
    results: Results


class Reading(msgspec.Struct, frozen=True):
    """How numbers are read: which names tell groups, and what the outcome counted is to people."""

    patterns: tuple[Pattern, ...]
    polarity: Polarity


def find_version(scan: Scan, model: str, version: str) -> shapes.ModelVersion:
    """Return a version that the scan showed; raise NotFound for one that it did not."""
    for item in scan.versions:
        if isinstance(item, dict) and (item.get("name"), item.get("version")) == (model, version):
            return shapes.read_shape(item, shapes.ModelVersion)
    raise NotFound(f"MLflow does not list version {version} of {model}", hint="muniment imported")


def read_measured(
    scan: Scan, version: shapes.ModelVersion, files: Iterable[tuple[str, bytes]], reading: Reading
) -> list[Measured]:
    """Return what was measured about a version: of its run, its logged model and its run's `files`.

    An attribute's counts come from the first that states them: the same people are not checked twice.
    """
    found: list[Measured] = []
    logged = _find(scan.logged_models or [], "model_id", model_of(version))
    model = None if logged is None else shapes.read_shape(logged, shapes.LoggedModel)
    run_id = version.run_id or (model.info.source_run_id if model else "")
    run = _find(scan.runs, "run_id", run_id)
    if run is not None:
        metrics = shapes.read_shape(run, shapes.Run).data.metrics
        found.append(Measured(f"run {run_id}", compact(run), _results(f"run {run_id}", metrics, reading)))
    if model is not None:
        # What is not bound to a dataset is the run's own, there with its last value and not its first.
        metrics = [m for m in _latest(model.data.metrics) if m.dataset_name or run is None]
        name = f"logged model {model.info.model_id}"
        found.append(Measured(name, compact(logged), _results(name, metrics, reading)))
    found += [Measured(name, data, _read_file(name, data, reading)) for name, data in files]
    return list(_once(item for item in found if item.results.metrics or item.results.outcomes))


def _once(found: Iterable[Measured]) -> Iterator[Measured]:
    checked: set[str] = set()
    for item in found:
        bias = tuple(b for b in item.results.bias if b.attribute not in checked)
        checked |= {b.attribute for b in bias}
        yield msgspec.structs.replace(item, results=msgspec.structs.replace(item.results, bias=bias))


def _results(name: str, metrics: Iterable[shapes.Metric], reading: Reading) -> Results:
    numbers: list[Metric] = []
    groups: dict[str, Groups] = {}
    warnings: list[str] = []
    for metric in metrics:
        if metric.value is None:
            continue
        try:
            text = decimal_text(metric.value)
        except Malformed as error:
            warnings.append(f"{name}: {metric.key}: {error.message}")
            continue
        part = {("dataset", metric.dataset_name)} if metric.dataset_name else set()
        part |= (
            {("datasetDigest", metric.dataset_digest)}
            if metric.dataset_name and metric.dataset_digest
            else set()
        )
        said = next((s for p in reading.patterns if (s := p.find(metric.key))), None)
        if said is None:
            numbers.append(Metric(metric.key, tuple(sorted(part)), text))
            continue
        numbers.append(Metric(said.metric, tuple(sorted({*part, (said.attribute, said.group)})), text))
        if math.isfinite(value := float(text)):
            rows = groups.setdefault(str(sorted(part)), {}).setdefault(said.attribute, {})
            rows.setdefault(said.group, {})[said.metric] = value
    # Counts of several datasets are several checks of one attribute: only one set can be checked.
    chosen = groups[max(groups)] if groups else {}
    bias, doubts = count_groups(name, chosen, reading.polarity)
    return Results(_TOOL, tuple(numbers), (), bias, (*warnings, *doubts), BLIND_SPOTS)


def _read_file(name: str, data: bytes, reading: Reading) -> Results:
    try:
        rows = _rows(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        rows = []
    if not rows:
        try:
            return read_results(name, data, reading.polarity)
        except Malformed as error:
            return Results(_TOOL, warnings=(error.message,))
    numbers: list[Metric] = []
    groups: Groups = {}
    for row in rows:
        attribute, group = read_row(row)
        part = ((attribute, group),) if attribute else ()
        for key, item in row.items():
            if isinstance(item, int | float) and not isinstance(item, bool):
                numbers.append(Metric(key, part, decimal_text(item)))
                groups.setdefault(attribute, {}).setdefault(group, {})[key] = float(item)
    groups.pop("", None)
    bias, doubts = count_groups(name, groups, reading.polarity)
    return Results(_TOOL, tuple(numbers), (), bias, doubts, BLIND_SPOTS)


def _rows(value: Any) -> list[dict[str, Any]]:
    """Return the rows of a list, of a list under one key, or of a table as `mlflow.log_table` writes it."""
    if (
        isinstance(value, dict)
        and isinstance(value.get("columns"), list)
        and isinstance(value.get("data"), list)
    ):
        columns = [str(column) for column in value["columns"]]
        rows = [row for row in value["data"] if isinstance(row, list) and len(row) == len(columns)]
        return [dict(zip(columns, row, strict=True)) for row in rows]
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    listed = value if isinstance(value, list) else []
    return listed if all(isinstance(row, dict) for row in listed) else []


def _latest(metrics: list[shapes.Metric]) -> list[shapes.Metric]:
    """Return the newest value of each metric on each dataset: a model is evaluated by many runs."""
    found: dict[tuple[str, str | None, str | None], shapes.Metric] = {}
    for metric in sorted(metrics, key=lambda m: (milliseconds(m.timestamp) or 0, milliseconds(m.step) or 0)):
        found[metric.key, metric.dataset_name, metric.dataset_digest] = metric
    return list(found.values())


def _find(items: list[Any], key: str, wanted: str) -> Any:
    for item in items:
        info = item.get("info") if isinstance(item, dict) else None
        if wanted and isinstance(info, dict) and info.get(key) == wanted:
            return item
    return None
