"""What facets say about other things: parents, aliases, derivations, dependencies.

Facets come from anybody. What is not shaped as published is passed over here and stays in the raw event.
"""

import re
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.observation import Facets, JobFact, Name, RunFact, RunKey

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def parent_facet(run_facets: Facets) -> Any:
    """Return the facet that names the parent run, or None; `parentRun` is its old name."""
    return run_facets.get("parent") or run_facets.get("parentRun")


def find_parent(run_facets: Facets) -> RunKey | None:
    """Return the run that contains this one, or None; `parentRun` is the facet's old name."""
    return _run_key(run_facets.get("parent") or run_facets.get("parentRun"))


def find_root(run_facets: Facets) -> RunKey | None:
    """Return the run at the top of the containment, as the parent facet names it, or None."""
    facet = run_facets.get("parent") or run_facets.get("parentRun")
    return _run_key(facet.get("root")) if isinstance(facet, dict) else None


def _run_key(facet: Any) -> RunKey | None:
    if not isinstance(facet, dict) or not isinstance(facet.get("run"), dict):
        return None
    job, run_id = _name(facet.get("job")), facet["run"].get("runId")
    if job is None or not isinstance(run_id, str):
        return None
    if _UUID.fullmatch(run_id):
        return RunKey(run_id, job)
    try:
        return RunKey(str(uuid.UUID(run_id)), job)
    except ValueError:
        return None


def dependencies(run_facets: Facets) -> Iterator[tuple[Name | None, Name | None]]:
    """Yield (upstream job, None) and (None, downstream job) of the `jobDependencies` facet."""
    facet = run_facets.get("jobDependencies")
    if not isinstance(facet, dict):
        return
    for item in _items(facet.get("upstream")):
        if (job := _name(item.get("job"))) is not None:
            yield job, None
    for item in _items(facet.get("downstream")):
        if (job := _name(item.get("job"))) is not None:
            yield None, job


def aliases(facets: Facets) -> Iterator[tuple[Name, str]]:
    """Yield other names of the dataset, each with the reason `symlink` or `rename`."""
    facet = facets.get("symlinks")
    if isinstance(facet, dict):
        for item in _items(facet.get("identifiers")):
            if (name := _name(item)) is not None:
                yield name, "symlink"
    change = facets.get("lifecycleStateChange")
    if isinstance(change, dict) and change.get("lifecycleStateChange") == "RENAME":
        previous = _name(change.get("previousIdentifier"))
        if previous is not None:
            yield previous, "rename"


def sources_of(facets: Facets) -> set[Name]:
    """Return the datasets that a dataset's own facets say it was made from.

    The `lineage` facet is the whole picture where it is present; else column lineage counts.
    """
    facet = facets.get("lineage")
    if isinstance(facet, dict) and not is_deleted(facet):
        return _lineage_inputs(facet)
    facet = facets.get("columnLineage")
    if not isinstance(facet, dict):
        return set()
    return _names(_pairs(facet.get("dataset")) | _field_pairs(facet.get("fields"), "inputFields"))


def tells_sources(facets: Facets) -> bool:
    """Say whether a dataset's own facets tell what it was made from."""
    return "columnLineage" in facets or "lineage" in facets


def derivations(fact: RunFact | JobFact) -> set[tuple[Name, Name]]:
    """Return (source, target) of every dataset the event says was made from another.

    What the `lineage` facet of the job says of a dataset is the whole picture of it.
    """
    stated = stated_by_job(fact.job_facets if isinstance(fact, RunFact) else fact.facets)
    pairs = {(source, target) for target, sources in stated.items() for source in sources}
    for use in (*fact.outputs, *fact.inputs):
        if use.dataset not in stated and tells_sources(use.facets):
            pairs |= {(source, use.dataset) for source in sources_of(use.facets)}
    return {(source, target) for source, target in pairs if source != target}


def stated_by_job(job_facets: Facets) -> dict[Name, set[Name]]:
    """Return the datasets that the `lineage` facet of a job speaks of, each with its other sources."""
    stated: dict[Name, set[Name]] = {}
    facet = job_facets.get("lineage")
    if isinstance(facet, dict) and not is_deleted(facet):
        for entry in _items(facet.get("entries")):
            target = _name(entry)
            if target is not None and entry.get("type", "DATASET") == "DATASET":
                stated.setdefault(target, set()).update(_lineage_inputs(entry) - {target})
    return stated


class JobTie(NamedTuple):
    """Data that flows from `source` to `target`, at least one of them a job."""

    source: Name
    target: Name
    is_job: tuple[bool, bool]


def job_ties(job_facets: Facets, own: Name) -> set[JobTie]:
    """Return what the `lineage` facet of the job `own` says that jobs read, wrote, or handed on."""
    ties: set[JobTie] = set()
    facet = job_facets.get("lineage")
    if not isinstance(facet, dict) or is_deleted(facet):
        return ties
    for entry in _items(facet.get("entries")):
        target, is_job = _end(entry, own)
        for item in _items(entry.get("inputs")):
            source, from_job = _end(item, own)
            if source is not None and target is not None and (is_job or from_job):
                ties.add(JobTie(source, target, (from_job, is_job)))
    return {tie for tie in ties if tie.is_job != (True, True) or tie.source != tie.target}


def _end(item: dict[str, Any], own: Name) -> tuple[Name | None, bool]:
    """Return one end of a tie and whether it is a job; a job without name is the event's own."""
    if item.get("type") != "JOB":
        return (_name(item) if item.get("type", "DATASET") == "DATASET" else None), False
    return (own if "name" not in item and "namespace" not in item else _name(item)), True


def is_deleted(facet: dict[str, Any]) -> bool:
    """Say whether the facet takes an earlier one away; both published spellings carry the mark."""
    return facet.get("_deleted") is True


def _lineage_inputs(entry: dict[str, Any]) -> set[Name]:
    return _names(_pairs(entry.get("inputs")) | _field_pairs(entry.get("fields"), "inputs"))


def _field_pairs(fields: Any, key: str) -> set[tuple[Any, Any]]:
    """Return (namespace, name) of the datasets that fields come from; wide tables name one very often."""
    found: set[tuple[Any, Any]] = set()
    for field in fields.values() if isinstance(fields, dict) else ():
        if isinstance(field, dict):
            found |= _pairs(field.get(key))
    return found


def _pairs(listed: Any) -> set[tuple[Any, Any]]:
    found: set[tuple[Any, Any]] = set()
    if listed.__class__ is list:
        for item in listed:
            if item.__class__ is dict and item.get("type", "DATASET") == "DATASET":
                namespace, name = item.get("namespace"), item.get("name")
                if namespace.__class__ is str and name.__class__ is str:
                    found.add((namespace, name))
    return found


def _names(pairs: set[tuple[Any, Any]]) -> set[Name]:
    return {Name(namespace, name) for namespace, name in pairs if namespace and name}


def _items(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _name(value: Any) -> Name | None:
    if not isinstance(value, dict):
        return None
    namespace, name = value.get("namespace"), value.get("name")
    if isinstance(namespace, str) and isinstance(name, str) and namespace and name:
        return Name(namespace, name)
    return None
