"""Our facets in exported events obey the schemas that their `_schemaURL` names, and can be read back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import schemas

PUBLISHED = Path(schemas.__file__).with_name("published") / "facets"
WHERE = "https://muniment.dev/schemas/facets/"
SPEC = Path(__file__).parents[2].parent / "shared" / "corpus" / "spec-schemas"
CORE = "https://openlineage.io/spec/2-0-2/OpenLineage.json"
MEMBERS = ("_producer", "_schemaURL")
FACET = {"type": "object", "required": MEMBERS, "properties": {key: {"type": "string"} for key in MEMBERS}}
OWN = ("muniment_modelVersion", "muniment_biasCheck", "muniment_report")
RESULTS = [
    {"sex": "F", "selection_rate": 0.3, "count": 100, "accuracy": 0.75},
    {"sex": "M", "selection_rate": 0.5, "count": 100, "accuracy": float("nan")},
]
DRIFT = {
    "metrics": [{"metric_name": "ValueDrift", "config": {"column": "age"}, "value": 0.75}],
    "tests": [
        {"name": "drift of age", "description": "score is 0.75", "status": "SUCCESS"},
        {"name": "drift of income", "description": "no rows", "status": "ERROR"},
        {"name": "drift of sex", "description": "", "status": "SKIPPED"},
    ],
}
FOR = ("--for", "credit-risk@7", "--as", "alice")


@pytest.fixture
def story(approved, tmp_path: Path) -> Any:
    """credit-risk@7 trained, approved, then evaluated, checked for bias and watched in use."""
    (tmp_path / "fair.json").write_text(json.dumps(RESULTS))
    (tmp_path / "drift.json").write_text(json.dumps(DRIFT))
    assert approved("import", "evaluation", tmp_path / "fair.json", *FOR).code == 0
    assert approved("import", "monitoring", tmp_path / "drift.json", *FOR).code == 0
    return approved


def events_of(run: Any, *more: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = run("export", "openlineage", "credit-risk@7", "--json", *more).json["items"]
    return items


def facets_in(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every facet of ours with its name, wherever it stands."""
    if isinstance(value, dict):
        yield from ((key, item) for key, item in value.items() if key in OWN)
        for item in value.values():
            yield from facets_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from facets_in(item)


def validator_of(url: str) -> Any:
    path = PUBLISHED / url.removeprefix(WHERE).partition("#")[0]
    core = {"$id": CORE, "$defs": dict.fromkeys(("DatasetFacet", "RunFacet"), FACET)}
    registry = jsonschema_rs.Registry(
        [(CORE, core), (url.partition("#")[0], json.loads(path.read_text("utf-8")))]
    )
    return jsonschema_rs.Draft202012Validator({"$ref": url}, registry=registry)


@pytest.mark.parametrize("more", [(), ("--as-runs",)])
def test_every_facet_of_ours_obeys_the_schema_it_names(story: Any, more: tuple[str, ...]) -> None:
    found = list(facets_in(events_of(story, *more)))

    assert {name for name, _ in found} == set(OWN)
    for _, facet in found:
        validator = validator_of(facet["_schemaURL"])
        assert [e.message for e in validator.iter_errors(facet)] == []
        assert not validator.is_valid({**facet, "leaf": -1})
        assert not validator.is_valid({k: v for k, v in facet.items() if k != "leaf"})


@pytest.mark.parametrize("path", sorted(PUBLISHED.rglob("*.json")), ids=lambda p: p.stem)
def test_a_published_facet_is_named_by_its_version_and_its_own_name(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))
    key = next(iter(schema["properties"]))

    jsonschema_rs.meta.validate(schema)
    assert schema["$id"] == f"{WHERE}{path.parent.name}/{path.name}"
    assert list(schema["$defs"]) == [path.stem]
    # The specification's rule: prefix_name is described by PrefixNameEntityFacet.
    prefix, name = key.split("_")
    assert path.stem.startswith(f"{prefix.capitalize()}{name[0].upper()}{name[1:]}")


@pytest.mark.skipif(not SPEC.is_dir(), reason="the specification's schemas are not here")
@pytest.mark.parametrize("more", [(), ("--as-runs",)])
def test_every_event_obeys_the_specification(story: Any, more: tuple[str, ...]) -> None:
    core = json.loads((SPEC / "2-0-2" / "OpenLineage.json").read_text("utf-8"))
    validator = jsonschema_rs.Draft202012Validator(core)
    for event in events_of(story, *more):
        assert [e.message for e in validator.iter_errors(event)] == []


def test_a_report_tells_its_numbers_and_its_tests_and_reads_the_model(story: Any) -> None:
    events = {event["job"]["name"].partition("/")[0]: event for event in events_of(story) if "job" in event}

    evaluated = events["evaluation"]["run"]["facets"]["muniment_report"]
    assert (evaluated["of"], evaluated["tool"], evaluated["level"]) == ("evaluation", "fairlearn", "reported")
    part = [{"attribute": "sex", "value": "F"}]
    assert {"name": "accuracy", "part": part, "value": "0.75"} in evaluated["metrics"]
    part = [{"attribute": "sex", "value": "M"}]
    assert {"name": "accuracy", "part": part, "absent": "nan"} in evaluated["metrics"]
    seen = events["monitoring"]
    assert [
        (t["name"], t["status"], t.get("description")) for t in seen["run"]["facets"]["test"]["tests"]
    ] == [
        ("drift of age", "pass", "score is 0.75"),
        ("drift of income", "fail", "error: no rows"),
        ("drift of sex", "skip", None),
    ]
    assert seen["run"]["facets"]["muniment_report"]["of"] == "monitoring"
    assert [d["name"] for d in seen["inputs"]] == ["retail/credit-risk"]
    assert "parent" in seen["run"]["facets"]


def test_the_model_names_its_authors_by_pseudonym_only(story: Any) -> None:
    model = events_of(story)[1]["outputs"][-1]

    (owner,) = model["facets"]["ownership"]["owners"]
    assert (owner["name"][:2], owner["type"]) == ("p-", "AUTHOR")
    assert "alice" not in json.dumps(events_of(story))


def test_the_whole_story_comes_back_without_a_doubt_and_only_once(
    story: Any, muniment: Any, tmp_path: Path
) -> None:
    story("export", "openlineage", "--to", tmp_path / "story.jsonl")
    other = tmp_path / "other"
    muniment("--registry", other, "init", "--as", "carol", "--no-passphrase")
    words = ("--registry", other, "import", "openlineage", tmp_path / "story.jsonl", "--json")
    first, second = muniment(*words).json, muniment(*words).json

    assert (first["quarantined"], first["problems"], first["warnings"]) == (0, [], [])
    assert first["taken"] == len(events_of(story))
    assert (second["taken"], second["duplicate"]) == (0, first["taken"])
    datasets = muniment("--registry", other, "datasets", "--json").json["items"]
    (model,) = [d for d in datasets if d["name"] == "retail/credit-risk"]
    assert model["facets"]["muniment_modelVersion"]["status"] == "valid"


def test_where_it_stands_in_every_environment_outlives_what_came_in_the_same_second(
    story: Any, muniment: Any, tmp_path: Path
) -> None:
    assert story("request", "credit-risk@7", "--env", "staging", "--as", "alice").code == 0
    story("export", "openlineage", "--to", tmp_path / "story.jsonl")
    other = tmp_path / "other"
    muniment("--registry", other, "init", "--as", "carol", "--no-passphrase")
    muniment("--registry", other, "import", "openlineage", tmp_path / "story.jsonl")
    datasets = muniment("--registry", other, "datasets", "--json").json["items"]
    (model,) = [d for d in datasets if d["name"] == "retail/credit-risk"]
    assert model["facets"]["muniment_modelVersion"]["standing"] == [
        {"environment": "production", "status": "valid"},
        {"environment": "staging", "status": "none"},
    ]
