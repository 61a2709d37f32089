"""What all events of a run say together about facets, whoever came first."""

from itertools import permutations
from typing import Any

from importers.openlineage.statements import read_statement
from registry.rules.run_record import RunRecord, record_run
from schemas.identity import compact
from schemas.observation import Name, RunKey
from schemas.run_statement import RunStatement

PARENT = "0190b5f0-5b6f-7c3a-9a40-1d2f3c4b5a69"


def said(kind: str | None, second: int, **members: Any) -> RunStatement:
    event = {
        "eventType": kind,
        "eventTime": f"2026-01-02T03:04:{second:02}Z",
        "producer": "https://example.org/p",
        "run": {"runId": "0190b5f0-0000-7000-8000-000000000001", "facets": members.get("run", {})},
        "job": {"namespace": "j", "name": "train", "facets": members.get("job", {})},
        "inputs": members.get("inputs", []),
        "outputs": members.get("outputs", []),
    }
    found = read_statement(compact(event))
    assert found is not None
    return found


def values(record: RunRecord) -> dict[str, Any]:
    return {facet.name: facet.value for facet in record.run_facets}


def test_a_facet_is_replaced_whole_by_the_later_event_in_any_order():
    first = said("START", 1, run={"nominalTime": {"a": 1, "b": 1}, "kept": {"x": 1}})
    later = said("COMPLETE", 2, run={"nominalTime": {"a": 2}})

    for order in permutations([first, later, first]):
        record = record_run(order)
        assert values(record) == {"nominalTime": {"a": 2}, "kept": {"x": 1}}
        said_by = {facet.name: order[facet.said_by] for facet in record.run_facets}
        assert said_by == {"nominalTime": later, "kept": first}


def test_of_two_events_at_one_time_the_terminal_one_counts():
    start = said("START", 1, run={"f": {"v": "start"}})
    end = said("COMPLETE", 1, run={"f": {"v": "end"}})

    assert values(record_run([end, start])) == values(record_run([start, end])) == {"f": {"v": "end"}}


def test_job_and_dataset_facets_can_be_deleted_and_stay_deleted():
    dataset = {"namespace": "n", "name": "d"}
    old = said("START", 1, job={"sql": {"query": "q"}}, outputs=[{**dataset, "facets": {"owner": {"v": 1}}}])
    gone = {"_deleted": True}
    new = said("COMPLETE", 2, job={"sql": gone}, outputs=[{**dataset, "facets": {"owner": gone}}])

    for order in permutations([old, new]):
        record = record_run(order)
        assert record.job_facets == ()
        assert [use.facets for use in record.outputs] == [()]


def test_facets_of_runs_and_of_uses_cannot_be_deleted():
    use = {"namespace": "n", "name": "d", "inputFacets": {"dataQualityMetrics": {"_deleted": True}}}
    record = record_run([said("START", 1, run={"f": {"_deleted": True}}, inputs=[use])])

    assert values(record) == {"f": {"_deleted": True}}
    assert [facet.name for facet in record.inputs[0].use_facets] == ["dataQualityMetrics"]


def test_the_old_name_of_the_parent_facet_is_the_parent_facet():
    named = {"run": {"runId": PARENT}, "job": {"namespace": "j", "name": "dag"}}
    root = {"run": {"runId": PARENT.upper()}, "job": {"namespace": "j", "name": "top"}}
    old = said("START", 1, run={"parentRun": named})
    new = said("RUNNING", 2, run={"parent": {**named, "root": root}})

    assert values(record_run([old])) == {"parent": named}
    record = record_run([new, old])
    assert record.parent == RunKey(PARENT, Name("j", "dag"))
    assert record.root == RunKey(PARENT, Name("j", "top"))
    assert set(values(record)) == {"parent"}


def test_dependencies_are_the_union_over_all_events():
    def on(name: str) -> dict[str, Any]:
        return {"jobDependencies": {"upstream": [{"job": {"namespace": "j", "name": name}}]}}

    record = record_run([said("START", 1, run=on("a")), said("COMPLETE", 2, run=on("b"))])

    assert record.upstream == (Name("j", "a"), Name("j", "b"))
    assert record.downstream == ()


def test_assertions_are_found_wherever_the_producer_put_them():
    facet = {"dataQualityAssertions": {"assertions": [{"assertion": "not_null", "success": True}]}}
    as_facet = {"namespace": "n", "name": "structured", "facets": facet}
    as_use = {"namespace": "n", "name": "artifact", "inputFacets": facet}

    record = record_run([said("COMPLETE", 1, inputs=[as_facet, as_use])])

    assert [use.assertions for use in record.inputs] == [facet["dataQualityAssertions"]["assertions"]] * 2


def test_a_dataset_listed_twice_by_one_event_says_the_same_whichever_stands_first():
    one = {"namespace": "n", "name": "d", "facets": {"owner": {"v": 1}}}
    other = {"namespace": "n", "name": "d", "facets": {"owner": {"v": 2}}}

    records = [record_run([said("COMPLETE", 1, inputs=listed)]) for listed in ([one, other], [other, one])]

    assert [record.inputs[0].facets[0].value for record in records] == [{"v": 2}, {"v": 2}]


def test_bytes_that_are_no_run_event_state_nothing():
    for raw in (b"", b"[]", b"{", b'{"eventTime": "2026-01-02T03:04:05Z"}', b'{"eventTime": 5, "run": {}}'):
        assert read_statement(raw) is None


def test_any_order_of_many_events_is_the_same_record():
    events = [
        said(kind, second, run={"f": {"v": number}}, inputs=[{"namespace": "n", "name": str(number % 3)}])
        for number, (kind, second) in enumerate(
            (kind, second) for second in (1, 2) for kind in ("START", "RUNNING", None, "COMPLETE")
        )
    ]
    shuffled = (events * 2)[::-1]

    one, other = record_run(events), record_run(shuffled)

    assert values(one) == values(other) == {"f": {"v": 7}}
    assert [use.dataset for use in one.inputs] == [use.dataset for use in other.inputs]
