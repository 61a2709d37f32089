"""A corpus of OpenLineage events shaped like those of real producers: 2 to 4 kB each, a tenth as many jobs.

Deterministic: the same count gives the same bytes. Job and dataset use follow Zipf's law, lineage is acyclic
(a job reads datasets of smaller numbers than it writes), one event in a hundred is delivered twice.
"""

import json
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

PRODUCER = "https://example.org/pipelines/tree/4.2.0"
SPEC = "https://openlineage.io/spec"
TYPES = ("bigint", "varchar(64)", "timestamp", "double", "boolean", "decimal(18,2)")


def write_corpus(path: Path, count: int, seed: int = 7) -> int:
    """Write at least `count` events as JSON Lines to `path` and return how many lines there are."""
    written = 0
    with path.open("wb") as file:
        for line in lines(count, seed):
            file.write(line)
            written += 1
    return written


def lines(count: int, seed: int = 7) -> Iterator[bytes]:
    """Yield the events as lines, START and COMPLETE of each run, some of them twice."""
    chance = random.Random(seed)  # noqa: S311 - reproducible, not secret
    jobs = [_job(number, chance, max(count * 3 // 20, 20)) for number in range(max(count // 10, 2))]
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(jobs))))
    for number in range(count // 2):
        job = chance.choices(jobs, cum_weights=weights)[0]
        for event in _run(job, number, chance):
            line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
            yield line
            if chance.random() < 0.01:
                yield line


def _job(number: int, chance: random.Random, datasets: int) -> dict[str, Any]:
    top = min(int(chance.paretovariate(0.9)) + 3, datasets - 1)
    inputs = {chance.randrange(top) for _ in range(chance.randint(1, 3))}
    written = chance.randrange(top, datasets)
    return {
        "job": {
            "namespace": f"team-{number % 17}",
            "name": f"warehouse.daily.build_{number:05d}",
            "facets": {
                "jobType": _facet(
                    "JobTypeJobFacet", "2-0-4", processingType="BATCH", integration="DBT", jobType="MODEL"
                ),
                "sql": _facet("SQLJobFacet", "1-1-0", query=f"create table t_{written} as select 1"),
            },
        },
        "inputs": [_dataset(n, chance) for n in sorted(inputs)],
        "output": _dataset(written, chance),
        "parent": {"namespace": f"team-{number % 17}", "name": f"nightly_{number % 40}"},
    }


def _dataset(number: int, chance: random.Random) -> dict[str, Any]:
    columns = [
        {"name": f"column_{i}", "type": TYPES[(number + i) % len(TYPES)]} for i in range(2 + number % 3)
    ]
    return {
        "namespace": f"postgres://warehouse-{number % 3}:5432",
        "name": f"analytics.schema_{number % 29}.table_{number:06d}",
        "facets": {
            "schema": _facet("SchemaDatasetFacet", "1-2-0", fields=columns),
            "dataSource": _facet(
                "DatasourceDatasetFacet",
                "1-0-1",
                name="warehouse",
                uri=f"postgres://warehouse-{number % 3}:5432",
            ),
        },
    }


def _run(job: dict[str, Any], number: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    run_id = (
        f"{number:08x}-{chance.getrandbits(16):04x}-7{number % 4096:03x}-8{number % 1000:03d}-{number:012x}"
    )
    second = number * 7 % 86_400
    day = f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}"
    for minute, state in ((0, "START"), (1, "COMPLETE")):
        moment = second // 2 + minute * 43_000
        time = f"{day}T{moment // 3600:02d}:{moment // 60 % 60:02d}:{moment % 60:02d}.{number % 1000:03d}Z"
        yield {
            "eventType": state,
            "eventTime": time,
            "producer": PRODUCER,
            "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": run_id, "facets": _run_facets(job, day, number)},
            "job": job["job"],
            "inputs": [_versioned(d, number // 50) for d in job["inputs"]],
            "outputs": [_written(job, number)] if state == "COMPLETE" else [job["output"]],
        }


def _run_facets(job: dict[str, Any], day: str, number: int) -> dict[str, Any]:
    parent = f"{number % 500:08x}-0000-7000-8000-{number % 500:012x}"
    return {
        "parent": _facet("ParentRunFacet", "1-1-0", run={"runId": parent}, job=job["parent"]),
        "nominalTime": _facet("NominalTimeRunFacet", "1-0-1", nominalStartTime=f"{day}T00:00:00Z"),
        "example_cost": {
            "_producer": PRODUCER,
            "_schemaURL": "https://example.org/facets/1-0-0/CostRunFacet.json",
            "slots": number % 64,
        },
    }


def _versioned(dataset: dict[str, Any], version: int) -> dict[str, Any]:
    facet = _facet("DatasetVersionDatasetFacet", "1-0-1", datasetVersion=str(version))
    return {**dataset, "facets": {**dataset["facets"], "version": facet}}


def _written(job: dict[str, Any], number: int) -> dict[str, Any]:
    output, source = _versioned(job["output"], number), job["inputs"][0]
    fields = {
        column["name"]: {
            "inputFields": [
                {"namespace": source["namespace"], "name": source["name"], "field": f"column_{i % 3}"}
            ]
        }
        for i, column in enumerate(output["facets"]["schema"]["fields"][:3])
    }
    output["facets"]["columnLineage"] = _facet("ColumnLineageDatasetFacet", "1-2-0", fields=fields)
    statistics = _facet("OutputStatisticsOutputDatasetFacet", "1-0-2", rowCount=number, size=number * 80)
    return {**output, "outputFacets": {"outputStatistics": statistics}}


def _facet(kind: str, version: str, **members: Any) -> dict[str, Any]:
    return {
        "_producer": PRODUCER,
        "_schemaURL": f"{SPEC}/facets/{version}/{kind}.json#/$defs/{kind}",
        **members,
    }
