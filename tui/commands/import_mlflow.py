"""muniment import mlflow: models, versions, runs and datasets of a tracking server or an mlruns folder."""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from tui import import_report
from tui.diagnostics import ExitCode
from tui.output import emit, json_option
from tui.progress import progress, working
from tui.session import Who, acting, opened, signer_options, version_ref
from tui.settings import Settings

if TYPE_CHECKING:
    from importers.mlflow.evaluation import Reading
    from importers.mlflow.importer import MlflowSource
    from registry.acts.take_in import ImportReport
    from registry.store.foreign_history import Settled

_SHOWN = 20
_COUNTS = ("models", "versions", "runs", "datasets")


@click.command("mlflow")
@click.argument("uri", envvar="MLFLOW_TRACKING_URI")
@click.option("--verify-artifacts", "verify", is_flag=True, help="Hash model files, here or from the server.")
@click.option("--for", "versions", multiple=True, metavar="M@V", help="Record what was measured about it.")
@click.option("--groups", "patterns", multiple=True, metavar="PATTERN", help="How metric names tell groups.")
@click.option("--favourable/--unfavourable", default=True, help="Do people want the outcome of the counts?")
@click.option("--service", is_flag=True, help="Sign with the registry's service key, as pipelines do.")
@click.option("--strict", is_flag=True, help="Exit 1 when something could not be read or verified.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and keep nothing of it.")
@signer_options
@json_option
@click.pass_obj
def command(
    settings: Settings,
    uri: str,
    verify: bool,
    versions: tuple[str, ...],
    patterns: tuple[str, ...],
    favourable: bool,
    service: bool,
    strict: bool,
    dry_run: bool,
    who: Who,
    as_json: bool,
) -> int:
    """Take in what the MLflow server at URI, or the mlruns folder URI, holds.

    Credentials come from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN;
    MLFLOW_WORKSPACE names a workspace; MUNIMENT_MLFLOW_HEADERS holds further headers, one a line. Importing
    again takes what is new or changed. Nothing is recorded about a version unless --for asks for it: then
    the metrics of the version it is linked to become a report, counts by group become bias checks. PATTERN
    is by default group/{attribute}/{group}/{metric} or group/{group}/{metric}. While --dry-run reads, nobody
    else can write.
    """
    from importers.mlflow.importer import open_mlflow  # brings the HTTP client
    from registry.acts.dry_run import try_registry  # brings the projections
    from registry.acts.foreign import import_registry
    from tui.importing_mlflow import changed_tags, record_measured

    source = open_mlflow(uri, os.environ, verify=verify)
    reading = _reading(patterns, favourable=favourable)
    refs = [version_ref(settings, version) for version in versions]
    measured: list[dict[str, Any]] = []
    with opened(settings) as registry:
        for ref in refs:
            registry.get_manifest(ref)
        actor = acting(registry, who, service=service) if refs and not dry_run else None
        with (
            progress("read, objects") as source.scanned_so_far,
            progress("looked at, versions") as source.heard,
            progress("taken in, objects") as step,
        ):
            take_in = try_registry if dry_run else import_registry
            report, settled = take_in(registry, source, step)
        with working("reading what was measured"):
            for ref in refs:
                measured += record_measured(registry, source, actor, ref, reading)
        echoes = changed_tags(registry, source)
    value = _value(source, report, settled) | {"measured": measured, "dry_run": dry_run}
    value["warnings"] = [*echoes, *value["warnings"]]
    emit(value, as_json=as_json, text=lambda: _lines(value))
    unread = report.taken.quarantined or source.unreached
    return ExitCode.NO if strict and unread else ExitCode.YES


def _value(source: "MlflowSource", report: "ImportReport", settled: "Settled") -> dict[str, Any]:
    taken = report.taken
    return {
        **{name: source.counts.get(name, 0) for name in (*_COUNTS, "dataset_versions")},
        "changed": taken.changed,
        "taken": taken.taken,
        "duplicate": taken.duplicate,
        "quarantined": taken.quarantined,
        "gone": _pairs(settled.gone),
        "missing": _pairs(settled.missing),
        "renamed": [{"from": old, "to": new} for old, new in settled.renamed],
        "verified": _pairs(source.verified),
        "unreached": _pairs(source.unreached),
        "problems": import_report.rows(taken.problems),
        "warnings": import_report.rows(taken.warnings),
        "blind_spots": list(source.blind_spots),
        "source": source.name,
        "leaf": report.leaf,
    }


def _lines(value: dict[str, Any]) -> Iterator[str]:
    counted = ", ".join(_counted(value[name], name) for name in _COUNTS)
    yield f"{value['source']}: {counted}"
    unread = f", {value['quarantined']} could not be read" if value["quarantined"] else ""
    yield f"{value['changed']} new or changed, {value['duplicate']} known already{unread}"
    for item in value["renamed"]:
        yield f"renamed: model {item['from']} is {item['to']} now"
    for item in value["missing"]:
        yield f"missing: {_named(item)} is not in this reading; gone when the next lacks it too"
    for item in value["gone"]:
        yield f"gone: {_named(item)} is no longer there"
    if value["verified"]:
        yield f"files of {_counted(len(value['verified']), 'versions')} hashed: verified"
    for item in value["unreached"][:_SHOWN]:
        yield f"not verified: files of {_named(item)} cannot be reached"
    if len(value["unreached"]) > _SHOWN:
        yield f"not verified: {len(value['unreached']) - _SHOWN} more, all with --json"
    for item in value["measured"]:
        held = f"{item['metrics']} metrics, {_counted(item['bias_checks'], 'bias checks')}"
        known = not item["evidence"] and not value["dry_run"]
        yield f"{item['subject']}: {item['from']}: {held}{', known already' if known else ''}"
        yield from (
            f"recorded  {row['type']}  {row['document']}  leaf {row['leaf']}" for row in item["evidence"]
        )
        yield from (f"note: {warning}" for warning in item["warnings"])
    yield from import_report.lines(value)
    if value["dry_run"]:
        yield import_report.NOTHING_KEPT


def _reading(patterns: tuple[str, ...], *, favourable: bool) -> "Reading":
    from importers.mlflow.evaluation import Reading
    from importers.mlflow.groups import DEFAULT, parse_pattern
    from schemas.evaluation import Polarity

    return Reading(tuple(map(parse_pattern, patterns or DEFAULT)), Polarity("selected", favourable))


def _pairs(found: Iterable[tuple[str, str]]) -> list[dict[str, str | None]]:
    return [{"model": model, "version": version or None} for model, version in found]


def _named(item: dict[str, Any]) -> str:
    return f"version {item['version']} of {item['model']}" if item["version"] else f"model {item['model']}"


def _counted(number: int, things: str) -> str:
    return f"{number} {things.removesuffix('s') if number == 1 else things}"
