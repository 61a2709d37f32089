"""What other tools reported of a version, as parts of an OpenLineage run (interop section 5, point 4)."""

from collections.abc import Iterable
from typing import Any

from openlineage.client import event_v2 as ol
from openlineage.client import facet_v2 as facets
from openlineage.client.generated.base import RunFacet

from registry.exports.facets import MunimentReportRunFacet
from registry.registry import Registry
from registry.rules.naming import without_secrets
from registry.store.foreign_places import find_measured
from registry.trust.state import Document
from schemas.errors import VerificationError
from schemas.evaluation_report import EvaluationReport, Metric, Outcome, parse_report
from schemas.observation import RunKey

_STATUS = {"pass": "pass", "fail": "fail", "error": "fail", "skipped": "skip"}
_ABSENT = ("nan", "inf", "-inf")


def find_report(registry: Registry, document: Document) -> EvaluationReport | None:
    """Return the report, None when its bytes are gone or are not what they should be."""
    body = registry.ledger.find_body(document.digest)
    try:
        return None if body is None else parse_report(body)
    except VerificationError:
        return None


def report_facets(document: Document, report: EvaluationReport | None) -> dict[str, RunFacet]:
    """Return which document says so, its numbers, and the outcomes of its checks as tests."""
    own = MunimentReportRunFacet(
        of=document.what,
        tool="" if report is None else report.tool,
        level="absent" if report is None else "reported",
        document=document.digest,
        leaf=document.by.seq,
        metrics=[] if report is None else [_metric(metric) for metric in sorted(report.metrics)],
    )
    found: dict[str, RunFacet] = {"muniment_report": own}
    if report is not None and report.outcomes:
        tests = [_test(outcome) for outcome in sorted(report.outcomes)]
        found["test"] = facets.test_run.TestRunFacet(tests=tests)
    return found


def measured_on(
    registry: Registry, report: EvaluationReport | None, runs: Iterable[RunKey]
) -> list[ol.InputDataset]:
    """Return the datasets that its numbers were measured on, where they can be named."""
    metrics = () if report is None else report.metrics
    digests = {dict(metric.part).get("datasetDigest", "") for metric in metrics} - {""}
    known = list(runs)
    found = []
    for digest in sorted(digests):
        name = find_measured(registry.connection, known, digest)
        if name is not None:
            version = facets.dataset_version_dataset.DatasetVersionDatasetFacet(digest)
            place = (without_secrets(name.namespace), without_secrets(name.name))
            found.append(ol.InputDataset(*place, facets={"version": version}))
    return found


def _metric(metric: Metric) -> dict[str, Any]:
    said: dict[str, Any] = {"name": metric.name}
    said["absent" if metric.value in _ABSENT else "value"] = metric.value
    if metric.part:
        said["part"] = [{"attribute": attribute, "value": value} for attribute, value in metric.part]
    return said


def _test(outcome: Outcome) -> Any:
    # What could not be run did not pass; the sentence says which it was.
    said = f"error: {outcome.message}" if outcome.result == "error" else outcome.message
    return facets.test_run.TestExecution(
        name=outcome.name, status=_STATUS[outcome.result], description=without_secrets(said) or None
    )
