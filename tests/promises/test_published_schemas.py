"""The published JSON Schemas are what the values say, and real documents obey them."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from registry.rules.fairness import evaluate
from registry.rules.risk_form import read_form
from schemas import publishing
from schemas.evaluation import BiasInput, Confusion, GroupCounts, Polarity, StratumCounts
from tui.bias_text import check_json

FOLDER = Path(publishing.__file__).with_name("published")
CELLS = (
    GroupCounts("A", 10, 5, Confusion(3, 2, 2, 3)),
    GroupCounts("B", 4, 0, Confusion(4, 0, 0, 0), "too few"),
    GroupCounts("C", 0, 0),
)


def checks() -> list[BiasInput]:
    strata = (StratumCounts("north", CELLS),)
    return [
        BiasInput(
            "sex", "general", "best", Polarity("hired"), 3, CELLS, "site", strata, (("name", "f.csv"),)
        ),
        BiasInput("sex", "ll144", "overall", Polarity("flagged", favourable=False), 0, CELLS),
        BiasInput("sex", "general", "C", Polarity("hired"), 0, CELLS),
    ]


def schema(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def test_every_published_file_is_generated_and_every_generated_file_published():
    assert {p.name for p in FOLDER.glob("*.json")} == set(publishing.PUBLISHED)
    for name in publishing.PUBLISHED:
        assert (FOLDER / name).read_text(encoding="utf-8") == publishing.text_of(name)


@pytest.mark.parametrize("name", publishing.PUBLISHED)
def test_each_is_a_schema_of_its_dialect(name: str):
    jsonschema_rs.meta.validate(schema(name))


@pytest.mark.parametrize("given", checks(), ids=lambda given: given.policy)
def test_signed_bias_documents_obey_their_schema(given: BiasInput):
    document = evaluate(given).to_document()
    validator = jsonschema_rs.Draft202012Validator(schema("bias-document.schema.json"))

    assert [e.message for e in validator.iter_errors(document)] == []
    assert not validator.is_valid({**document, "extra": 1})
    assert not validator.is_valid({**document, "parityRatio": 0.8})


@pytest.mark.parametrize("given", checks(), ids=lambda given: given.policy)
def test_what_bias_check_prints_obeys_its_schema_and_names_every_member(given: BiasInput):
    value = {"checks": [check_json(evaluate(given))]}
    published = schema("bias-check-output.schema.json")
    check = published["properties"]["checks"]["items"]

    assert [e.message for e in jsonschema_rs.Draft202012Validator(published).iter_errors(value)] == []
    assert set(value["checks"][0]) == set(check["properties"])
    assert set(value["checks"][0]["groups"][0]) == set(check["properties"]["groups"]["items"]["properties"])


def test_the_risk_schema_takes_what_the_program_takes():
    written = {"exposure": 1, "purpose": 1, "summary": "x", "risks": []}
    validator = jsonschema_rs.Draft202012Validator(schema("risk-assessment.schema.json"))

    assert read_form(written).exposure == 1
    assert validator.is_valid(written)
    assert not validator.is_valid({**written, "override": None})
