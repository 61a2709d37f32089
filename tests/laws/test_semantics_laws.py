"""Any order, any duplication, any batches: the lists agree, and say what a plain reading of the events says.

The oracle below reads events as the rules are written down, one rule after another, with every event at hand.
It shares nothing with the importer and the store but the events.
"""

import hashlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.openlineage.decode import read_event
from importers.openlineage.statements import read_statement
from registry.acts.show_node import show_dataset, show_job
from registry.acts.show_run import show_run
from registry.rules.lineage import EVERY_HOP
from registry.store.database import connect, create_database
from registry.store.dataset_flow import dataset_flow
from registry.store.edge_list import list_edges
from registry.store.kin import jobs_among
from registry.store.listing import Page, list_datasets, list_jobs, list_runs
from registry.store.neighbourhood import neighbourhood
from registry.store.run_events import find_runs
from registry.store.take_in import Intake

Event = dict[str, Any]
Pair = tuple[str, str]

RANKS = {"START": 0, "RUNNING": 1, "OTHER": 2, None: 2, "COMPLETE": 3, "ABORT": 4, "FAIL": 5}
ENDS = ("COMPLETE", "ABORT", "FAIL")
RUN_IDS = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]
JOBS = ["load", "model.p.m", "m.run", "m.run.sql.1"]
NAMES = ["a", "b", "c"]

times = st.builds(
    lambda second, form: form.format(second),
    st.integers(0, 3),
    st.sampled_from(["2026-01-02T03:04:0{}Z", "2026-01-02T04:04:0{}.000+01:00"]),
)
plain_facets = st.dictionaries(
    st.sampled_from(["owner", "docs"]),
    st.sampled_from([{"v": 1}, {"v": 2}, {"_deleted": True}]),
    max_size=2,
)


@st.composite
def datasets(draw: st.DrawFn) -> Event:
    facets: Event = dict(draw(plain_facets))
    other = {"namespace": "n", "name": draw(st.sampled_from(NAMES))}
    kind = draw(st.sampled_from(["", "symlink", "rename", "drop", "columns", "lineage", "version"]))
    if kind == "symlink":
        facets["symlinks"] = {"identifiers": [other]}
    if kind == "rename":
        facets["lifecycleStateChange"] = {"lifecycleStateChange": "RENAME", "previousIdentifier": other}
    if kind == "drop":
        facets["lifecycleStateChange"] = {"lifecycleStateChange": "DROP"}
    if kind == "columns":
        facets["columnLineage"] = {"fields": {"f": {"inputFields": [{**other, "field": "g"}]}}}
    if kind == "lineage":
        inputs = draw(st.sampled_from([[], [{**other, "type": "DATASET"}]]))
        facets["lineage"] = draw(st.sampled_from([{"inputs": inputs}, {"_deleted": True}]))
    if kind == "version":
        facets["version"] = {"datasetVersion": draw(st.sampled_from("12"))}
    return {"namespace": "n", "name": draw(st.sampled_from(NAMES)), "facets": facets}


@st.composite
def events(draw: st.DrawFn) -> Event:
    kind = draw(st.sampled_from(["run", "run", "run", "run", "job", "dataset"]))
    value: Event = {"eventTime": draw(times)}
    if kind == "dataset":
        return {**value, "dataset": draw(datasets())}
    name = draw(st.sampled_from(JOBS))
    facets: Event = dict(draw(plain_facets))
    if draw(st.booleans()):
        facets["jobType"] = {
            "integration": "DBT",
            "jobType": "SQL" if name.endswith(".sql.1") else "MODEL",
            "processingType": draw(st.sampled_from(["BATCH", "STREAMING"])),
        }
    if name == "m.run":
        facets["dbt_node"] = {"unique_id": "model.p.m"}
    value["job"] = {"namespace": "j", "name": name, "facets": facets}
    value["inputs"] = draw(st.lists(datasets(), max_size=2))
    value["outputs"] = draw(st.lists(datasets(), max_size=2))
    if kind == "run":
        value["eventType"] = draw(st.sampled_from(list(RANKS)))
        value["run"] = {"runId": draw(st.sampled_from(RUN_IDS)), "facets": draw(run_facets())}
    return value


@st.composite
def run_facets(draw: st.DrawFn) -> Event:
    parent = {
        "run": {"runId": draw(st.sampled_from(RUN_IDS))},
        "job": {"namespace": "j", "name": draw(st.sampled_from(JOBS))},
    }
    noted = {"note": {"v": draw(st.integers(0, 2))}}
    after = {"jobDependencies": {"upstream": [{"job": parent["job"]}]}}
    return draw(st.sampled_from([{}, noted, after, {"parent": parent}, {"parentRun": parent, **noted}]))


def test_lists_do_not_depend_on_arrival_and_say_what_the_events_say(tmp_path: Path):
    create_database(tmp_path / "empty.db")

    @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(events(), min_size=1, max_size=10), st.randoms(use_true_random=False), st.integers(1, 5))
    def holds(values: list[Event], random: Any, size: int) -> None:
        shuffled = values + random.sample(values, len(values) // 2)
        random.shuffle(shuffled)
        one = imported(tmp_path, [values])
        other = imported(tmp_path, [shuffled[i : i + size] for i in range(0, len(shuffled), size)])

        assert runs_as_listed(one) == Oracle(values).runs()
        assert agree(facets_as_listed(one), Oracle(values).facets())
        assert names_as_listed(one) == Oracle(values).aliases()
        assert edges_as_listed(one) == Oracle(values).edges()
        assert everything(other) == everything(one)
        rolled_up = list_runs(one, Page(), statements=False).items
        inside = sum(item["statements"] for item in rolled_up)
        assert len(rolled_up) + inside >= len(list_runs(one, Page()).items)
        one.close()
        other.close()

    holds()


class Oracle:
    """The rules of interop section 1, read over all events at once."""

    def __init__(self, values: list[Event]) -> None:
        once = {self._id(value): value for value in values}
        self._events = sorted(once.values(), key=self._order)
        self._runs = [value for value in self._events if "run" in value]

    def runs(self) -> dict[tuple[str, str], Event]:
        """Return state, times, inputs, outputs and parent by (run id, job)."""
        found: dict[tuple[str, str], list[Event]] = {}
        for value in self._runs:
            found.setdefault((value["run"]["runId"], value["job"]["name"]), []).append(value)
        return {key: self._run(key, listed) for key, listed in found.items()}

    def _run(self, key: tuple[str, str], listed: list[Event]) -> Event:
        ends = [value for value in listed if value["eventType"] in ENDS]
        begun = [value for value in listed if value["eventType"] in ("START", "RUNNING")]
        last = (ends or begun or listed)[-1]
        starts = [value for value in listed if value["eventType"] == "START"]
        parents = [self._parent(value) for value in listed]
        others = [parent for parent in parents if parent is not None and parent != key]
        return {
            "state": last["eventType"] if ends or begun else "OTHER",
            "started": self._second(starts[0]) if starts else None,
            "ended": self._second(last) if ends else None,
            "events": len(listed),
            "inputs": sorted({use["name"] for value in listed for use in value["inputs"]}),
            "outputs": sorted({use["name"] for value in listed for use in value["outputs"]}),
            "parent": others[-1] if others else None,
        }

    def facets(self) -> dict[Pair, dict[str, list[Event]]]:
        """Return what was said last of each facet by (kind, name): several where one event says several."""
        found: dict[Pair, dict[str, tuple[Any, list[Event]]]] = {}
        for value in self._events:
            given: list[tuple[Pair, Event]] = []
            if "job" in value:
                given.append((("job", value["job"]["name"]), value["job"]["facets"]))
            uses = [
                *value.get("inputs", []),
                *value.get("outputs", []),
                *filter(None, [value.get("dataset")]),
            ]
            given += [(("dataset", use["name"]), use["facets"]) for use in uses]
            order = self._order(value)
            for thing, facets in given:
                known = found.setdefault(thing, {})
                for name, facet in facets.items():
                    if name not in known or order > known[name][0]:
                        known[name] = (order, [facet])
                    elif order == known[name][0]:
                        known[name][1].append(facet)
        return {thing: {name: said for name, (_, said) in facets.items()} for thing, facets in found.items()}

    def aliases(self) -> dict[str, set[str]]:
        """Return, for every dataset name, the names it is one with."""
        group = {name: {name} for name in NAMES}
        for value in self._events:
            uses = [
                *value.get("inputs", []),
                *value.get("outputs", []),
                *filter(None, [value.get("dataset")]),
            ]
            for use in uses:
                links = use["facets"].get("symlinks", {}).get("identifiers", [])
                change = use["facets"].get("lifecycleStateChange", {})
                links = [*links, *filter(None, [change.get("previousIdentifier")])]
                for link in links:
                    joined = group[use["name"]] | group[link["name"]]
                    for name in joined:
                        group[name] = joined
        return {name: names - {name} for name, names in group.items()}

    def edges(self) -> set[tuple[str, str, str]]:
        """Return (from, to, relation) of what runs did and of what jobs declare now."""
        found = set()
        for value in self._runs:
            job = value["job"]["name"]
            found |= {(use["name"], job, "input") for use in value["inputs"]}
            found |= {(job, use["name"], "output") for use in value["outputs"]}
            for use in (*value["inputs"], *value["outputs"]):
                found |= {(source, use["name"], "derivation") for source in self._sources(use)}
            parent = self._parent(value)
            if parent is not None and parent[1] != job:
                found.add((parent[1], job, "parent"))
            for item in value["run"]["facets"].get("jobDependencies", {}).get("upstream", []):
                if item["job"]["name"] != job:
                    found.add((item["job"]["name"], job, "dependency"))
        declared = {v["job"]["name"]: v for v in self._events if "job" in v and "run" not in v}
        for job, value in declared.items():
            found |= {(use["name"], job, "declared-input") for use in value["inputs"]}
            found |= {(job, use["name"], "declared-output") for use in value["outputs"]}
            for use in (*value["inputs"], *value["outputs"]):
                found |= {(source, use["name"], "declared-derivation") for source in self._sources(use)}
        static = [value["dataset"] for value in self._events if "dataset" in value]
        telling = [use for use in static if {"columnLineage", "lineage"} & use["facets"].keys()]
        for use in {use["name"]: use for use in telling}.values():
            found |= {(source, use["name"], "declared-derivation") for source in self._sources(use)}
        return found

    def _sources(self, use: Event) -> set[str]:
        stated = use["facets"].get("lineage", {})
        if "inputs" in stated:
            return {source["name"] for source in stated["inputs"]} - {use["name"]}
        fields = use["facets"].get("columnLineage", {}).get("fields", {})
        return {source["name"] for field in fields.values() for source in field["inputFields"]} - {
            use["name"]
        }

    def _parent(self, value: Event) -> tuple[str, str] | None:
        facets = value["run"]["facets"]
        facet = facets.get("parent") or facets.get("parentRun")
        return None if facet is None else (facet["run"]["runId"], facet["job"]["name"])

    def _order(self, value: Event) -> tuple[int, int, bytes]:
        return self._second(value), RANKS[value.get("eventType")], self._id(value)

    def _second(self, value: Event) -> int:
        return int(value["eventTime"][18])

    def _id(self, value: Event) -> bytes:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).digest()


def imported(folder: Path, batches: list[list[Event]]) -> sqlite3.Connection:
    on_disk = connect(folder / "empty.db", read_only=True)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    on_disk.backup(connection)
    on_disk.close()
    intake = Intake(connection, "openlineage", "test")
    for batch in batches:
        connection.execute("BEGIN")
        intake.write([read_event(json.dumps(value).encode(), "") for value in batch])
        connection.execute("COMMIT")
    return connection


def second(time: str | None) -> int | None:
    return None if time is None else int(time[18])


def runs_as_listed(connection: sqlite3.Connection) -> dict[tuple[str, str], Event]:
    return {
        (item["run_id"], item["job"]["name"]): {
            "state": item["state"],
            "started": second(item["started_at"]),
            "ended": second(item["ended_at"]),
            "events": item["events"],
            "inputs": [use["name"] for use in item["inputs"]],
            "outputs": [use["name"] for use in item["outputs"]],
            "parent": item["parent"] and (item["parent"]["run_id"], item["parent"]["job"]["name"]),
        }
        for item in list_runs(connection, Page()).items
    }


def facets_as_listed(connection: sqlite3.Connection) -> dict[Pair, Event]:
    listed = {("dataset", item["name"]): item["facets"] for item in list_datasets(connection, Page()).items}
    return listed | {("job", item["name"]): item["facets"] for item in list_jobs(connection, Page()).items}


def agree(shown: dict[Pair, Event], said: dict[Pair, dict[str, list[Event]]]) -> bool:
    """Tell whether every facet shown is one said last; one event may say two of one dataset."""
    names = {(thing, name) for side in (shown, said) for thing, facets in side.items() for name in facets}
    return all(
        shown.get(thing, {}).get(name, {"_deleted": True}) in said.get(thing, {}).get(name, [])
        for thing, name in names
    )


def names_as_listed(connection: sqlite3.Connection) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {name: set() for name in NAMES}
    for item in list_datasets(connection, Page()).items:
        found[item["name"]] = {other["name"] for other in item["aliases"]}
    for name, others in list(found.items()):
        for other in others:
            found[other] |= (others | {name}) - {other}
    return found


def edges_as_listed(connection: sqlite3.Connection) -> set[tuple[str, str, str]]:
    return {
        (item["from"]["name"], item["to"]["name"], item["relation"])
        for item in list_edges(connection, Page()).items
    }


def everything(connection: sqlite3.Connection) -> Event:
    """Return all that the read side can show, without the ids that are local to one registry."""
    nodes = [row[0] for row in connection.execute("SELECT id FROM node")]
    jobs = jobs_among(connection, nodes)
    shown = [show_job(connection, n) if n in jobs else show_dataset(connection, n) for n in nodes]
    runs = [run for run_id in RUN_IDS for run in find_runs(connection, run_id)]
    lists = (list_datasets, list_jobs, list_runs)
    items = [item for read in lists for item in read(connection, Page()).items]
    items += list_runs(connection, Page(), statements=False).items
    items += list_jobs(connection, Page(), merged=True, statements=False).items
    return {
        "shown": in_order(shown),
        "runs": in_order(show_run(connection, run, read_statement) for run in runs),
        "lists": in_order(items),
        "datasets": in_order(
            repr(dataset_flow(connection, [node], EVERY_HOP, EVERY_HOP)) for node in set(nodes) - jobs
        ),
        "lineage": in_order(
            repr(neighbourhood(connection, [node], up, down, fold=fold))
            for node in nodes
            for up, down in ((EVERY_HOP, 0), (1, 1))
            for fold in (True, False)
        ),
    }


def in_order(values: Any) -> list[str]:
    plain = (
        {k: v for k, v in value.items() if k != "id"} if isinstance(value, dict) else value
        for value in values
    )
    return sorted(json.dumps(value, sort_keys=True, default=repr) for value in plain)
