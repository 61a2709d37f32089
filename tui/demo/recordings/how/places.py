"""Where the credit pipeline keeps things, and how its own steps tell OpenLineage what they did."""
# mypy: ignore-errors

import uuid
from datetime import UTC, datetime
from pathlib import Path

from openlineage.client import OpenLineageClient, event_v2
from openlineage.client.facet_v2 import (
    dataset_version_dataset,
    job_type_job,
    output_statistics_output_dataset,
    ownership_job,
    schema_dataset,
)

HOME = Path("/srv/credit")
RAW = HOME / "raw" / "german_credit.csv"
DATABASE = HOME / "credit.duckdb"
TRAIN, TEST = HOME / "data" / "train.csv", HOME / "data" / "test.csv"
TABLES = f"duckdb://{DATABASE}"
SERVER = "mlflow://127.0.0.1:5000"
JOBS = "credit"

event_v2.set_producer("https://muniment.dev/demo/credit")


def columns(frame):
    """Return a schema facet."""
    fields = [schema_dataset.SchemaDatasetFacetFields(name=n, type=str(t)) for n, t in frame.dtypes.items()]
    return {"schema": schema_dataset.SchemaDatasetFacet(fields=fields)}


def version(text):
    """Return a version facet."""
    return {"version": dataset_version_dataset.DatasetVersionDatasetFacet(datasetVersion=text)}


def read(namespace, name, facets=None):
    """Return an input."""
    return event_v2.InputDataset(namespace=namespace, name=str(name), facets=facets or {})


def wrote(namespace, name, facets, rows=None):
    """Return an output."""
    counted = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=rows)
    measured = {"outputStatistics": counted} if rows is not None else {}
    return event_v2.OutputDataset(namespace=namespace, name=str(name), facets=facets, outputFacets=measured)


class Step:
    """A step of the pipeline: START when made, COMPLETE with what it read and wrote when finished."""

    def __init__(self, name, inputs, *, namespace=JOBS, run_id=None):
        self._client = OpenLineageClient()
        facets = {
            "jobType": job_type_job.JobTypeJobFacet(
                processingType="BATCH", integration="PYTHON", jobType="SCRIPT"
            ),
            "ownership": ownership_job.OwnershipJobFacet(
                owners=[ownership_job.Owner(name="team:credit-scoring", type="MAINTAINER")]
            ),
        }
        self._job = event_v2.Job(namespace=namespace, name=name, facets=facets)
        self._run = event_v2.Run(runId=run_id or str(uuid.uuid4()), facets={})
        self._inputs = inputs
        self._emit(event_v2.RunState.START, [])

    def finish(self, outputs):
        """Say that it is done."""
        self._emit(event_v2.RunState.COMPLETE, outputs)

    def _emit(self, state, outputs):
        event = event_v2.RunEvent(
            eventType=state,
            eventTime=datetime.now(UTC).isoformat(),
            run=self._run,
            job=self._job,
            inputs=self._inputs,
            outputs=outputs,
        )
        self._client.emit(event)
