"""Which jobs of dbt are one, and which are only the statements of another (interop section 1.12).

1. The same model has a job under three names, as it was run, built, or followed through its log. What they
   share is the node's unique id, in the `dbt_node` facet or as the name itself. A model's tests have a unique
   id too, the model's, and are another job: the type tells them apart.
2. A test names a table of failures as its output, which exists only where dbt was told to store failures.
3. A job of type SQL that ran inside another is one statement of it, many of them no more than BEGIN.
"""

import re
from typing import Any

import msgspec

from schemas.observation import Facets, Name

TRAITS = ("jobType", "dbt_node")
"""The facets of a job that these rules read."""

STATEMENT = "statement inside the job"
"""Why a job of type SQL is shown in another."""

_AUDIT = "dbt_test__audit"
_UNIQUE_ID = re.compile(r"(?:model|seed|snapshot|test|unit_test|analysis|operation)\.[^.]+\..+", re.DOTALL)


class Unit(msgspec.Struct, frozen=True, order=True):
    """What jobs under several names are: a dbt node, in one namespace, in one role."""

    namespace: str
    unique_id: str
    type: str


class Traits(msgspec.Struct, frozen=True):
    """What a job is; `why` says how its unit was known: `dbt_node.unique_id` or `job name`."""

    statement: bool = False
    unit: Unit | None = None
    why: str = ""
    test: bool = False


def traits_of(job: Name, facets: Facets) -> Traits:
    """Return what the facets in force and the name say about the job."""
    job_type, node = _dict(facets, "jobType"), _dict(facets, "dbt_node")
    kind = str(job_type.get("jobType") or "").upper()
    if kind == "SQL":
        return Traits(statement=True)
    unique_id = node.get("unique_id")
    is_dbt = str(job_type.get("integration") or "").upper() == "DBT"
    test = is_dbt and kind == "TEST"
    if isinstance(unique_id, str) and unique_id:
        return Traits(unit=Unit(job.namespace, unique_id, kind), why="dbt_node.unique_id", test=test)
    if is_dbt and _UNIQUE_ID.fullmatch(job.name):
        return Traits(unit=Unit(job.namespace, job.name, kind), why="job name", test=test)
    return Traits(test=test)


def is_phantom(traits: Traits, dataset: Name) -> bool:
    """Tell whether the dataset is the one that dbt lists as every test's output and mostly never writes."""
    return traits.test and _AUDIT in dataset.name


def _dict(facets: Facets, name: str) -> dict[str, Any]:
    facet = facets.get(name)
    return facet if isinstance(facet, dict) else {}
