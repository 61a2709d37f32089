"""What became of a run."""

from typing import Any

import pytest

from registry.rules.facets import derivations, find_parent
from registry.rules.runs import RunState, reduce
from schemas.observation import DatasetUse, Name, RunFact, RunKey

JOB = Name("ns", "train")
RUN = RunKey("3b452093-782c-4ef2-9c0c-aafe2aa6f34d", JOB)


def event(state: str | None, second: int, **more: Any) -> RunFact:
    return RunFact(RUN, state, f"2026-01-02T03:04:{second:02}Z", second * 10**9, **more)


def at(second: int) -> str:
    return f"2026-01-02T03:04:{second:02}Z"


def shown(run: RunState) -> tuple[str, str | None, str | None]:
    return run.state, run.started_at, run.ended_at


@pytest.mark.parametrize(
    ("events", "state", "started", "ended"),
    [
        ([("START", 1), ("COMPLETE", 9)], "COMPLETE", 1, 9),
        ([("COMPLETE", 9), ("START", 1)], "COMPLETE", 1, 9),
        ([("START", 1), ("COMPLETE", 5), ("OTHER", 7), ("START", 8)], "COMPLETE", 1, 5),
        ([("START", 1), ("FAIL", 3), ("COMPLETE", 6)], "COMPLETE", 1, 6),
        ([("FAIL", 3), ("FAIL", 4)], "FAIL", None, 4),
        ([("START", 5), ("COMPLETE", 5)], "COMPLETE", 5, 5),
        ([("COMPLETE", 5), ("FAIL", 5)], "FAIL", None, 5),
        ([("COMPLETE", 5), ("ABORT", 5)], "ABORT", None, 5),
        ([("START", 1), ("RUNNING", 2), ("OTHER", 3)], "RUNNING", 1, None),
        ([("OTHER", 3), (None, 4)], "OTHER", None, None),
        ([("START", 4), ("START", 2)], "START", 2, None),
        ([("RUNNING", 4)], "RUNNING", None, None),
    ],
)
def test_the_state_follows_from_all_events_whatever_their_order(
    events: list[tuple[str | None, int]], state: str, started: int | None, ended: int | None
):
    expected = (state, None if started is None else at(started), None if ended is None else at(ended))
    facts = [event(*each) for each in events]

    assert shown(reduce(facts)) == expected
    assert shown(reduce(reversed(facts))) == expected


def test_a_run_without_a_start_event_has_no_start():
    assert reduce([event("COMPLETE", 9)]).started_at is None


def test_a_job_that_streams_is_known_from_any_event():
    kind = {"jobType": {"processingType": "STREAMING", "integration": "FLINK"}}

    assert reduce([event("START", 1, job_facets=kind), event("RUNNING", 2)]).streaming
    assert not reduce([event("START", 1), event("RUNNING", 2)]).streaming


def test_no_events_are_no_run():
    with pytest.raises(ValueError, match="without events"):
        reduce([])


@pytest.mark.parametrize("key", ["parent", "parentRun"])
def test_the_parent_is_found_under_both_its_names(key: str):
    facet = {"run": {"runId": RUN.run_id.upper()}, "job": {"namespace": "ns", "name": "train"}}

    assert find_parent({key: facet}) == RUN


@pytest.mark.parametrize(
    "facet",
    [
        None,
        [],
        {},
        {"run": {}},
        {"run": {"runId": "x"}, "job": {"namespace": "a", "name": "b"}},
        {"run": "x"},
    ],
)
def test_a_parent_that_names_no_run_is_passed_over(facet: Any):
    assert find_parent({"parent": facet}) is None


def test_column_lineage_names_sources_that_the_run_does_not_list():
    facet = {
        "fields": {"a": {"inputFields": [{"namespace": "n", "name": "raw", "field": "x"}]}},
        "dataset": [{"namespace": "n", "name": "filter", "field": "y"}],
    }
    fact = event("COMPLETE", 9, outputs=(DatasetUse(Name("n", "out"), facets={"columnLineage": facet}),))

    assert derivations(fact) == {
        (Name("n", "raw"), Name("n", "out")),
        (Name("n", "filter"), Name("n", "out")),
    }


def test_the_lineage_facet_is_the_whole_picture_where_it_is_present():
    columns = {"fields": {"a": {"inputFields": [{"namespace": "n", "name": "raw", "field": "x"}]}}}
    use = DatasetUse(Name("n", "out"), facets={"columnLineage": columns, "lineage": {"inputs": []}})

    assert derivations(event("COMPLETE", 9, outputs=(use,))) == set()


def test_the_lineage_facet_of_a_job_names_pairs():
    entry = {
        "namespace": "n",
        "name": "out",
        "type": "DATASET",
        "inputs": [
            {"namespace": "n", "name": "a", "type": "DATASET"},
            {"namespace": "j", "name": "b", "type": "JOB"},
        ],
        "fields": {"f": {"inputs": [{"namespace": "n", "name": "c", "type": "DATASET", "field": "g"}]}},
    }
    fact = event("COMPLETE", 9, job_facets={"lineage": {"entries": [entry, "junk"]}})

    assert derivations(fact) == {(Name("n", "a"), Name("n", "out")), (Name("n", "c"), Name("n", "out"))}


@pytest.mark.parametrize(
    "junk", [None, 7, [], "x", {"fields": 1}, {"fields": {"a": []}}, {"dataset": [1, {}]}]
)
def test_facets_of_any_shape_never_stop_an_import(junk: Any):
    facets = {"columnLineage": junk, "lineage": junk, "symlinks": junk}
    use = DatasetUse(Name("n", "out"), facets=facets)

    assert derivations(event("COMPLETE", 9, outputs=(use,), job_facets={"lineage": junk})) == set()
