"""Published facets of another shape are warned about in words; everybody's own facets are left alone."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers.openlineage.decode import read_event
from importers.openlineage.facet_shapes import find_fault
from schemas.observation import Observation

SPEC = Path(__file__).parents[2].parent / "shared/corpus/spec-schemas"
URL = "https://openlineage.io/spec/facets/{}/{}.json#/$defs/{}"
NEEDS_SPEC = pytest.mark.skipif(
    not SPEC.is_dir(), reason="the published schemas are not beside this checkout"
)


def facet(kind: str, version: str = "1-0-1", **members: Any) -> dict[str, Any]:
    return {"_producer": "https://example.org/p", "_schemaURL": URL.format(version, kind, kind), **members}


@pytest.mark.parametrize(
    ("entity", "name", "given_facet", "fault"),
    [
        ("job", "sql", facet("SQLJobFacet", query=7), "query: expected text, found a whole number"),
        ("job", "sql", facet("SQLJobFacet"), "lacks query"),
        (
            "dataset",
            "schema",
            facet("SchemaDatasetFacet", fields={}),
            "fields: expected a list, found an object",
        ),
        (
            "dataset",
            "schema",
            facet("SchemaDatasetFacet", fields=[{"name": "a"}, {"name": None}]),
            "fields[].name: expected text, found null",
        ),
        (
            "dataset",
            "lifecycleStateChange",
            facet("LifecycleStateChangeDatasetFacet", lifecycleStateChange="GONE"),
            "lifecycleStateChange: unknown value 'GONE'",
        ),
        ("input", "inputStatistics", facet("InputStatisticsInputDatasetFacet", rowCount="9"), "rowCount: "),
    ],
)
def test_a_fault_is_said_with_its_place(entity, name, given_facet, fault):
    assert (find_fault(entity, name, given_facet) or "").startswith(fault)


@pytest.mark.parametrize(
    ("entity", "name", "given_facet"),
    [
        ("job", "sql", facet("SQLJobFacet", query="select 1", dialect=None, ours=[1])),
        ("job", "sql", facet("SQLJobFacet", version="9-0-0", query=7)),
        ("job", "sqlmesh", facet("SQLMeshExecutionFacet", version="1-0-0", query=7)),
        ("job", "sql", {"_schemaURL": "https://example.org/my/sql.json", "query": 7}),
        ("dataset", "schema", {"_deleted": True, "fields": 7}),
        ("run", "mine", {"whatever": {}}),
    ],
)
def test_what_is_right_newer_or_somebodys_own_is_left_alone(entity, name, given_facet):
    assert find_fault(entity, name, given_facet) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/OpenLineage/OpenLineage/tree/main/spec/facets/SQLJobFacet.json",
        "https://raw.githubusercontent.com/OpenLineage/OpenLineage/main/spec/OpenLineage.json#/definitions/SQLJobFacet",
        URL.format("1-0-0", "SchemaDatasetFacet", "SchemaDatasetFacet"),
        "",
    ],
)
def test_a_facet_whose_url_names_no_version_or_another_class_is_known_by_its_name(url):
    assert find_fault("job", "sql", {"_schemaURL": url, "query": 7}) is not None


def test_an_event_with_a_wrong_facet_is_taken_with_a_warning():
    event = {
        "eventTime": "2026-11-20T10:00:00Z",
        "job": {"namespace": "n", "name": "j", "facets": {"sql": facet("SQLJobFacet", query=7)}},
        "run": {"runId": "0190b5f0-0000-7000-8000-000000000001"},
    }

    seen = read_event(json.dumps(event).encode(), "line 1")

    assert isinstance(seen, Observation)
    assert seen.warnings == ("job facet sql: query: expected text, found a whole number",)


def published() -> list[tuple[str, str, dict[str, Any]]]:
    """Name, class and value of every example the specification ships."""
    found = []
    for path in sorted((SPEC / "_tests").glob("*/*.json")):
        value = json.loads(path.read_text("utf-8"))
        found += [(name, path.parent.name, item) for name, item in value.items() if isinstance(item, dict)]
    return found


def entity_of(class_name: str) -> str:
    for suffix, entity in (("InputDatasetFacet", "input"), ("OutputDatasetFacet", "output")):
        if class_name.endswith(suffix):
            return entity
    return (
        "run" if class_name.endswith("RunFacet") else "job" if class_name.endswith("JobFacet") else "dataset"
    )


@NEEDS_SPEC
def test_the_examples_of_the_specification_have_no_fault():
    faults = {
        (name, kind): fault
        for name, kind, item in published()
        if (fault := find_fault(entity_of(kind), name, item)) is not None
    }

    assert len(published()) > 30
    assert faults == {}


@NEEDS_SPEC
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_fault_found_here_is_one_by_the_published_schema_too(data):
    jsonschema = pytest.importorskip("jsonschema")
    name, kind, item = data.draw(st.sampled_from(published()))
    schema = newest_schema(kind)
    if schema is None:
        return
    changed = copy.deepcopy(item)
    replace_somewhere(changed, data)

    if find_fault(entity_of(kind), name, changed) is not None:
        checker = jsonschema.Draft202012Validator(without_base(schema))
        assert not checker.is_valid({name: changed})


def newest_schema(kind: str) -> dict[str, Any] | None:
    """The newest published schema of a class that has only one member, its facet."""
    paths = sorted((SPEC / "facets").glob(f"*/{kind}.json"))
    return json.loads(paths[-1].read_text("utf-8")) if paths else None


def without_base(schema: dict[str, Any]) -> dict[str, Any]:
    """Replace what refers to the core schema, which says nothing about a facet's own members."""
    text = json.dumps(schema)
    for part in ("2-0-2", "1-0-0", "1-0-1", "1-0-2", "2-0-1", "2-0-0"):
        for base in (
            "BaseFacet",
            "DatasetFacet",
            "RunFacet",
            "JobFacet",
            "InputDatasetFacet",
            "OutputDatasetFacet",
        ):
            text = text.replace(
                f'{{"$ref": "https://openlineage.io/spec/{part}/OpenLineage.json#/$defs/{base}"}}', "{}"
            )
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def replace_somewhere(value: Any, data: Any) -> None:
    """Put something else in the place of one member, or leave it out."""
    while True:
        keys = (
            [k for k in value if k not in ("_producer", "_schemaURL")]
            if isinstance(value, dict)
            else range(len(value))
        )
        if not list(keys):
            return
        key = data.draw(st.sampled_from(list(keys)))
        if isinstance(value[key], dict | list) and value[key] and data.draw(st.booleans()):
            value = value[key]
            continue
        if isinstance(value, dict) and data.draw(st.booleans()):
            del value[key]
        else:
            value[key] = data.draw(st.sampled_from([7, "text", [], {}, True, [7], {"a": 1}]))
        return
