"""One OpenLineage event: from exact bytes to an observation, or to the reason it cannot be taken.

The gate is small on purpose (interop section 4.3): a JSON object, one of three shapes, a time that parses,
a run id that is a UUID, names that are non-empty text, containers that are containers. Everything else is
kept as it is: current releases of real producers break the published schemas, and a refused event is lost.
"""

import re
import uuid
from typing import Any

import msgspec

from importers.openlineage.facet_shapes import find_fault
from importers.openlineage.times import parse_event_time
from schemas.identity import event_likeness, raw_digest
from schemas.observation import (
    RANKS,
    DatasetFact,
    DatasetUse,
    Facets,
    Fact,
    JobFact,
    Name,
    Observation,
    RunFact,
    RunKey,
    Unreadable,
)

MAX_DEPTH = 500
"""Deeper nesting is refused; query plans of real engines stay far below it."""

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A UUID in its usual form; others are understood too."""

_decoder = msgspec.json.Decoder()


class NotAnEvent(ValueError):
    """Bytes that cannot be taken; the message is the reason a person reads."""


def read_event(raw: bytes, position: str) -> Observation | Unreadable:
    """Return what `raw`, one JSON value without surrounding white space, states."""
    try:
        value = decode(raw)
        return observe(raw, value, position)
    except NotAnEvent as error:
        return Unreadable(raw, raw_digest(raw), position, str(error))


def decode(raw: bytes) -> Any:
    """Return the JSON value of `raw`, strictly; raise NotAnEvent for anything that is not JSON in UTF-8."""
    try:
        value = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotAnEvent(_why_not_json(raw, error)) from error
    except RecursionError as error:
        raise NotAnEvent(f"nested deeper than {MAX_DEPTH}") from error
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _is_deep(value):
        raise NotAnEvent(f"nested deeper than {MAX_DEPTH}")
    return value


def observe(raw: bytes, value: Any, position: str) -> Observation:
    """Return the observation that the decoded `value` of `raw` makes; raise NotAnEvent with a reason."""
    if not isinstance(value, dict):
        raise NotAnEvent(f"expected an OpenLineage event, a JSON object, found {_kind(value)}")
    warnings: list[str] = []
    fact = _fact(value, warnings)
    about = value["job"] if "job" in value else value["dataset"]
    likeness = event_likeness(value.get("eventType"), value["eventTime"], about["namespace"], about["name"])
    return Observation(raw, raw_digest(raw), likeness, position, (fact,), tuple(warnings))


def _fact(event: dict[str, Any], warnings: list[str]) -> Fact:
    has_run, has_job, has_dataset = "run" in event, "job" in event, "dataset" in event
    if not (has_run and has_job) and has_dataset == has_job:
        found = ", ".join(k for k in ("run", "job", "dataset") if k in event) or "none of them"
        raise NotAnEvent(f"expected run and job, or job, or dataset; found {found}")
    try:
        time = parse_event_time(event.get("eventTime"))
    except ValueError as error:
        raise NotAnEvent(str(error)) from error
    if time.warning:
        warnings.append(time.warning)
    if not has_job:
        name, facets = _entity(event["dataset"], "dataset", warnings)
        return DatasetFact(name, time.text, time.instant, facets)
    job, job_facets = _entity(event["job"], "job", warnings)
    inputs = _uses(event, "inputs", "inputFacets", warnings)
    outputs = _uses(event, "outputs", "outputFacets", warnings)
    if not has_run:
        return JobFact(job, time.text, time.instant, inputs, outputs, job_facets)
    run = event["run"]
    if not isinstance(run, dict):
        raise NotAnEvent(f"run: expected an object, found {_kind(run)}")
    key = RunKey(_run_id(run.get("runId"), warnings), job)
    state = _state(event.get("eventType"), warnings)
    run_facets = _facets(run.get("facets"), "run.facets", "run", warnings)
    return RunFact(key, state, time.text, time.instant, inputs, outputs, run_facets, job_facets)


def _run_id(value: Any, warnings: list[str]) -> str:
    if not isinstance(value, str):
        raise NotAnEvent(f"run.runId: expected a UUID, found {_kind(value)}")
    if UUID.fullmatch(value):
        return value
    try:
        normal = str(uuid.UUID(value))
    except ValueError as error:
        raise NotAnEvent(f"run.runId: expected a UUID, found {value[:60]!r}") from error
    warnings.append(f"run.runId {value[:60]!r} was read as {normal}")
    return normal


def _state(value: Any, warnings: list[str]) -> str | None:
    if value is None or (isinstance(value, str) and value in RANKS):
        return value
    if isinstance(value, str) and value.upper() in RANKS:
        warnings.append(f"eventType {value!r} was read as {value.upper()}")
        return value.upper()
    warnings.append(f"eventType {str(value)[:60]!r} is unknown and was read as OTHER")
    return "OTHER"


def _uses(event: dict[str, Any], key: str, use_key: str, warnings: list[str]) -> tuple[DatasetUse, ...]:
    listed = event.get(key)
    if listed is None:
        if key in event:
            warnings.append(f"{key} is null and was read as absent")
        return ()
    if not isinstance(listed, list):
        raise NotAnEvent(f"{key}: expected a list, found {_kind(listed)}")
    return tuple(_use(item, f"{key}[{i}]", use_key, warnings) for i, item in enumerate(listed))


def _use(item: Any, where: str, use_key: str, warnings: list[str]) -> DatasetUse:
    name, facets = _entity(item, where, warnings)
    use_facets = _facets(item.get(use_key), f"{where}.{use_key}", use_key.removesuffix("Facets"), warnings)
    return dataset_use(name, facets, use_facets, is_output=use_key == "outputFacets")


def dataset_use(name: Name, facets: Facets, use_facets: Facets, *, is_output: bool) -> DatasetUse:
    """Return the use of a dataset that these facets describe."""
    version = facets.get("version")
    stated = version.get("datasetVersion") if isinstance(version, dict) else None
    role = "drop" if is_output and _is_drop(facets) else None
    return DatasetUse(
        name,
        version=str(stated) if isinstance(stated, str | int) and stated != "" else None,
        role=role,
        facets=facets,
        use_facets=use_facets,
    )


def _is_drop(facets: Facets) -> bool:
    # A dropped or truncated table is listed as an output, and yet nothing was produced.
    change = facets.get("lifecycleStateChange")
    return isinstance(change, dict) and change.get("lifecycleStateChange") in ("DROP", "TRUNCATE")


def _entity(value: Any, where: str, warnings: list[str]) -> tuple[Name, Facets]:
    if not isinstance(value, dict):
        raise NotAnEvent(f"{where}: expected an object, found {_kind(value)}")
    namespace, name = value.get("namespace"), value.get("name")
    for key, text in (("namespace", namespace), ("name", name)):
        if not isinstance(text, str) or not text:
            raise NotAnEvent(f"{where}.{key}: expected non-empty text, found {_kind(text)}")
    facets = value.get("facets")
    entity = "job" if where == "job" else "dataset"
    return Name(str(namespace), str(name)), _facets(facets, f"{where}.facets", entity, warnings)


def _facets(value: Any, where: str, entity: str, warnings: list[str]) -> Facets:
    if not value and (value is None or isinstance(value, dict)):
        return {}
    if not isinstance(value, dict):
        raise NotAnEvent(f"{where}: expected an object, found {_kind(value)}")
    odd = {}
    for name, facet in value.items():
        if not isinstance(facet, dict):
            odd[name] = _kind(facet)
        elif (fault := find_fault(entity, name, facet)) is not None:
            warnings.append(f"{entity} facet {name[:60]}: {fault}")
    if not odd:
        return value
    warnings.extend(f"{where}.{name[:60]}: expected an object, found {kind}" for name, kind in odd.items())
    return {name: facet for name, facet in value.items() if name not in odd}


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        ]
        if not level:
            return False
    return True


def _why_not_json(raw: bytes, error: Exception) -> str:
    if not raw:
        return "empty"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or raw[:4].count(0) > 0:
        return "expected JSON in UTF-8, found what looks like UTF-16 or UTF-32"
    return f"not JSON: {error}"


def _kind(value: Any) -> str:
    """Name a JSON value's kind as a person does."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text" if value else "empty text"
    return "a list" if isinstance(value, list) else "an object"
