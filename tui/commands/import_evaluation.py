"""muniment import evaluation: what another tool measured about a version."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import click

from tui.diagnostics import say
from tui.input_file import read_input
from tui.output import emit, json_option
from tui.session import Who, acting, opened, signer_options, version_ref
from tui.settings import Settings

_FORMATS = ("aequitas", "fairlearn", "junit", "metrics", "sarif")


@click.command("evaluation")
@click.argument("file", metavar="FILE")
@click.option("--for", "version", required=True, metavar="M@V", help="The version it is about.")
@click.option("--format", "kind", type=click.Choice(_FORMATS), help="When the content does not tell.")
@click.option("--favourable/--unfavourable", default=True, help="Do people want the outcome of the counts?")
@click.option("--outcome", default="selected", show_default=True, metavar="TEXT", help="What was counted.")
@click.option("--dry-run", is_flag=True, help="Say what it holds and record nothing.")
@click.option("--strict", is_flag=True, help="Exit 1 when a check in it failed.")
@click.option("--service", is_flag=True, help="Sign with the registry's service key, as pipelines do.")
@signer_options
@json_option
@click.pass_obj
def command(
    settings: Settings,
    file: str,
    version: str,
    kind: str | None,
    favourable: bool,
    outcome: str,
    dry_run: bool,
    strict: bool,
    service: bool,
    who: Who,
    as_json: bool,
) -> int:
    """Record what FILE reports for M@V: metrics, outcomes of checks, counts of groups.

    Reads Fairlearn's MetricFrame (JSON), Aequitas' crosstab (CSV), JUnit (XML), SARIF, MLflow's metrics.json
    and any JSON object of numbers. Bias checks are computed here from the counts.
    """
    from importers.evaluations.results import read_results
    from registry.acts.evaluate import compute, record_evaluation
    from schemas.digest import Digest
    from schemas.evaluation import Polarity
    from schemas.evaluation_report import EvaluationReport

    name, data = read_input(file)
    found = read_results(name, data, Polarity(outcome, favourable), kind)
    source = (("digest", Digest.of(data)), ("name", name), ("size", len(data)))
    report = None
    if found.metrics or found.outcomes:
        report = EvaluationReport(found.tool, source, found.metrics, found.outcomes)
    counts = tuple(_with_source(given, source) for given in found.bias)
    computed = compute(report, counts)
    value: dict[str, Any] = {
        "subject": str(version_ref(settings, version)),
        "tool": found.tool,
        "metrics": len(found.metrics),
        "outcomes": dict(Counter(o.result for o in found.outcomes)),
        "bias_checks": len(found.bias),
        "warnings": list(found.warnings),
        "blind_spots": list(found.blind_spots),
        "evidence": [],
    }
    if not dry_run:
        ref = version_ref(settings, version)
        with opened(settings) as registry:
            registry.get_manifest(ref)
            done = record_evaluation(registry, acting(registry, who, service=service), ref, computed)
        value["evidence"] = [{"type": t, "document": r.digest, "leaf": r.seq} for t, r in done]
    for warning in found.warnings:
        say(f"note: {warning}")
    emit(value, as_json=as_json, text=lambda: _lines(value, dry_run=dry_run))
    return 1 if strict and any(o.result in ("fail", "error") for o in found.outcomes) else 0


def _with_source(given: Any, source: tuple[tuple[str, str | int], ...]) -> Any:
    import msgspec

    return msgspec.structs.replace(given, source=source)


def _lines(value: dict[str, Any], *, dry_run: bool) -> Iterator[str]:
    told = ", ".join(f"{count} {result}" for result, count in sorted(value["outcomes"].items())) or "none"
    yield f"{value['tool']}: {value['metrics']} metrics, outcomes: {told}, {value['bias_checks']} bias checks"
    if dry_run:
        yield "nothing was recorded"
    elif not value["evidence"]:
        yield "known already, nothing was recorded"
    for item in value["evidence"]:
        yield f"recorded  {item['type']}  {item['document']}  leaf {item['leaf']}"
    yield "What this import cannot see:"
    yield from (f"  {spot}" for spot in value["blind_spots"])
