"""Results of other tools: each format is told by its content, and what is broken is refused in words."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.evaluations.results import read_results
from schemas.errors import Malformed
from schemas.evaluation import Polarity
from schemas.evaluation_report import EvaluationReport, Metric, Outcome, number_text, parse_report

SELECTED = Polarity("selected")
FAIRLEARN = [
    {"sex": "F", "selection_rate": 0.3, "count": 10.0, "accuracy": 0.75},
    {"sex": "M", "selection_rate": 0.5, "count": 20.0, "accuracy": 0.8},
]
AEQUITAS = (
    "model_id,score_threshold,attribute_name,attribute_value,tp,fp,fn,tn,group_size\n"
    "0,binary,sex,F,3,1,2,4,10\n0,binary,sex,M,8,2,1,9,20\n0,binary,age,old,5,1,1,3,10\n"
)
JUNIT = (
    '<testsuites><testsuite name="s"><testcase classname="a.b" name="ok"/>'
    '<testcase classname="a.b" name="bad"><failure message="2 != 3">trace</failure></testcase>'
    '<testcase name="odd"><error>boom\nmore</error></testcase>'
    '<testcase name="later"><skipped/></testcase></testsuite></testsuites>'
)
SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "scan", "rules": [{"id": "R1"}, {"id": "R2"}, {"id": "R3"}]}},
            "results": [
                {"ruleId": "R1", "message": {"text": "a hole"}},
                {"ruleId": "R2", "level": "note", "message": {"text": "a hint"}},
            ],
        }
    ],
}


def read(value: object, kind: str | None = None, name: str = "results"):
    data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
    return read_results(name, data, SELECTED, kind)


def test_fairlearn_gives_counts_of_groups_and_the_other_numbers_by_group():
    found = read(FAIRLEARN)

    assert [(g.label, g.n, g.selected) for g in found.bias[0].groups] == [("F", 10, 3), ("M", 20, 10)]
    assert found.bias[0].attribute == "sex"
    assert Metric("accuracy", (("sex", "F"),), "0.75") in found.metrics
    assert found.warnings == ()


def test_a_rate_that_gives_no_whole_people_is_said():
    found = read([{"sex": "F", "selection_rate": 0.33, "count": 10}])

    assert found.bias[0].groups[0].selected == 3
    assert found.warnings == ("row 1: 0.33 of 10 people is not whole, taken as 3",)


def test_crossed_groups_keep_both_labels():
    found = read([{"sex": "F", "age": "old", "selection_rate": 0.5, "count": 2}])

    assert (found.bias[0].attribute, found.bias[0].groups[0].label) == ("sex*age", "F, old")


def test_aequitas_gives_confusion_counts_per_attribute():
    found = read(AEQUITAS)

    assert [check.attribute for check in found.bias] == ["sex", "age"]
    first = found.bias[0].groups[0]
    assert (first.label, first.n, first.selected) == ("F", 10, 4)
    assert first.confusion is not None
    assert (first.confusion.tn, first.confusion.tp) == (4, 3)


def test_junit_gives_the_outcome_of_each_case():
    assert read(JUNIT).outcomes == (
        Outcome("a.b.ok", "pass"),
        Outcome("a.b.bad", "fail", "2 != 3"),
        Outcome("odd", "error", "boom"),
        Outcome("later", "skipped"),
    )


def test_sarif_gives_findings_and_rules_that_found_nothing():
    assert read(SARIF).outcomes == (
        Outcome("scan/R1", "fail", "a hole"),
        Outcome("scan/R2", "skipped", "a hint"),
        Outcome("scan/R3", "pass"),
    )


def sarif(results: list[dict[str, object]], **run: object) -> dict[str, object]:
    driver = {"name": "scan", "rules": [{"id": "R1"}, {"id": "R2"}]}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results, **run}]}


@pytest.mark.parametrize(
    ("item", "outcome"),
    [
        ({"ruleIndex": 1}, Outcome("scan/R2", "fail")),
        ({"rule": {"index": 1}}, Outcome("scan/R2", "fail")),
        ({"ruleIndex": 9}, Outcome("scan/unnamed", "fail")),
        ({"ruleId": "R1", "kind": "informational"}, Outcome("scan/R1", "skipped")),
        ({"ruleId": "R1", "suppressions": [{"kind": "inSource"}]}, Outcome("scan/R1", "skipped")),
        ({"ruleId": "R1", "baselineState": "absent"}, Outcome("scan/R1", "pass")),
    ],
)
def test_sarif_findings_are_told_by_rule_kind_and_baseline(item, outcome):
    assert read(sarif([item])).outcomes[0] == outcome


def test_a_sarif_run_that_broke_off_passes_no_rule():
    found = read(sarif([], invocations=[{"executionSuccessful": False}])).outcomes

    assert [(o.name, o.result) for o in found] == [("scan", "error")]


def test_numbers_by_name_keep_their_digits_and_say_what_is_no_number():
    found = read('{"accuracy": 0.1, "loss": NaN, "nested": {"f1": 1e-7}, "flag": true, "n": 12}')

    assert {m.name: m.value for m in found.metrics} == {
        "accuracy": "0.1",
        "loss": "nan",
        "nested/f1": "0.0000001",
        "n": "12",
    }


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        ("", None, "empty"),
        ("{", None, "not JSON"),
        ("[]", None, "no format of results"),
        ('{"a": "b"}', None, "no format of results"),
        ('{"a": "\\ud800", "b": 1}', None, "not JSON"),
        ("a,b\n1,2\n", None, "no format of results"),
        ('[{"sex": "F", "selection_rate": 1.5, "count": 2}]', None, "a share from 0 to 1"),
        ('[{"sex": "F", "selection_rate": 0.5, "count": 2.5}]', None, "a number of people"),
        ('[{"selection_rate": 0.5, "count": 2}]', None, "no column names the groups"),
        (AEQUITAS.replace(",3,1,2,4,", ",3,1,2,x,"), None, "line 2: tn: expected a number of people"),
        (AEQUITAS + "0,binary,sex,F,3,1,2,4,10\n", None, "'F' is there twice"),
        ("<testsuite></testsuite>", None, "no test case"),
        ("<testsuite><testcase", None, "not XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><testsuite><testcase name="&b;"/></testsuite>', None, "entities"),
        ('{"version": "1.0.0", "runs": []}', None, "expected 2.1.0"),
        ('{"version": "2.1.0", "runs": [{}]}', None, "not SARIF"),
        ('{"accuracy": 1}', "sarif", "not what sarif writes"),
        ("[" * 100_000, None, "not JSON"),
        ('{"n": ' + "9" * 5000 + "}", None, "not JSON"),
    ],
)
def test_what_is_broken_is_refused_with_the_place(content, kind, said):
    with pytest.raises(Malformed) as refused:
        read(content, kind)

    assert said in refused.value.message


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_reads_back_as_the_same_float(value):
    text = number_text(value)

    assert float(text) == value
    assert "e" not in text.lower()
    assert text == "0" or not text.endswith((".", "-0"))
    assert Decimal(text) == Decimal(repr(value))


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
REPORTS = st.builds(
    EvaluationReport,
    NAMES,
    st.just((("digest", "sha256:0"), ("name", "f"), ("size", 1))),
    st.lists(
        st.builds(
            Metric,
            NAMES,
            st.lists(st.tuples(NAMES, NAMES), max_size=2).map(lambda part: tuple(sorted(part))),
            st.one_of(st.floats().map(number_text), st.just("nan")),
        ),
        max_size=4,
    ).map(lambda found: tuple(sorted(found))),
    st.lists(st.builds(Outcome, NAMES, st.sampled_from(["pass", "fail"]), NAMES), max_size=3).map(
        lambda found: tuple(sorted(found))
    ),
)


@given(REPORTS)
def test_a_report_reads_back_as_it_was_written(report):
    assert parse_report(report.to_bytes()) == report
