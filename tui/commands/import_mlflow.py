"""muniment import mlflow: models, versions, runs and datasets of a tracking server or an mlruns folder."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

import click

from tui import import_report
from tui.diagnostics import ExitCode
from tui.output import emit, json_option
from tui.progress import progress
from tui.session import opened
from tui.settings import Settings

_SHOWN = 20
_COUNTS = ("models", "versions", "runs", "datasets")


@click.command("mlflow")
@click.argument("uri", envvar="MLFLOW_TRACKING_URI")
@click.option("--verify-artifacts", "verify", is_flag=True, help="Hash the model files that lie here.")
@click.option("--strict", is_flag=True, help="Exit 1 when something could not be read.")
@json_option
@click.pass_obj
def command(settings: Settings, uri: str, verify: bool, strict: bool, as_json: bool) -> int:
    """Take in what the MLflow server at URI, or the mlruns folder URI, holds.

    Credentials come from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN;
    MLFLOW_WORKSPACE names a workspace. Importing again takes what is new or changed.
    """
    from importers.mlflow.importer import open_mlflow  # brings the HTTP client
    from registry.acts.foreign import import_registry  # brings the projections

    source = open_mlflow(uri, os.environ, verify=verify)
    with opened(settings) as registry, progress("objects") as step:
        report, settled = import_registry(registry, source, step)
    taken = report.taken
    value: dict[str, Any] = {
        **{name: source.counts.get(name, 0) for name in (*_COUNTS, "dataset_versions")},
        "changed": taken.changed,
        "taken": taken.taken,
        "duplicate": taken.duplicate,
        "quarantined": taken.quarantined,
        "gone": _pairs(settled.gone),
        "missing": _pairs(settled.missing),
        "renamed": [{"from": old, "to": new} for old, new in settled.renamed],
        "verified": _pairs(source.verified) if verify else [],
        "unreached": _pairs(source.unreached) if verify else [],
        "problems": import_report.rows(taken.problems),
        "warnings": import_report.rows(taken.warnings),
        "blind_spots": list(source.blind_spots),
        "source": source.name,
        "leaf": report.leaf,
    }
    emit(value, as_json=as_json, text=lambda: _lines(value))
    return ExitCode.NO if strict and taken.quarantined else ExitCode.YES


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
        yield f"files of {_counted(len(value['verified']), 'versions')} hashed here: verified"
    for item in value["unreached"][:_SHOWN]:
        yield f"not verified: files of {_named(item)} are not on this machine"
    if len(value["unreached"]) > _SHOWN:
        yield f"not verified: {len(value['unreached']) - _SHOWN} more, all with --json"
    yield from import_report.lines(value)


def _pairs(found: Iterable[tuple[str, str]]) -> list[dict[str, str | None]]:
    return [{"model": model, "version": version or None} for model, version in found]


def _named(item: dict[str, Any]) -> str:
    return f"version {item['version']} of {item['model']}" if item["version"] else f"model {item['model']}"


def _counted(number: int, things: str) -> str:
    return f"{number} {things.removesuffix('s') if number == 1 else things}"
