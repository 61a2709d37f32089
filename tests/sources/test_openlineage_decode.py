"""The gate: what one JSON value must be to be taken, and what is read from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from importers.openlineage.decode import read_event
from schemas.observation import DatasetFact, JobFact, Name, Observation, RunFact, RunKey, Unreadable

MALFORMED = Path(__file__).parents[1] / "data/openlineage/malformed"
RUN = "3b452093-782c-4ef2-9c0c-aafe2aa6f34d"
TAKEN = {
    "07_two_docs_concatenated": None,
    "15_huge_int": "",
    "23_runId_uppercase_braced": "was read as 3b452093-782c-4ef2-9c0c-aafe2aa6f34d",
    "25_runId_no_dashes": "was read as 3b452093-782c-4ef2-9c0c-aafe2aa6f34d",
    "27_eventTime_no_tz": "taken as UTC",
    "31_eventTime_space_sep": "not RFC 3339",
    "33_eventTime_year_9999": "",
    "35_eventTime_lower_t_z": "not RFC 3339",
    "37_eventType_unknown": "read as OTHER",
    "39_eventType_null": "",
    "41_inputs_null": "read as absent",
    "47_same_in_and_out": "",
    "51_facet_null": "run.facets.parent",
    "53_facet_deleted_only": "",
    "55_unknown_facet": "",
    "57_parent_self": "",
    "59_symlink_no_type": "symlinks: identifiers[]: lacks type",
    "61_all_three": "",
    "63_runevent_with_JobEvent_url": "",
    "67_producer_missing": "",
    "69_xss_in_names": "",
    "75_unicode_nfd": "",
}
REFUSED = {
    "01_empty_body": "empty",
    "03_string": "found text",
    "05_array_single_endpoint": "found a list",
    "07_two_docs_concatenated": "not JSON",
    "09_utf16": "UTF-16",
    "11_lone_surrogate": "surrogate",
    "13_NaN_literal": "not JSON",
    "17_deep_nesting_3000": "nested deeper",
    "19_no_job": "expected run and job",
    "21_run_null": "run: expected an object",
    "29_eventTime_epoch_ms": "eventTime",
    "43_dataset_no_namespace": "inputs[0].namespace",
    "45_dataset_empty_namespace": "outputs[0].namespace",
    "49_facets_list": "job.facets",
    "65_schemaURL_future": "found none of them",
    "72_gzip_body": "expected JSON in UTF-8",
}


def event(**more: Any) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-01-02T03:04:05.678Z",
        "run": {"runId": RUN},
        "job": {"namespace": "ns", "name": "j"},
        **more,
    }


def read(value: Any) -> Observation:
    found = read_event(json.dumps(value).encode(), "here:1")
    assert isinstance(found, Observation), found
    return found


@pytest.mark.parametrize("path", sorted(MALFORMED.glob("*.bin")), ids=lambda p: p.stem)
def test_every_odd_body_is_taken_or_refused_with_a_reason(path: Path):
    found = read_event(path.read_bytes(), path.name)

    if isinstance(found, Unreadable):
        assert REFUSED[path.stem] in found.reason
    else:
        said = TAKEN[path.stem]
        assert said is not None
        assert said in " ".join(found.warnings)
        assert bool(said) == bool(found.warnings)


def test_the_kind_is_told_by_shape_and_never_by_schema_url():
    url = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
    run = read(event(schemaURL=url + "DatasetEvent"))
    job = read({k: v for k, v in event(schemaURL=url + "RunEvent").items() if k != "run"})
    dataset = read({"eventTime": "2026-01-02T03:04:05Z", "dataset": {"namespace": "n", "name": "d"}})

    assert [type(o.facts[0]) for o in (run, job, dataset)] == [RunFact, JobFact, DatasetFact]


def test_a_dataset_and_a_job_without_a_run_are_no_event():
    value = {k: v for k, v in event(dataset={"namespace": "n", "name": "d"}).items() if k != "run"}

    found = read_event(json.dumps(value).encode(), "here:1")

    assert isinstance(found, Unreadable)
    assert found.reason == "expected run and job, or job, or dataset; found job, dataset"


def test_a_run_is_known_by_its_id_and_its_job():
    fact = read(event(run={"runId": RUN.upper()})).facts[0]

    assert isinstance(fact, RunFact)
    assert fact.run == RunKey(RUN, Name("ns", "j"))


def test_names_are_kept_byte_for_byte():
    name = '"quoted"  é\u0301\t<script> %41'
    fact = read(event(job={"namespace": "n ", "name": name})).facts[0]

    assert isinstance(fact, RunFact)
    assert fact.run.job == Name("n ", name)


def test_the_version_facet_names_the_version_that_was_used():
    use = {"namespace": "n", "name": "d", "facets": {"version": {"datasetVersion": "7"}}}
    fact = read(event(inputs=[use], outputs=[{"namespace": "n", "name": "e"}])).facts[0]

    assert isinstance(fact, RunFact)
    assert [u.version for u in (*fact.inputs, *fact.outputs)] == ["7", None]


def test_a_dropped_output_is_marked_because_nothing_was_produced():
    facets = {"lifecycleStateChange": {"lifecycleStateChange": "DROP"}}
    fact = read(event(outputs=[{"namespace": "n", "name": "d", "facets": facets}])).facts[0]

    assert isinstance(fact, RunFact)
    assert fact.outputs[0].role == "drop"


def test_key_order_white_space_and_escapes_do_not_change_the_event_id_but_the_raw_digest():
    one = b'{"eventTime":"2026-01-02T03:04:05Z","dataset":{"namespace":"n","name":"\\u00e9"}}'
    other = '{ "dataset": {"name": "é", "namespace": "n"}, "eventTime": "2026-01-02T03:04:05Z" }'.encode()

    a, b = read_event(one, ""), read_event(other, "")

    assert isinstance(a, Observation)
    assert isinstance(b, Observation)
    assert a.event_id == b.event_id
    assert a.raw_digest != b.raw_digest


def test_duplicate_keys_the_last_one_wins():
    raw = b'{"eventTime":"2026-01-02T03:04:05Z","dataset":{"namespace":"n","name":"a","name":"b"}}'
    found = read_event(raw, "")

    assert isinstance(found, Observation)
    assert isinstance(found.facts[0], DatasetFact)
    assert found.facts[0].dataset.name == "b"


def test_a_query_plan_nested_100_deep_is_taken():
    plan: dict[str, Any] = {}
    for _ in range(100):
        plan = {"child": [plan]}

    assert read(event(run={"runId": RUN, "facets": {"plan": plan}})).warnings == ()
