"""Recording what another tool measured about a version: a report, and bias checks from its counts."""

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


class Evaluation(msgspec.Struct, frozen=True):
    """What one file of results becomes: a report of what was measured, and checks computed from counts."""

    report: EvaluationReport | None
    checks: tuple[BiasCheck, ...]

    @property
    def documents(self) -> list[Row]:
        """The documents to record."""
        found: list[Row] = []
        if self.report is not None:
            predicate: dict[str, object] = {"level": "reported", "tool": self.report.tool}
            found.append(("evaluation-recorded", _bytes(self.report, "the report"), predicate))
        for check in self.checks:
            predicate = {"attribute": check.given.attribute, "level": "reported", "rule": check.given.rule}
            found.append(("bias-recorded", _bytes(check, "the bias check"), predicate))
        return found


def compute(report: EvaluationReport | None, counts: tuple[BiasInput, ...]) -> Evaluation:
    """Return what is to be recorded: the report, and a bias check for each table of counts."""
    return Evaluation(report, tuple(evaluate(given) for given in counts))


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
    }
    fresh = [row for row in (*kept, *found.documents) if Digest.of(row[1]) not in standing[row[0]]]
    recorded = record_documents(registry, actor, ref, fresh) if fresh else []
    return list(zip((kind for kind, _, _ in fresh), recorded, strict=True))


def list_evaluations(registry: Registry, ref: VersionRef) -> list[tuple[Document, EvaluationReport]]:
    """Return every standing report about `ref`, in the order recorded; a damaged one raises."""
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    return [
        (document, parse_report(registry.ledger.get_body(document.digest)))
        for document in state.documents.get(manifest, ())
        if document.what == "evaluation" and not state.is_void(document.by)
    ]


def _bytes(document: EvaluationReport | BiasCheck, what: str) -> bytes:
    try:
        return document.to_bytes()
    except VerificationError as error:
        raise Malformed(
            f"{what} cannot be recorded: {error.message}", hint="export fewer numbers, or plain names"
        ) from error
