"""The JSON Schemas other programs may hold our documents to, generated from the values.

`python -m schemas.publishing NAME` prints one. A test holds the files beside this module equal to it.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import msgspec

from schemas.governance import RiskForm

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BASE = "https://muniment.dev/schema/"

_INTEGER = {"type": "string", "pattern": "^-?(0|[1-9][0-9]*)$"}
_DECIMAL = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?$"}
_PEOPLE = {"type": "integer", "minimum": 0, "maximum": 9007199254740991}
_ABSENT = {
    "type": "object",
    "properties": {"absent": {"enum": ["nan", "inf"]}},
    "required": ["absent"],
    "additionalProperties": False,
}
_LABEL = {"type": "string"}
_RATE_NAMES = ("tpr", "fpr", "fnr", "ppv")
_CELL_NAMES = ("tn", "fp", "fn", "tp")


def _object(members: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": [name for name in members if name not in optional],
        "additionalProperties": False,
    }


def _or_absent(shape: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [shape, _ABSENT]}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def _headed(name: str, title: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": f"{BASE}{name}", "title": title, **schema}


def bias_document() -> dict[str, Any]:
    """Return the schema of a signed bias document."""
    ratio = _ref("ratio")
    cell = _object({"stratum": _LABEL, "label": _LABEL, "n": _PEOPLE, "selected": _PEOPLE})
    document = {
        "attribute": {"type": "string", "minLength": 1},
        "rule": {"enum": ["general", "ll144"]},
        "semantics": {"const": 1},
        "unknown": _PEOPLE,
        "reference": _object({"policy": _LABEL, "label": {"type": ["string", "null"]}}),
        "polarity": _object({"label": _LABEL, "favourable": {"type": "boolean"}}),
        "source": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
        "groups": {"type": "array", "minItems": 1, "items": _ref("group")},
        "strata": _object({"by": _LABEL, "cells": {"type": "array", "items": cell}}),
        **dict.fromkeys(("parityDifference", "parityRatio", "mantelHaenszelRatio"), ratio),
        **dict.fromkeys(("equalizedOddsDifference", "equalizedOddsRatio"), ratio),
    }
    definitions = {
        "ratio": _or_absent(_object({"num": _INTEGER, "den": _INTEGER})),
        "bounds": _or_absent(_object({"low": _DECIMAL, "high": _DECIMAL})),
        "decimal": {"oneOf": [_DECIMAL, _ABSENT]},
        "group": _bias_group(),
    }
    return _headed(
        "bias-document.schema.json",
        "Bias document",
        {**_object(document, optional=("strata",)), "$defs": definitions},
    )


def _bias_group() -> dict[str, Any]:
    ratio, bounds, decimal = _ref("ratio"), _ref("bounds"), _ref("decimal")
    group = {
        "label": _LABEL,
        "n": _PEOPLE,
        "selected": _PEOPLE,
        "excluded": {"type": "boolean"},
        "reason": {"type": "string", "minLength": 1},
        "rate": ratio,
        "rateCi": bounds,
        "favourableRate": ratio,
        "impactRatio": ratio,
        "ci": bounds,
        **dict.fromkeys(("z", "p", "fisherP", "pAdjusted", "stratifiedP"), decimal),
        "test": {"enum": ["z", "fisher", None]},
        "belowFourFifths": {"type": ["boolean", "null"]},
        "smallSample": {"type": "boolean"},
        "stratifiedRatio": ratio,
        **dict.fromkeys(_CELL_NAMES, _PEOPLE),
        **dict.fromkeys(_RATE_NAMES, ratio),
    }
    return _object(group, optional=("reason", *_CELL_NAMES, *_RATE_NAMES))


def bias_output() -> dict[str, Any]:
    """Return the schema of `bias check --json`: members may be added, never renamed."""
    number, people = {"type": ["number", "null"]}, {"type": "number", "minimum": 0}
    flag, words = {"type": "boolean"}, {"type": ["string", "null"]}
    group = {
        "label": _LABEL,
        "n": people,
        "selected": people,
        **dict.fromkeys(("rate", "rate_low", "rate_high", "favourable_rate", "impact_ratio"), number),
        **dict.fromkeys(("ci_low", "ci_high", "z", "p", "fisher_p", "p_adjusted"), number),
        **dict.fromkeys(("mantel_haenszel_ratio", "mantel_haenszel_p"), number),
        **dict.fromkeys(_CELL_NAMES, number),
        **dict.fromkeys(_RATE_NAMES, number),
        "test": words,
        "below_four_fifths": {"type": ["boolean", "null"]},
        "small_sample": flag,
        "under_minimum": flag,
        "excluded": flag,
        "exclusion_reason": words,
        "interval": _LABEL,
        "significance": _LABEL,
    }
    check = {
        "attribute": _LABEL,
        "rule": {"enum": ["general", "ll144"]},
        "reference": words,
        "reference_policy": _LABEL,
        "polarity": {"enum": ["favourable", "unfavourable"]},
        "outcome": _LABEL,
        "unknown": people,
        "strata": words,
        "groups": {"type": "array", "items": _open(group)},
        **dict.fromkeys(("parity_difference", "parity_ratio", "mantel_haenszel_ratio"), number),
        **dict.fromkeys(("equalized_odds_difference", "equalized_odds_ratio"), number),
    }
    body = _open({"checks": {"type": "array", "items": _open(check)}})
    return _headed("bias-check-output.schema.json", "Output of bias check", body)


def _open(members: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": members, "required": list(members)}


def risk_assessment() -> dict[str, Any]:
    """Return the schema of the authoring file of a risk assessment."""
    schema = _without_nulls(msgspec.json.schema(RiskForm))
    definitions = schema["$defs"]
    form = definitions.pop("RiskForm")
    return _headed("risk-assessment.schema.json", "Risk assessment", {**form, "$defs": definitions})


def _without_nulls(value: Any) -> Any:
    """Return a generated schema in which an optional member is left out, never written as null."""
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    # msgspec titles every object with its class; a member that is called "title" is a schema and stays.
    kept = {key: item for key, item in value.items() if key != "title" or isinstance(item, dict)}
    found = {key: _without_nulls(item) for key, item in kept.items()}
    choices = found.get("anyOf")
    if choices is not None and {"type": "null"} in choices:
        (only,) = [choice for choice in choices if choice != {"type": "null"}]
        return only
    return found


PUBLISHED: dict[str, Callable[[], dict[str, Any]]] = {
    "bias-check-output.schema.json": bias_output,
    "bias-document.schema.json": bias_document,
    "risk-assessment.schema.json": risk_assessment,
}
"""File name -> what generates it."""


def text_of(name: str) -> str:
    """Return the text of one published schema."""
    return json.dumps(PUBLISHED[name](), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text_of(sys.argv[1]))
