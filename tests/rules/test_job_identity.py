"""Which jobs of dbt are one, and which are only the statements of another."""

import pytest

from registry.rules.drift import find_drift
from registry.rules.job_identity import traits_of
from schemas.observation import Facets, Name

NODE = {"dbt_node": {"unique_id": "model.clinic.stg_wine"}}


def typed(kind: str, **more: object) -> Facets:
    return {"jobType": {"jobType": kind, "integration": "DBT", "processingType": "BATCH"}, **more}


@pytest.mark.parametrize(
    ("name", "facets", "why"),
    [
        ("clinic.main.clinic.stg_wine", typed("MODEL", **NODE), "dbt_node.unique_id"),
        ("clinic.main.clinic.stg_wine.build.run", typed("MODEL", **NODE), "dbt_node.unique_id"),
        ("model.clinic.stg_wine", typed("MODEL", **NODE), "dbt_node.unique_id"),
        ("model.clinic.stg_wine", typed("MODEL"), "job name"),
    ],
)
def test_three_names_of_one_models_job_are_one_unit(name: str, facets: Facets, why: str):
    traits = traits_of(Name("dbt", name), facets)

    assert traits.unit is not None
    assert (traits.unit.unique_id, traits.unit.type, traits.why) == ("model.clinic.stg_wine", "MODEL", why)


def test_a_models_tests_are_another_job_though_they_have_its_unique_id():
    model = traits_of(Name("dbt", "stg_wine.build.run"), typed("MODEL", **NODE))
    test = traits_of(Name("dbt", "stg_wine.build.test"), typed("TEST", **NODE))

    assert model.unit != test.unit


def test_a_job_of_another_producer_is_no_dbt_node_whatever_its_name():
    facets = {"jobType": {"jobType": "TASK", "integration": "AIRFLOW"}}

    assert traits_of(Name("airflow", "model.clinic.stg_wine"), facets).unit is None


def test_a_job_of_type_sql_is_a_statement_and_no_unit():
    traits = traits_of(Name("dbt", "model.clinic.stg_wine.sql.3"), typed("SQL"))

    assert traits.statement
    assert traits.unit is None


@pytest.mark.parametrize("facets", [{}, {"jobType": []}, {"jobType": {"jobType": 5}}, {"dbt_node": None}])
def test_facets_of_any_shape_are_no_reason_to_stop(facets: Facets):
    assert traits_of(Name("n", "job"), facets).unit is None


def test_drift_is_what_only_one_side_says_with_names_of_one_dataset_taken_as_one():
    found = find_drift(
        "job",
        [("input", "raw"), ("input", "old"), ("output", "hive.t")],
        [("input", "raw"), ("input", "new"), ("output", "hdfs.t")],
        {"hive.t": "t", "hdfs.t": "t"},
    )

    assert [(d.direction, d.dataset, d.kind) for d in found] == [
        ("input", "new", "observed-only"),
        ("input", "old", "declared-only"),
    ]


def test_a_job_that_never_ran_or_declares_nothing_does_not_drift():
    assert find_drift("job", [("input", "a")], [], {}) == []
    assert find_drift("job", [], [("input", "a")], {}) == []
