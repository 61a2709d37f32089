"""Numbers by name: MLflow's `metrics.json`, or any JSON object of numbers.

A number may also stand under `metrics`, and objects below it become names joined by a slash.
"""

from typing import Any

from importers.evaluations.numbers import numbers_in
from importers.evaluations.report import Results
from schemas.errors import Malformed
from schemas.evaluation_report import Metric

BLIND_SPOTS = ("which data the numbers were measured on", "whether the numbers are true")
_MLFLOW = frozenset({"true_negatives", "false_positives", "false_negatives", "true_positives"})


def is_metrics(value: Any) -> bool:
    """Tell whether a JSON value holds numbers by name."""
    return isinstance(value, dict) and any(True for _ in numbers_in(value.get("metrics", value)))


def read_metrics(name: str, value: Any) -> Results:
    """Return the numbers of a JSON object."""
    held = value.get("metrics", value) if isinstance(value, dict) else value
    found = tuple(Metric(key, (), text) for key, text in numbers_in(held))
    if not found:
        raise Malformed(f"{name}: no number by name is in it", hint="name the format with --format")
    names = {metric.name for metric in found}
    tool = "mlflow" if names >= _MLFLOW or "artifacts_metadata" in name else "metrics"
    return Results(tool, metrics=found, blind_spots=BLIND_SPOTS)
