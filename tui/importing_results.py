"""Recording what one file holds about a version: the order of work, and what is printed."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from importers.evaluations.report import Results
from importers.modelcards.card import Card
from importers.modelcards.compare import Comparison, compare
from registry.acts.evaluate import Evaluation, Of, compute, record_evaluation
from registry.acts.evidence import Description, evidence_row
from registry.acts.record import Recorded, Row
from registry.registry import Registry
from schemas.asset import VersionRef, parse_manifest
from schemas.digest import Digest
from schemas.evaluation_report import EvaluationReport
from tui.diagnostics import ExitCode, say
from tui.importing import Asked
from tui.output import emit
from tui.progress import working
from tui.session import acting, opened, version_ref
from tui.settings import Settings

_FAILED = ("fail", "error")


def take_in(
    settings: Settings,
    asked: Asked,
    name: str,
    data: bytes,
    found: Results,
    card: Card | None = None,
    of: Of = "evaluation",
) -> int:
    """Record what the file `name` holds about a version, say so, and return the exit code.

    The file itself is kept as evidence when it is a card.
    """
    ref = version_ref(settings, asked.version)
    with working(f"computing from {name}"):
        computed = compute_results(name, data, found, of)
    kept = () if card is None else (_kept(name, data, card),)
    done: list[tuple[str, Recorded]] = []
    with opened(settings, read_only=asked.dry_run) as registry:
        manifest = registry.get_manifest(ref)
        compared = None if card is None else _compared(registry, card, ref, manifest)
        if not asked.dry_run:
            actor = acting(registry, asked.who, service=asked.service)
            with working(f"recording {name}"):
                done = record_evaluation(registry, actor, ref, computed, kept)
    value = _said(ref, found, card, compared, done)
    for row in value["contradictions"]:
        say(f"warning: {row}")
    for note in found.warnings:
        say(f"note: {note}")
    emit(value, as_json=asked.as_json, text=lambda: _lines(value, dry_run=asked.dry_run))
    bad = value["contradictions"] or any(o.result in _FAILED for o in found.outcomes)
    return ExitCode.NO if asked.strict and bad else ExitCode.YES


def compute_results(name: str, data: bytes, found: Results, of: Of = "evaluation") -> Evaluation:
    """Return what is recorded of results that the bytes called `name` hold."""
    source = (("digest", Digest.of(data)), ("name", name), ("size", len(data)))
    report = None
    if found.metrics or found.outcomes:
        report = EvaluationReport(found.tool, source, found.metrics, found.outcomes)
    return compute(report, tuple(msgspec.structs.replace(given, source=source) for given in found.bias), of)


def _kept(name: str, data: bytes, card: Card) -> Row:
    return evidence_row(data, Description(card.kind, name, card.media_type))


def _compared(registry: Registry, card: Card, ref: VersionRef, manifest: Digest) -> Comparison:
    return compare(card, ref, parse_manifest(registry.ledger.get_body(manifest)).files)


def _said(
    ref: VersionRef,
    found: Results,
    card: Card | None,
    compared: Comparison | None,
    done: list[tuple[str, Recorded]],
) -> dict[str, Any]:
    value: dict[str, Any] = {
        "subject": str(ref),
        "tool": found.tool,
        "metrics": len(found.metrics),
        "outcomes": dict(Counter(o.result for o in found.outcomes)),
        "bias_checks": len(found.bias),
        "contradictions": [],
        "warnings": list(found.warnings),
        "blind_spots": list(found.blind_spots),
        "evidence": [{"type": kind, "document": r.digest, "leaf": r.seq} for kind, r in done],
    }
    if card is not None and compared is not None:
        value["kind"] = card.kind
        value["facts"] = {key: list(texts) for key, texts in card.facts}
        value["contradictions"] = list(compared.contradictions)
        value["warnings"] = [*compared.contradictions, *found.warnings]
        value["files"] = {"agree": compared.agree, "elsewhere": compared.elsewhere}
    return value


def _lines(value: dict[str, Any], *, dry_run: bool) -> Iterator[str]:
    told = ", ".join(f"{count} {result}" for result, count in sorted(value["outcomes"].items())) or "none"
    yield f"{value['tool']}: {value['metrics']} metrics, outcomes: {told}, {value['bias_checks']} bias checks"
    for key, texts in value.get("facts", {}).items():
        yield f"{key}: {', '.join(texts)}"
    files = value.get("files", {})
    if any(files.values()) or value["contradictions"]:
        yield (
            f"compared: {files['agree']} agree, {len(value['contradictions'])} contradict the version, "
            f"{files['elsewhere']} are of files it does not have"
        )
    if dry_run:
        yield "nothing was recorded"
    elif not value["evidence"]:
        yield "known already, nothing was recorded"
    for item in value["evidence"]:
        yield f"recorded  {item['type']}  {item['document']}  leaf {item['leaf']}"
    yield "What this import cannot see:"
    yield from (f"  {spot}" for spot in value["blind_spots"])
