"""Google ml-metadata given the same runs: `python peer_mlmd.py EVENTS.jsonl DATABASE`, in its environment.

It prints how many runs it wrote and the CPU and wall seconds that took; reading and decoding the events come
before and are not counted. One execution a run with its job, times and producer, its inputs and outputs as
artifacts with their versions and facets, 100 runs a call.
"""

import json
import sys
import time
from itertools import islice
from typing import Any

from ml_metadata.metadata_store import metadata_store  # type: ignore[import-not-found] # not ours
from ml_metadata.proto import metadata_store_pb2 as proto  # type: ignore[import-not-found] # likewise

RUNS = 100
RUN = ("run_id", "namespace", "job", "time", "producer", "parent")
DATASET = ("namespace", "version", "schema", "dataSource")


def main() -> None:
    """Write every completed run of the file."""
    with open(sys.argv[1], "rb") as file:
        events = [json.loads(line) for line in file]
    runs = {event["run"]["runId"]: event for event in events if event["eventType"] == "COMPLETE"}
    config = proto.ConnectionConfig()
    config.sqlite.filename_uri = sys.argv[2]
    store = metadata_store.MetadataStore(config)
    kind = store.put_execution_type(proto.ExecutionType(name="run", properties=_texts(RUN)))
    data = store.put_artifact_type(proto.ArtifactType(name="dataset", properties=_texts(DATASET)))
    left = iter(runs.values())
    known: dict[tuple[str, str], int] = {}
    started, began = time.process_time(), time.perf_counter()
    while part := list(islice(left, RUNS)):
        _write(store, part, (kind, data), known)
    cpu, wall = time.process_time() - started, time.perf_counter() - began
    sys.stdout.write(f"{len(runs)} {cpu} {wall}\n")


def _texts(names: tuple[str, ...]) -> dict[str, int]:
    return dict.fromkeys(names, proto.STRING)


def _write(store, runs, types, known):
    executions: list[Any] = []
    artifacts: list[Any] = []
    edges: list[Any] = []
    places: dict[tuple[str, str], int] = {}
    for run in runs:
        execution = proto.Execution(type_id=types[0], last_known_state=proto.Execution.COMPLETE)
        parent = run["run"]["facets"]["parent"]["run"]["runId"]
        job = run["job"]
        said = (run["run"]["runId"], job["namespace"], job["name"], run["eventTime"], run["producer"], parent)
        for name, value in zip(RUN, said, strict=True):
            execution.properties[name].string_value = value
        executions.append(execution)
        for listed, way in (("inputs", proto.Event.INPUT), ("outputs", proto.Event.OUTPUT)):
            for dataset in run[listed]:
                version = dataset["facets"]["version"]["datasetVersion"]
                key = (dataset["name"], version)
                if key not in places:
                    artifact = proto.Artifact(type_id=types[1], uri=dataset["name"])
                    facets = [json.dumps(dataset["facets"][name]) for name in DATASET[2:]]
                    for name, value in zip(DATASET, (dataset["namespace"], version, *facets), strict=True):
                        artifact.properties[name].string_value = value
                    if key in known:
                        artifact.id = known[key]
                    places[key] = len(artifacts)
                    artifacts.append(artifact)
                edges.append((len(executions) - 1, places[key], proto.Event(type=way)))
    _, ids, _ = store.put_lineage_subgraph(executions, artifacts, [], edges)
    known.update((key, ids[place]) for key, place in places.items())


if __name__ == "__main__":
    main()
