"""Recording what another tool measured about a version: a report, and bias checks from its counts.

A report is of one evaluation, or of monitoring: what was seen of the version in use.
"""

from typing import Literal

import msgspec

from registry.acts.actor import Actor
from registry.acts.record import Recorded, Row, record_documents
from registry.acts.state import read_state
from registry.registry import Registry
from registry.rules.fairness import evaluate
from registry.trust.state import Document
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import Malformed, VerificationError
from schemas.evaluation import BiasCheck, BiasInput
from schemas.evaluation_report import EvaluationReport, parse_report

Of = Literal["evaluation", "monitoring"]


class Evaluation(msgspec.Struct, frozen=True):
    """What one file of results becomes: a report of what was measured, and checks computed from counts."""

    report: EvaluationReport | None
    checks: tuple[BiasCheck, ...]
    of: Of = "evaluation"

    @property
    def documents(self) -> list[Row]:
        """The documents to record."""
        found: list[Row] = []
        if self.report is not None:
            predicate: dict[str, object] = {"level": "reported", "tool": self.report.tool}
            found.append((f"{self.of}-recorded", _bytes(self.report, "the report"), predicate))
        for check in self.checks:
            predicate = {"attribute": check.given.attribute, "level": "reported", "rule": check.given.rule}
            found.append(("bias-recorded", _bytes(check, "the bias check"), predicate))
        return found


def compute(
    report: EvaluationReport | None, counts: tuple[BiasInput, ...], of: Of = "evaluation"
) -> Evaluation:
    """Return what is to be recorded: the report, and a bias check for each table of counts."""
    return Evaluation(report, tuple(evaluate(given) for given in counts), of)


def record_evaluation(
    registry: Registry, actor: Actor, ref: VersionRef, found: Evaluation, kept: tuple[Row, ...] = ()
) -> list[tuple[str, Recorded]]:
    """Record everything in one transaction and return the record types with what was recorded.

    `kept` goes in before it: the file that the numbers were read from, as evidence. A document that stands
    already is not recorded again.
    """
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    standing = {
        "evidence-added": {e.digest for e in state.standing_evidence(manifest)},
        "evaluation-recorded": state.standing_evaluations(manifest),
        "bias-recorded": {d.digest for d in state.latest_bias(manifest)},
        "monitoring-recorded": state.standing_monitoring(manifest),
    }
    fresh = [row for row in (*kept, *found.documents) if Digest.of(row[1]) not in standing[row[0]]]
    recorded = record_documents(registry, actor, ref, fresh) if fresh else []
    return list(zip((kind for kind, _, _ in fresh), recorded, strict=True))


def list_reports(
    registry: Registry, ref: VersionRef, of: Of = "evaluation"
) -> list[tuple[Document, EvaluationReport]]:
    """Return every standing report about `ref`, in the order recorded; a damaged one raises."""
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    return [
        (document, parse_report(registry.ledger.get_body(document.digest)))
        for document in state.standing_documents(manifest, of)
    ]


def _bytes(document: EvaluationReport | BiasCheck, what: str) -> bytes:
    try:
        return document.to_bytes()
    except VerificationError as error:
        raise Malformed(
            f"{what} cannot be recorded: {error.message}", hint="export fewer numbers, or plain names"
        ) from error
