"""Numbers by name: MLflow's `metrics.json`, or any JSON object of numbers.

A number may also stand under `metrics`, and objects below it become names joined by a slash.
"""

from collections.abc import Iterator
from typing import Any

from importers.evaluations.report import Results
from schemas.errors import Malformed
from schemas.evaluation_report import Metric, number_text

BLIND_SPOTS = ("which data the numbers were measured on", "whether the numbers are true")
_MLFLOW = frozenset({"true_negatives", "false_positives", "false_negatives", "true_positives"})


def is_metrics(value: Any) -> bool:
    """Tell whether a JSON value holds numbers by name."""
    return isinstance(value, dict) and any(True for _ in _numbers(value.get("metrics", value), ""))


def read_metrics(name: str, value: Any) -> Results:
    """Return the numbers of a JSON object."""
    held = value.get("metrics", value) if isinstance(value, dict) else value
    found = tuple(Metric(key, (), text) for key, text in _numbers(held, ""))
    if not found:
        raise Malformed(f"{name}: no number by name is in it", hint="name the format with --format")
    names = {metric.name for metric in found}
    tool = "mlflow" if names >= _MLFLOW or "artifacts_metadata" in name else "metrics"
    return Results(tool, metrics=found, blind_spots=BLIND_SPOTS)


def _numbers(value: Any, above: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        name = f"{above}/{key}" if above else str(key)
        if isinstance(item, bool):
            continue
        if isinstance(item, int | float):
            yield name, number_text(float(item) if isinstance(item, float) else item)
        elif isinstance(item, str) and item.lower() in ("nan", "inf", "-inf", "infinity", "-infinity"):
            yield name, item.lower().removesuffix("inity")
        elif isinstance(item, dict):
            yield from _numbers(item, name)
