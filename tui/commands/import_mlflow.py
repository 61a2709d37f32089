"""muniment import mlflow: models, versions, runs and datasets of a tracking server or an mlruns folder."""

import os
from collections.abc import Iterator
from typing import Any

import click

from tui import import_report
from tui.diagnostics import ExitCode
from tui.output import emit, json_option
from tui.progress import progress
from tui.session import opened
from tui.settings import Settings

_COUNTS = ("models", "versions", "runs", "datasets")


@click.command("mlflow")
@click.argument("uri", envvar="MLFLOW_TRACKING_URI")
@click.option("--strict", is_flag=True, help="Exit 1 when something could not be read.")
@json_option
@click.pass_obj
def command(settings: Settings, uri: str, strict: bool, as_json: bool) -> int:
    """Take in what the MLflow server at URI, or the mlruns folder URI, holds.

    Credentials come from MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN;
    MLFLOW_WORKSPACE names a workspace. Importing again takes what is new or changed.
    """
    from importers.mlflow.importer import open_mlflow  # brings the HTTP client
    from registry.acts.take_in import import_source  # brings the projections
    from registry.store.foreign import foreign_versions

    source = open_mlflow(uri, os.environ)
    with opened(settings) as registry, progress("objects") as step:
        report = import_source(registry, source, step)
        known = foreign_versions(registry.connection, source.kind, source.name)
    gone = sorted(known - source.versions) if source.versions is not None else []
    taken = report.taken
    value: dict[str, Any] = {
        **{name: source.counts.get(name, 0) for name in (*_COUNTS, "dataset_versions")},
        "changed": taken.changed,
        "taken": taken.taken,
        "duplicate": taken.duplicate,
        "quarantined": taken.quarantined,
        "gone": [{"model": model, "version": version} for model, version in gone],
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
    for item in value["gone"]:
        yield f"gone: version {item['version']} of {item['model']} is no longer there"
    yield from import_report.lines(value)


def _counted(number: int, things: str) -> str:
    return f"{number} {things.removesuffix('s') if number == 1 else things}"
