"""All about one dataset or one job: what events say, which event says it, and what was only declared."""

import sqlite3
from typing import Any

from registry.rules.drift import find_drift
from registry.store.aliases import Pair, list_pairs, list_pairs_of, with_aliases, written_names
from registry.store.codes import Relation
from registry.store.declared import declared_and_observed, declarers, observed
from registry.store.kin import Kin
from registry.store.life_cycle import LifeCycle, life_cycle
from registry.store.node_facets import facets_in_force
from registry.store.nodes import neighbours, node_names
from registry.store.run_events import RunRow, latest_runs
from registry.store.said import SaidBy, who_said_alias, who_said_facets
from registry.store.written import version_states
from schemas.observation import Facets, Name

_RUNS = 10


def show_dataset(connection: sqlite3.Connection, node: int) -> dict[str, Any]:
    """Return all that is known of a dataset under this name, with its other names beside it."""
    found = life_cycle(connection, node)
    return {
        "kind": "dataset",
        **_named(_name(connection, node)),
        "aliases": _aliases(connection, node),
        "life_cycle": None if found is None else _life_cycle(found),
        "versions": version_states(connection, node),
        "written_by": _writers(connection, node),
        "read_by": _readers(connection, node),
        "derived_from": _all_named(connection, neighbours(connection, node, "target", Relation.DERIVATION)),
        "declared_derived_from": _all_named(
            connection, neighbours(connection, node, "target", Relation.DECLARED_DERIVATION)
        ),
        "exposures": _exposures(facets_in_force(connection, node)),
        "facets": _facets(connection, node),
    }


def show_job(connection: sqlite3.Connection, node: int) -> dict[str, Any]:
    """Return all that is known of a job, its declarations beside what its runs did."""
    kin = Kin(connection)
    inside = neighbours(connection, node, "source", Relation.PARENT)
    statements = {job for job, is_a in kin.traits(inside).items() if is_a.statement}
    return {
        "kind": "job",
        **_named(_name(connection, node)),
        "same_as": _same(connection, kin, node),
        "statement_of": _all_named(connection, {kin.outermost(node)} - {node}),
        "statements": _all_named(connection, statements),
        "contains": _all_named(connection, inside - statements),
        "inside_of": _all_named(connection, neighbours(connection, node, "target", Relation.PARENT)),
        "depends_on": _all_named(connection, neighbours(connection, node, "target", Relation.DEPENDENCY)),
        "depended_on_by": _all_named(connection, neighbours(connection, node, "source", Relation.DEPENDENCY)),
        **_uses(connection, node, kin),
        "drift": job_drift(connection, node),
        "runs": [_run(row) for row in latest_runs(connection, node, _RUNS)],
        "facets": _facets(connection, node),
    }


def _same(connection: sqlite3.Connection, kin: Kin, node: int) -> list[dict[str, Any]]:
    names = node_names(connection, kin.siblings(node))
    return [{**_named(names[job]), "why": kin.why(job)} for job in sorted(names, key=lambda job: names[job])]


def job_drift(connection: sqlite3.Connection, job: int) -> list[dict[str, Any]]:
    """Return where what the job declares and what its runs did differ; names of one dataset are one."""
    found = declared_and_observed(connection, job)
    if found is None:
        return []
    names = node_names(connection, {dataset for side in found for _, dataset in side})
    same = {str(dataset): str(min(with_aliases(connection, {dataset}, set()))) for dataset in names}
    said, seen = ({(way, str(dataset)) for way, dataset in side} for side in found)
    found_drift = [
        (item.direction, names[int(item.dataset)], item.kind) for item in find_drift("", said, seen, same)
    ]
    return [{"direction": way, **_named(name), "kind": kind} for way, name, kind in sorted(found_drift)]


def _uses(connection: sqlite3.Connection, job: int, kin: Kin) -> dict[str, list[dict[str, Any]]]:
    found = declared_and_observed(connection, job)
    declared, seen = found if found is not None else (set(), observed(connection, job))
    names = node_names(connection, {dataset for _, dataset in declared | seen})
    shown: dict[str, list[dict[str, Any]]] = {"inputs": [], "outputs": []}
    for way, dataset in sorted(declared | seen, key=lambda use: (use[0], names[use[1]])):
        item = {
            **_named(names[dataset]),
            "observed": (way, dataset) in seen,
            "declared": (way, dataset) in declared,
        }
        if way == "output":
            item["state"] = kin.became(job, dataset) or None
        shown[f"{way}s"].append(item)
    return shown


def _writers(connection: sqlite3.Connection, dataset: int) -> list[dict[str, Any]]:
    seen = neighbours(connection, dataset, "target", Relation.OUTPUT)
    declared = declarers(connection, dataset, 2)
    names = node_names(connection, seen | declared)
    kin = Kin(connection)
    return [
        {
            **_named(names[job]),
            "observed": job in seen,
            "declared": job in declared,
            "state": kin.became(job, dataset) or None,
        }
        for job in sorted(names, key=lambda job: names[job])
    ]


def _readers(connection: sqlite3.Connection, dataset: int) -> list[dict[str, Any]]:
    seen = neighbours(connection, dataset, "source", Relation.INPUT)
    declared = declarers(connection, dataset, 1)
    names = node_names(connection, seen | declared)
    return [
        {**_named(names[job]), "observed": job in seen, "declared": job in declared}
        for job in sorted(names, key=lambda job: names[job])
    ]


def list_aliases(connection: sqlite3.Connection, pattern: str) -> list[dict[str, Any]]:
    """Return every pair of names that an event or a person speaks of, whose names hold the LIKE pattern."""
    joined: dict[int, bool] = {}
    return [_alias(connection, nodes, pair, joined) for nodes, pair in list_pairs(connection, pattern)]


def _aliases(connection: sqlite3.Connection, node: int) -> list[dict[str, Any]]:
    pairs = list_pairs_of(connection, with_aliases(connection, {node}, set()))
    joined: dict[int, bool] = {}
    return [_alias(connection, nodes, pair, joined) for nodes, pair in pairs]


def _alias(
    connection: sqlite3.Connection, nodes: tuple[int, int], pair: Pair, joined: dict[int, bool]
) -> dict[str, Any]:
    """Return the pair; `both_written` says that runs wrote the one dataset under two of its names or more."""
    if pair.same and nodes[0] not in joined:
        written = len(written_names(connection, nodes[0])) > 1
        joined.update(dict.fromkeys(with_aliases(connection, {nodes[0]}, set()), written))
    said = who_said_alias(connection, *nodes)
    return {
        "a": _named(pair.a),
        "b": _named(pair.b),
        "said_by": pair.said,
        "same": pair.same,
        "leaf": pair.leaf,
        "event": None if said is None else _event(said),
        "both_written": pair.same and joined[nodes[0]],
    }


def _exposures(facets: Facets) -> list[dict[str, str | None]]:
    """Return what dbt says uses the dataset: an exposure of type `ml` names a model."""
    facet = facets.get("dbt_exposures")
    listed = facet.get("exposures") if isinstance(facet, dict) else None
    return [
        {key: str(item[key]) if key in item else None for key in ("name", "type", "unique_id")}
        for item in (listed if isinstance(listed, list) else ())
        if isinstance(item, dict)
    ]


def _life_cycle(found: LifeCycle) -> dict[str, Any]:
    return {
        "change": found.change,
        "at": found.at,
        "previous": None if found.previous is None else _named(found.previous),
        "dropped_at": found.dropped_at,
        "attempted": found.attempted,
    }


def _facets(connection: sqlite3.Connection, node: int) -> dict[str, dict[str, Any]]:
    said = who_said_facets(connection, node)
    return {
        name: {
            "value": value,
            "since": said[name].at if name in said else None,
            "said_by": _event(said[name]) if name in said else None,
        }
        for name, value in facets_in_force(connection, node).items()
    }


def _event(said: SaidBy) -> dict[str, Any]:
    return {
        "digest": said.digest,
        "source": {"kind": said.kind, "name": said.source},
        "run_id": said.run_id,
    }


def _run(row: RunRow) -> dict[str, Any]:
    return {
        "run_id": row.key.run_id,
        "state": row.state,
        "started_at": row.started_at,
        "ended_at": row.ended_at,
    }


def _all_named(connection: sqlite3.Connection, nodes: set[int]) -> list[dict[str, str]]:
    return [_named(name) for name in sorted(node_names(connection, nodes).values())]


def _name(connection: sqlite3.Connection, node: int) -> Name:
    return node_names(connection, {node})[node]


def _named(name: Name) -> dict[str, str]:
    return {"namespace": name.namespace, "name": name.name}
