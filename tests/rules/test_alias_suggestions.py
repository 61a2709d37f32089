"""Names that read alike are suggested once, with what they differ in, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.alias_suggestions import Suggestion, suggest, unknown_pairs
from schemas.observation import Name


@pytest.mark.parametrize(
    ("a", "b", "why"),
    [
        (Name("duckdb", '"s"."raw"."wine"'), Name("duckdb", "s.raw.wine"), "quotes"),
        (Name("duckdb", "`raw`.wine"), Name("duckdb", "raw.[wine]"), "quotes"),
        (Name("file", "/tmp/x.csv"), Name("file:///tmp", "x.csv"), "file path"),  # noqa: S108
        (Name("file:", "/data//x.csv"), Name("file", "/data/x.csv"), "file path"),
        (Name("s3://bucket", "a/b/"), Name("s3://bucket/", "a/b"), "slashes"),
        (Name("hdfs://nn/warehouse", "t"), Name("hdfs://nn", "/warehouse/t"), "where the path is split"),
        (
            Name("postgres://warehouse", "PUBLIC.Loans"),
            Name("postgres://warehouse", "public.loans"),
            "letter case",
        ),
    ],
)
def test_names_that_read_alike_are_suggested_with_what_they_differ_in(a, b, why):
    first, second = sorted((a, b))

    assert suggest([a, b]) == [Suggestion(first, second, why)]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Name("postgres://one", "loans"), Name("postgres://two", "loans")),
        (Name("file", "/data/a.csv"), Name("file", "/data/b.csv")),
        (Name("hdfs://x", "/data/a"), Name("file", "/data/a")),
    ],
)
def test_names_that_differ_in_more_are_left_alone(a, b):
    assert suggest([a, b]) == []


def test_a_pair_that_is_decided_is_not_suggested_again():
    found = suggest([Name("n", "A"), Name("n", "a"), Name("n", '"a"')])

    left = list(unknown_pairs(found, {frozenset((Name("n", "A"), Name("n", "a")))}))

    assert [(s.a.name, s.b.name) for s in left] == [('"a"', "a")]


@given(st.lists(st.builds(Name, st.text(max_size=8), st.text(max_size=8)), max_size=12), st.randoms())
def test_the_order_of_names_changes_nothing(names, random):
    shuffled = list(names)
    random.shuffle(shuffled)

    assert suggest(names) == suggest(shuffled)
    assert all(s.a < s.b for s in suggest(names))


def test_a_dataset_in_the_namespace_of_a_job_may_be_the_one_other_of_its_name():
    mine, theirs, third = Name("dlt", "raw.wine"), Name("duckdb:///x", '"raw"."wine"'), Name("pg", "raw.wine")

    assert [s.why for s in suggest([mine, theirs], {"dlt"})] == ["namespace of a job"]
    assert suggest([mine, theirs], {"other"}) == []
    assert suggest([mine, theirs, third], {"dlt"}) == []
