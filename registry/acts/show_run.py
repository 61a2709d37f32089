"""All about one run: its events are read back from the bytes that are kept, and each part names its event."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from typing import Any

from registry.rules.job_identity import TRAITS, traits_of
from registry.rules.run_record import KeptFacet, Recorder, UseRecord
from registry.store.codes import Kind
from registry.store.kin import Kin, statement_runs
from registry.store.lineage import find_node
from registry.store.node_facets import named_facets
from registry.store.run_events import KeptEvent, RunRow, events_of, find_runs, inner_runs, run_metrics
from registry.store.written import WRITTEN, run_uses, use_state
from schemas.observation import Name, RunKey
from schemas.run_statement import RunStatement

ReadStatement = Callable[[bytes], RunStatement | None]
"""Reads one event's exact bytes again; None for what is no run event of its format."""


def show_run(connection: sqlite3.Connection, run: RunRow, read: ReadStatement) -> dict[str, Any]:
    """Return the run as reduced, with every facet in force, what said it, and what ran inside it."""
    recorder = Recorder()
    events: list[dict[str, Any]] = []
    digests: list[str] = []
    for event in events_of(connection, run.id):
        said = read(event.raw)
        events.append(_event(event, said))
        if said is not None:
            recorder.add(said)
            digests.append(event.digest)
    record = recorder.record()
    return {
        "kind": "run",
        "id": run.id,
        "run_id": run.key.run_id,
        "job": _named(run.key.job),
        "state": run.state if run.events else None,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "streaming": run.streaming,
        "user": run.user,
        "parent": _inside(connection, run.parent),
        "root": _inside(connection, record.root),
        "depends_on": [_named(name) for name in record.upstream],
        "depended_on_by": [_named(name) for name in record.downstream],
        "inputs": _uses(connection, run, 1, record.inputs, digests),
        "outputs": _uses(connection, run, 2, record.outputs, digests),
        "statement_uses": _statement_uses(connection, run),
        "metrics": run_metrics(connection, run.id),
        "facets": _facets(record.run_facets, digests),
        "job_facets": _facets(record.job_facets, digests),
        "inner_runs": _inner(connection, run),
        "events": sorted(events, key=lambda e: (e["order"], e["digest"])),
    }


def _event(event: KeptEvent, said: RunStatement | None) -> dict[str, Any]:
    return {
        "digest": event.digest,
        "source": {"kind": event.kind, "name": event.source},
        "time": None if said is None else said.time,
        "type": None if said is None else said.type,
        "producer": None if said is None else said.producer or None,
        "order": list(said.order[:2]) if said is not None else [],
    }


def _uses(
    connection: sqlite3.Connection,
    run: RunRow,
    direction: int,
    said: tuple[UseRecord, ...],
    digests: list[str],
) -> list[dict[str, Any]]:
    records = {use.dataset: use for use in said}
    shown = []
    for name, versions, role in run_uses(connection, run.id, direction):
        use = records.get(name, UseRecord(name, (), (), ()))
        state = use_state(run.state, role, streaming=run.streaming) if direction == 2 else "read"
        observed = None
        if direction == 2 and not versions and state == "written":
            observed = _observed(run, use)
        shown.append(
            {
                **_named(name),
                "versions": versions,
                "observed_version": observed,
                "state": state,
                "facets": _facets(use.facets, digests),
                "use_facets": _facets(use.use_facets, digests),
                "assertions": use.assertions,
                "said_by": sorted(digests[place] for place in use.said_by),
            }
        )
    return shown


def _statement_uses(connection: sqlite3.Connection, run: RunRow) -> list[dict[str, Any]]:
    """Return what the SQL statements inside the run read and wrote, each dataset once a direction."""
    found: dict[tuple[str, Name], str] = {}
    for inner in statement_runs(connection, run.id, Kin(connection)):
        for direction, word in ((1, "input"), (2, "output")):
            for name, _, role in run_uses(connection, inner.id, direction):
                read = direction == 1
                state = "read" if read else use_state(inner.state, role, streaming=inner.streaming)
                known = found.get((word, name), state)
                found[word, name] = WRITTEN if WRITTEN in (known, state) else min(known, state)
    return [
        {"direction": word, **_named(name), "state": state} for (word, name), state in sorted(found.items())
    ]


def _observed(run: RunRow, use: UseRecord) -> dict[str, str | None]:
    """Return what stands for a version nobody named: the run, and the shape it wrote."""
    schema = next((facet.value.get("fields") for facet in use.facets if facet.name == "schema"), None)
    spelled = json.dumps(schema, sort_keys=True, separators=(",", ":"))
    digest = None if schema is None else hashlib.sha256(spelled.encode()).hexdigest()
    return {"run": f"~{run.key.run_id}", "schema": digest}


def _facets(kept: tuple[KeptFacet, ...], digests: list[str]) -> dict[str, dict[str, Any]]:
    return {facet.name: {"value": facet.value, "said_by": digests[facet.said_by]} for facet in kept}


def _inside(connection: sqlite3.Connection, key: RunKey | None) -> dict[str, Any] | None:
    if key is None:
        return None
    known = any(run.key == key and run.events for run in find_runs(connection, key.run_id))
    return {"run_id": key.run_id, "job": _named(key.job), "imported": known}


def _inner(connection: sqlite3.Connection, run: RunRow) -> list[dict[str, Any]]:
    inner = inner_runs(connection, run.id)
    nodes = {row.key.job: find_node(connection, Kind.JOB, row.key.job) for row in inner}
    facets = named_facets(connection, [node for node in nodes.values() if node is not None], TRAITS)
    shown = []
    for row in inner:
        node = nodes[row.key.job]
        is_a = traits_of(row.key.job, {} if node is None else facets.get(node, {}))
        shown.append(
            {
                "run_id": row.key.run_id,
                "job": _named(row.key.job),
                "state": row.state,
                "started_at": row.started_at,
                "ended_at": row.ended_at,
                "statement": is_a.statement,
            }
        )
    return shown


def _named(name: Name) -> dict[str, str]:
    return {"namespace": name.namespace, "name": name.name}
