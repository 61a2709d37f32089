"""Keeping a description as evidence and recording its numbers, in one transaction."""

import json
from pathlib import Path

import pytest

from schemas.digest import Digest

CARD = """---
license: mit
model-index:
- name: credit-risk
  results:
  - dataset: {type: acme/applications, split: test}
    metrics:
    - {type: roc_auc, value: 0.913}
---
# Credit risk
"""
FOR = ("--for", "credit-risk@7", "--as", "alice")
WEIGHTS = b'{"weights": [1, 2]}'


def bom(content: str) -> str:
    """A bill of materials whose model has the SHA-256 `content`."""
    model = {
        "type": "machine-learning-model",
        "name": "credit-risk",
        "hashes": [{"alg": "SHA-256", "content": content}],
    }
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": model}})


@pytest.fixture
def card(tmp_path: Path) -> Path:
    path = tmp_path / "README.md"
    path.write_text(CARD)
    return path


def test_a_card_is_kept_as_evidence_and_its_numbers_as_a_report(asked, card):
    done = asked("import", "modelcard", card, *FOR, "--json")

    assert done.code == 0
    assert [e["type"] for e in done.json["evidence"]] == ["evidence-added", "evaluation-recorded"]
    assert done.json["facts"] == {"license": ["mit"]}
    kept = asked("evidence", "list", "credit-risk@7", "--json").json["items"]
    assert [(e["kind"], e["digest"]) for e in kept] == [("model_card", Digest.of(CARD.encode()))]
    shown = asked("evaluation", "show", "credit-risk@7", "--json").json["items"][0]
    part = [["dataset", "acme/applications"], ["split", "test"]]
    assert shown["metrics"] == [{"name": "roc_auc", "part": part, "value": "0.913"}]


def test_a_card_that_states_no_hash_is_compared_with_nothing(asked, card, tmp_path: Path):
    assert "compared:" not in asked("import", "modelcard", card, *FOR).out
    (tmp_path / "bom.json").write_text(bom("0" * 64))

    said = asked("import", "modelcard", tmp_path / "bom.json", *FOR).out
    assert "compared: 0 agree, 1 contradict the version, 0 are of files it does not have" in said


def test_the_same_card_twice_is_recorded_once(asked, card):
    asked("import", "modelcard", card, *FOR)

    again = asked("import", "modelcard", card, *FOR)

    assert again.code == 0
    assert "known already" in again.out


def test_a_dry_run_compares_and_records_nothing(asked, tmp_path: Path):
    (tmp_path / "bom.json").write_text(bom("0" * 64))

    done = asked("import", "modelcard", tmp_path / "bom.json", "--for", "credit-risk@7", "--dry-run")

    assert "no file of the version has it" in done.err
    assert "nothing was recorded" in done.out
    assert asked("evidence", "list", "credit-risk@7", "--json").json["items"] == []


def test_a_hash_that_contradicts_the_version_is_a_warning_and_strictly_a_no(asked, tmp_path: Path):
    (tmp_path / "bom.json").write_text(bom("0" * 64))
    words = ("import", "modelcard", tmp_path / "bom.json", *FOR, "--json")

    said = asked(*words)

    assert said.code == 0
    assert "no file of the version has it" in said.json["contradictions"][0]
    assert said.json["contradictions"][0] in said.json["warnings"]
    assert asked(*words, "--strict").code == 1


def test_a_hash_that_agrees_is_counted(asked, tmp_path: Path):
    (tmp_path / "bom.json").write_text(bom(Digest.of(WEIGHTS).hex))

    done = asked("import", "modelcard", tmp_path / "bom.json", *FOR, "--strict", "--json")

    assert done.code == 0
    assert done.json["files"] == {"agree": 1, "elsewhere": 0}
    assert [e["type"] for e in done.json["evidence"]] == ["evidence-added"]
    assert asked("evidence", "list", "credit-risk@7", "--json").json["items"][0]["kind"] == "sbom"


def test_a_description_of_data_is_kept_as_a_datasheet(asked, tmp_path: Path):
    data = {"@type": "sc:Dataset", "conformsTo": "http://mlcommons.org/croissant/1.0", "name": "applications"}
    (tmp_path / "data.json").write_text(json.dumps(data))

    assert asked("import", "modelcard", tmp_path / "data.json", *FOR).code == 0
    assert asked("evidence", "list", "credit-risk@7", "--json").json["items"][0]["kind"] == "datasheet"


def test_a_card_whose_report_would_be_too_large_leaves_nothing_behind(asked, tmp_path: Path):
    rows = "".join(f"    - {{type: f{n}, value: 1}}\n" for n in range(100))
    long = CARD.replace("acme/applications", "a" * 200_000)
    (tmp_path / "README.md").write_text(long.replace("    - {type: roc_auc, value: 0.913}\n", rows))

    refused = asked("import", "modelcard", tmp_path / "README.md", *FOR)

    assert refused.code == 2
    assert "the report cannot be recorded" in refused.err
    assert asked("evidence", "list", "credit-risk@7", "--json").json["items"] == []


def test_a_bundle_with_a_card_verifies_and_the_gate_goes_on_allowing(approved, card, tmp_path: Path):
    approved("import", "modelcard", card, *FOR)
    assert approved("gate", "credit-risk@7", "--env", "production").code == 0
    approved("request", "credit-risk@7", "--env", "production", "--as", "alice")
    where = ("credit-risk@7", "--env", "production", "--role", "risk-approver", "--as", "bob")
    approved("approve", *where, "--reason", "the card is read")
    anchor = approved("root", "show", "--json").json["anchor"]

    approved("bundle", "export", "credit-risk@7", "--with-evidence", "-o", tmp_path / "b.zip")

    assert approved("bundle", "verify", tmp_path / "b.zip", "--anchor", anchor).code == 0


def test_a_file_whose_name_is_no_text_is_recorded_under_one_that_is(asked, tmp_path: Path):
    path = tmp_path / "card-\udcff.md"
    path.write_text(CARD)

    assert asked("import", "modelcard", path, *FOR).code == 0
    assert "card-\ufffd.md" in asked("evaluation", "show", "credit-risk@7").out


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 2),
        (b"no card", 2),
        (b"---\na: &a [x]\nb: [*a, *a]\n---\n", 2),
        (b"---\n\xff\n---\n", 2),
        (b'---\n"\\e[2J": [\n---\n', 2),
        (b'{"bomFormat": "CycloneDX", "specVersion": "\\u001b[2J"}', 2),
        (b"[" * 100_000, 2),
    ],
)
def test_what_cannot_be_read_ends_with_words(asked, tmp_path: Path, content, code):
    (tmp_path / "card").write_bytes(content)

    refused = asked("import", "modelcard", tmp_path / "card", *FOR)

    assert refused.code == code
    assert "muniment: " in refused.err
    assert "Traceback" not in refused.err
    assert "\x1b" not in refused.err
