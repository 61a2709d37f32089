"""Descriptions of models and data: their numbers, what they say of files, and how they are refused."""

import json
from typing import Any

import pytest

from importers.modelcards.card import Card, Stated
from importers.modelcards.compare import compare
from importers.modelcards.read import read_card
from schemas.asset import FileEntry, VersionRef
from schemas.digest import Digest
from schemas.errors import Malformed
from schemas.evaluation_report import Metric

CARD = """---
license: apache-2.0
language:
- en
- no
datasets:
- acme/applications
base_model: acme/scorer
model-index:
- name: credit-risk
  results:
  - task: {type: tabular-classification}
    dataset: {type: acme/applications, name: Credit applications, split: test, revision: 5e1f}
    metrics:
    - {type: roc_auc, value: 0.9130, name: ROC AUC}
    - {type: f1, value: 71, name: F1}
    - {type: ece, value: .nan}
    - {type: notes, value: good enough}
    - {type: wer, value: 20 ± many}
---
# Credit risk
"""
MODEL_FILE = Digest.of(b"weights")
BOM: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "metadata": {
        "component": {
            "type": "machine-learning-model",
            "name": "credit-risk",
            "version": "7",
            "hashes": [{"alg": "SHA-256", "content": MODEL_FILE.hex}, {"alg": "MD5", "content": "0" * 32}],
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "components": [
                {
                    "type": "file",
                    "name": "model.bin",
                    "hashes": [{"alg": "SHA-256", "content": MODEL_FILE.hex.upper()}],
                }
            ],
            "modelCard": {
                "modelParameters": {"datasets": [{"type": "dataset", "name": "applications"}]},
                "quantitativeAnalysis": {
                    "performanceMetrics": [
                        {
                            "type": "accuracy",
                            "value": "0.91",
                            "slice": "age < 25",
                            "confidenceInterval": {"lowerBound": "0.89", "upperBound": "0.93"},
                        },
                        {"type": "loss", "value": "low"},
                    ]
                },
                "considerations": {"users": ["analysts"], "useCases": ["credit", "limits"]},
            },
        }
    },
    "components": [{"type": "library", "name": "numpy", "hashes": [{"alg": "SHA-256", "content": "f" * 64}]}],
}
CROISSANT = {
    "@context": {"@vocab": "https://schema.org/", "cr": "http://mlcommons.org/croissant/"},
    "@type": "sc:Dataset",
    "name": "applications",
    "conformsTo": "http://mlcommons.org/croissant/1.0",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "rai:dataBiases": "only people who applied online",
    "distribution": [
        {
            "@type": "cr:FileObject",
            "@id": "the-table",
            "name": "table",
            "contentUrl": "https://data.example.org/a/model.bin?download=1",
            "contentSize": "7 B",
            "sha256": MODEL_FILE.hex,
        },
        {"@type": "cr:FileObject", "name": "other.csv", "sha256": "a" * 64},
        {"@type": "cr:FileSet", "name": "pictures", "includes": "*.png"},
    ],
    "recordSet": [{"@type": "cr:RecordSet", "field": [{"name": "age"}, {"name": "income"}]}],
}
REF = VersionRef("retail", "credit-risk", 7)
FILES = (FileEntry("out/model.bin", MODEL_FILE, 7), FileEntry("readme", Digest.of(b"r"), 1))


def read(value: object, kind: str | None = None) -> Card:
    data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return read_card("card", data, kind)


def test_a_model_card_gives_the_metrics_of_its_index_with_dataset_and_split():
    part = (
        ("dataset", "acme/applications"),
        ("dataset name", "Credit applications"),
        ("revision", "5e1f"),
        ("split", "test"),
        ("task", "tabular-classification"),
    )
    named = (*part[:2], ("name", "ROC AUC"), *part[2:])

    assert read(CARD).results.metrics == (
        Metric("roc_auc", named, "0.913"),
        Metric("f1", part, "71"),
        Metric("ece", part, "nan"),
    )


def test_a_metric_of_a_card_may_say_how_far_it_varies():
    said = "---\nmodel-index: [{name: a, results: [{metrics: [{type: wer, value: 20.0 ± 1.2}]}]}]\n---\n"

    assert read(said).results.metrics == (Metric("wer", (), "20"), Metric("wer/spread", (), "1.2"))


def test_a_model_card_names_license_data_and_base_and_says_what_is_no_number():
    card = read(CARD)

    assert dict(card.facts) == {
        "license": ("apache-2.0",),
        "base_model": ("acme/scorer",),
        "datasets": ("acme/applications",),
        "language": ("en", "no"),
    }
    assert card.results.warnings == (
        "notes: 'good enough' is no number, left out",
        "wer: '20 ± many' is no number, left out",
    )
    assert card.kind == "model_card"


@pytest.mark.parametrize("lines", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_model_card_is_known_by_its_front_matter(lines, mark):
    assert len(read(mark + CARD.replace("\n", lines)).results.metrics) == 3


@pytest.mark.parametrize("version", ["1.5", "1.6", "1.7"])
def test_a_bill_of_materials_gives_metrics_by_slice_with_their_bounds(version):
    card = read(BOM | {"specVersion": version})
    part = (("slice", "age < 25"),)

    assert card.results.metrics == (
        Metric("accuracy", part, "0.91"),
        Metric("accuracy/lower", part, "0.89"),
        Metric("accuracy/upper", part, "0.93"),
    )
    assert card.results.warnings == ("loss: 'low' is no number, left out",)
    assert dict(card.facts) == {
        "models": ("credit-risk 7",),
        "license": ("Apache-2.0",),
        "datasets": ("applications",),
        "considerations": ("useCases: 2", "users: 1"),
    }
    assert card.kind == "sbom"


def test_a_bill_of_materials_states_the_hash_of_the_model_and_of_its_files():
    assert read(BOM).stated == (Stated((), MODEL_FILE.hex), Stated(("model.bin",), MODEL_FILE.hex.upper()))


def test_metrics_of_several_models_keep_their_names_and_no_hash_is_compared():
    model = BOM["metadata"]["component"]
    found = read(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "components": [model, model | {"name": "second"}],
        }
    )

    assert {dict(m.part)["model"] for m in found.results.metrics} == {"credit-risk", "second"}
    assert found.stated == ()
    assert "no hash is compared" in found.results.warnings[-1]


def test_croissant_gives_the_hashes_of_files_and_no_numbers():
    card = read(CROISSANT)

    assert card.results.metrics == ()
    assert card.stated == (
        Stated(("table", "the-table", "model.bin"), MODEL_FILE.hex, 7),
        Stated(("other.csv",), "a" * 64),
    )
    assert dict(card.facts)["holds"] == ("files: 2", "record sets: 1", "fields: 2")
    assert dict(card.facts)["responsible use"] == ("dataBiases",)
    assert card.kind == "datasheet"


@pytest.mark.parametrize("value", [CARD, BOM, CROISSANT])
def test_every_reader_says_what_it_cannot_see(value):
    assert read(value).results.blind_spots


def test_hashes_that_agree_are_counted_and_files_of_others_too():
    assert compare(read(BOM), REF, FILES).agree == 2
    found = compare(read(CROISSANT), REF, FILES)

    assert (found.agree, found.contradictions, found.elsewhere) == (1, (), 1)


OTHER = "b" * 64


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        (Stated((), OTHER), "no file of the version has it"),
        (Stated(("model.bin",), OTHER), f"out/model.bin: its SHA-256 is said to be {OTHER}, and is"),
        (Stated(("out/model.bin",), MODEL_FILE.hex, 8), "it is said to have 8 bytes, and has 7"),
    ],
)
def test_a_hash_or_size_that_differs_is_a_contradiction(stated, said):
    card = Card("sbom", "application/json", read(BOM).results, stated=(stated,))

    assert said in compare(card, REF, FILES).contradictions[0]


def test_a_name_that_two_files_have_is_not_guessed_at():
    files = (FileEntry("a/model.bin", MODEL_FILE, 7), FileEntry("b/model.bin", Digest.of(b"b"), 1))
    stated = (Stated(("model.bin",), OTHER), Stated(("b/model.bin",), OTHER))
    found = compare(Card("sbom", "application/json", read(BOM).results, stated=stated), REF, files)

    assert found.elsewhere == 1
    assert [said.partition(":")[0] for said in found.contradictions] == ["b/model.bin"]


def test_a_description_of_another_version_is_a_contradiction():
    found = compare(read(BOM), VersionRef("retail", "credit-risk", 8), FILES)

    assert found.contradictions == ("it is about credit-risk 7, not about retail/credit-risk@8",)


BOMB = "---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n"


def bom(**model: object) -> dict[str, object]:
    component = {"type": "machine-learning-model", "name": "m", **model}
    return {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component]}


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ("", None, "empty"),
        ("\n \n", "huggingface", "empty"),
        ("# Only prose", None, "no description that is known"),
        ("# Only prose", "huggingface", "no front matter"),
        ("---\nlicense: mit\n", None, "no front matter"),
        ("---\n---\n", None, "holds no facts"),
        ("---\n- a\n---\n", None, "holds no facts"),
        ("---\na: [\n---\n", None, "front matter: line 2"),
        (BOMB, None, "aliases are not read"),
        ("---\na: !!python/object/apply:os.system [ls]\n---\n", None, "tags are not read"),
        ("---\na: " + "[" * 5000 + "\n---\n", None, "front matter"),
        ("---\na: \x00\n---\n", None, "not YAML"),
        ('---\na: "\\ud800"\n---\n', None, "half a character"),
        ("---\na: 1\na: 2\n---\n", None, "'a' stands twice"),
        ("---\nmodel-index: 7\n---\n", None, "not a model card"),
        ("---\nmodel-index:\n- name: a\n---\n", None, "not a model card"),
        ("{", None, "not JSON"),
        ("[]", None, "no description that is known"),
        ('{"a": "\\ud800"}', None, "not JSON"),
        (BOM, "croissant", "not what croissant looks like"),
        (BOM | {"specVersion": "1.4"}, None, "CycloneDX '1.4', expected 1.5, 1.6, 1.7"),
        (BOM | {"specVersion": {}}, None, "CycloneDX {}, expected"),
        (BOM | {"metadata": {}}, None, "no component is a machine-learning-model"),
        (bom(hashes=[{"alg": "SHA-256"}]), None, "not CycloneDX 1.6"),
        (bom(hashes=7), None, "not CycloneDX 1.6"),
        (bom(modelCard=["a"]), None, "not CycloneDX 1.6"),
        (bom(modelCard={"considerations": ["a"]}), None, "not CycloneDX 1.6"),
        (CROISSANT | {"distribution": [7, {"@type": "cr:FileObject"}]}, None, "not a Croissant"),
        (CROISSANT | {"recordSet": ["a"]}, None, "not a Croissant"),
    ],
)
def test_what_is_broken_is_refused_in_words(content, kind, said):
    with pytest.raises(Malformed) as refused:
        read(content, kind)

    assert said in refused.value.message
    assert refused.value.hint


def test_a_number_that_would_be_spelled_out_at_great_length_is_left_out():
    card = read("---\nmodel-index: [{name: a, results: [{metrics: [{type: f, value: 1e999999999}]}]}]\n---\n")

    assert card.results.metrics == ()
    assert card.results.warnings == ("f: '1e999999999' is no number, left out",)
