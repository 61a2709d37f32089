"""CycloneDX 1.5 to 1.7 as JSON: a bill of materials with a machine-learning model in it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from importers.evaluations.json_value import AGAIN, shape_of
from importers.evaluations.numbers import any_number
from importers.evaluations.report import Results
from importers.modelcards.card import Card, Stated
from schemas.errors import Malformed
from schemas.evaluation_report import Metric

VERSIONS = ("1.5", "1.6", "1.7")
BLIND_SPOTS = (
    "components that are no model and no file of one: they are kept in the evidence, and not compared",
    "hashes other than SHA-256",
    "signatures and attestations in the document: they are not checked",
    "which data the numbers were measured on",
)
_MODEL = "machine-learning-model"


def is_cyclonedx(value: Any) -> bool:
    """Tell whether a JSON value is a CycloneDX document."""
    return isinstance(value, dict) and value.get("bomFormat") == "CycloneDX"


def read_cyclonedx(name: str, value: Any) -> Card:
    """Return the models' metrics, considerations and hashes; raise Malformed where no model is in it."""
    version = value.get("specVersion")
    if version not in VERSIONS:
        raise Malformed(
            f"{name}: CycloneDX {version!r:.40}, expected {', '.join(VERSIONS)}",
            hint="export it as CycloneDX 1.6",
        )
    warnings: list[str] = []
    with shape_of(name, f"CycloneDX {version}"):
        models = [item for item in _components(value) if item.get("type") == _MODEL]
        if not models:
            raise Malformed(f"{name}: no component is a {_MODEL}", hint=AGAIN)
        metrics = tuple(metric for model in models for metric in _metrics(model, len(models) > 1, warnings))
        main = _main(value, models)
        if main is None:
            warnings.append(f"{len(models)} models and none is the subject: no hash is compared")
        facts = tuple((key, said) for key, said in _facts(models) if said)
        stated = tuple(_stated(main)) if main is not None else ()
        about = None if main is None else (str(main["name"]), str(main.get("version", "")))
    results = Results("cyclonedx", metrics, warnings=tuple(warnings), blind_spots=BLIND_SPOTS)
    return Card("sbom", "application/vnd.cyclonedx+json", results, facts, stated, about)


def _components(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the subject, then every component, each before those within it."""
    subject = (value.get("metadata") or {}).get("component")
    waiting = [*([subject] if subject else ()), *(value.get("components") or ())][::-1]
    while waiting:
        item = waiting.pop()
        yield item
        waiting.extend(reversed(item.get("components") or ()))


def _main(value: dict[str, Any], models: list[dict[str, Any]]) -> dict[str, Any] | None:
    subject = (value.get("metadata") or {}).get("component")
    return models[0] if models[0] is subject or len(models) == 1 else None


def _metrics(model: dict[str, Any], many: bool, warnings: list[str]) -> Iterator[Metric]:
    card = model.get("modelCard") or {}
    of_model = (("model", str(model["name"])),) if many else ()
    for row in (card.get("quantitativeAnalysis") or {}).get("performanceMetrics") or ():
        name = str(row.get("type") or "unnamed")
        part = (*of_model, *((("slice", str(row["slice"])),) if row.get("slice") else ()))
        within = row.get("confidenceInterval") or {}
        for key, item in (
            (name, row.get("value")),
            (f"{name}/lower", within.get("lowerBound")),
            (f"{name}/upper", within.get("upperBound")),
        ):
            number = any_number(item)
            if number is not None:
                yield Metric(key, part, number)
            elif item is not None:
                warnings.append(f"{key[:80]}: {item!r:.80} is no number, left out")


def _facts(models: list[dict[str, Any]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "models", tuple(f"{model['name']} {model.get('version', '')}".rstrip() for model in models)
    licences = [row for model in models for row in model.get("licenses") or ()]
    yield "license", tuple(text for row in licences if (text := _licence(row)))
    cards = [model.get("modelCard") or {} for model in models]
    data = [row for card in cards for row in (card.get("modelParameters") or {}).get("datasets") or ()]
    yield "datasets", tuple(str(row.get("name") or row.get("ref") or "unnamed") for row in data)
    counts: Counter[str] = Counter()
    for card in cards:
        for key, said in (card.get("considerations") or {}).items():
            counts[key] += len(said or ())
    yield "considerations", tuple(f"{key}: {count}" for key, count in sorted(counts.items()) if count)


def _licence(row: dict[str, Any]) -> str:
    held = row.get("license") or {}
    return str(row.get("expression") or held.get("id") or held.get("name") or "")


def _stated(main: dict[str, Any]) -> Iterator[Stated]:
    for digest in _sha256(main):
        yield Stated((), digest)
    for item in _components({"components": main.get("components")}):
        if item.get("type") == "file":
            for digest in _sha256(item):
                yield Stated((str(item["name"]),), digest)


def _sha256(component: dict[str, Any]) -> Iterator[str]:
    for row in component.get("hashes") or ():
        if row["alg"] == "SHA-256":
            yield str(row["content"])
