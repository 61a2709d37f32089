"""A Hugging Face model card: Markdown with YAML between two lines of `---` at its head."""

import re
from collections.abc import Iterator
from typing import Any

from importers.evaluations.json_value import is_whole, shape_of
from importers.evaluations.numbers import any_number
from importers.evaluations.report import Results
from importers.modelcards.card import Card, texts
from schemas.authored import read_authored
from schemas.errors import Malformed
from schemas.evaluation_report import Metric

BLIND_SPOTS = (
    "the prose of the card: it is kept as it is, and not read",
    "whether the numbers are true: the author of the card says them",
    "results that stand in files beside the card",
)
_HEAD = re.compile(rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
_FACTS = ("license", "base_model", "datasets", "language", "library_name", "pipeline_tag")
_OF_DATASET = ("config", "split", "revision")


def is_huggingface(data: bytes) -> bool:
    """Tell whether the bytes begin as a model card does."""
    return data.removeprefix(b"\xef\xbb\xbf").startswith(b"---")


def read_huggingface(name: str, data: bytes) -> Card:
    """Return what the front matter says, and the metrics of its `model-index`."""
    head = _HEAD.match(data.replace(b"\r\n", b"\n"))
    if head is None:
        raise Malformed(
            f"{name}: no front matter: expected YAML between two lines of ---", hint=_KEEP_IT_AS_IT_IS
        )
    value = read_authored(head[1], f"{name}: front matter")
    if not isinstance(value, dict):
        raise Malformed(f"{name}: the front matter holds no facts by name", hint=_KEEP_IT_AS_IT_IS)
    if not is_whole(value):
        raise Malformed(f"{name}: the front matter holds half a character", hint=_KEEP_IT_AS_IT_IS)
    warnings: list[str] = []
    with shape_of(name, "a model card"):
        metrics = tuple(_metrics(value, warnings))
    facts = tuple((key, found) for key in _FACTS if (found := texts(value.get(key))))
    results = Results("huggingface", metrics, warnings=tuple(warnings), blind_spots=BLIND_SPOTS)
    return Card("model_card", "text/markdown", results, facts)


def _metrics(value: dict[str, Any], warnings: list[str]) -> Iterator[Metric]:
    models = value.get("model-index") or []
    for model in models:
        of_model = {"model": str(model["name"])} if len(models) > 1 else {}
        for result in model["results"]:
            part = of_model | _part(result)
            for metric in result["metrics"]:
                yield from _metric(metric, part, warnings)


def _part(result: dict[str, Any]) -> dict[str, str]:
    task, dataset = result.get("task") or {}, result.get("dataset") or {}
    kind, called = dataset.get("type"), dataset.get("name")
    found = {"task": task.get("type"), "dataset": kind or called}
    if kind and called and str(called).lower() != str(kind).lower():
        found["dataset name"] = called  # where it is "unknown", the name alone tells two apart
    found |= {key: dataset.get(key) for key in _OF_DATASET}
    return {key: str(item) for key, item in found.items() if item is not None}


def _metric(metric: dict[str, Any], part: dict[str, str], warnings: list[str]) -> Iterator[Metric]:
    name, value = str(metric["type"]), metric.get("value")
    said = value.split("±", 1) if isinstance(value, str) else [value]
    numbers = [number for item in said if (number := any_number(item)) is not None]
    if len(numbers) != len(said):
        warnings.append(f"{name[:80]}: {value!r:.80} is no number, left out")
        return
    called = metric.get("name")
    label = {"name": str(called)} if called and str(called).lower() != name.lower() else {}
    whole = tuple(sorted((part | label).items()))
    for key, number in zip((name, f"{name}/spread"), numbers, strict=False):
        yield Metric(key, whole, number)


_KEEP_IT_AS_IT_IS = "to keep it as it is: muniment evidence add F --kind model_card --for M@V"
