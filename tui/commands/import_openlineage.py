"""muniment import openlineage: events from files, folders, standard input or a Marquez server."""

import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import click

from tui import import_report
from tui.diagnostics import ExitCode
from tui.output import emit, json_option
from tui.progress import progress
from tui.session import opened
from tui.settings import Settings

_COUNTS = ("taken", "duplicate", "quarantined", "runs", "datasets", "jobs")


@click.command("openlineage")
@click.argument("sources", metavar="SRC...", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Exit 1 when something was quarantined.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken in, and keep nothing of it.")
@click.option(
    "--overlap",
    default=7,
    show_default=True,
    type=click.IntRange(0, 36_500),
    metavar="DAYS",
    help="How far before its last import a Marquez server is read again, for events that came late.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 2),
    metavar="N",
    help="Processes, 1 or 2: with 2, one reads and one writes. By default 2 for a file of more than 64 MiB.",
)
@click.option("--all", "whole", is_flag=True, help="Read a Marquez server from its first event on.")
@json_option
@click.pass_obj
def command(
    settings: Settings,
    sources: tuple[str, ...],
    strict: bool,
    dry_run: bool,
    overlap: int,
    jobs: int | None,
    whole: bool,
    as_json: bool,
) -> int:
    """Take in OpenLineage events from each SRC.

    A SRC is a file (one event per line, indented, an array, a log with events in it, any of them gzipped), a
    folder of such files, - for standard input, or the URL of a Marquez server (its key comes from
    MARQUEZ_API_KEY). Importing again takes only what is new. While --dry-run reads, nobody else can write.
    """
    from importers.openlineage.sources import open_source
    from registry.acts.dry_run import try_sources  # brings the projections
    from registry.acts.pulls import go_on
    from tui.reading_ahead import import_with

    named = [
        open_source(text, os.environ, stdin=sys.stdin.buffer if text == "-" else None) for text in sources
    ]
    value: dict[str, Any] = {**dict.fromkeys(_COUNTS, 0), "changed": 0}
    value |= {"problems": [], "warnings": [], "blind_spots": [], "sources": [], "leaves": []}
    with opened(settings) as registry, progress("events") as step:
        for source in () if whole else named:
            go_on(registry, source, timedelta(days=overlap))
        if dry_run:
            reports = try_sources(registry, named, step)
        else:
            reports = [import_with(registry, source, step, jobs) for source in named]
    for source, report in zip(named, reports, strict=True):
        _add(value, source.name, report)
    value["dry_run"] = dry_run
    emit(value, as_json=as_json, text=lambda: _lines(value))
    return ExitCode.NO if strict and value["quarantined"] else ExitCode.YES


def _add(value: dict[str, Any], name: str, report: Any) -> None:
    taken = report.taken
    for key in (*_COUNTS, "changed"):
        value[key] += getattr(taken, key)
    for key in ("problems", "warnings"):
        value[key] += [{"source": name, **row} for row in import_report.rows(getattr(taken, key))]
    value["blind_spots"] = list(dict.fromkeys((*value["blind_spots"], *taken.blind_spots)))
    value["sources"].append(name)
    if report.leaf is not None:
        value["leaves"].append(report.leaf)


def _lines(value: dict[str, Any]) -> Iterator[str]:
    yield ", ".join(f"{value[name]} {name}" for name in _COUNTS[:3])
    yield "of " + ", ".join(f"{value[name]} {name}" for name in _COUNTS[3:])
    yield from import_report.lines(value)
    if value["dry_run"]:
        yield import_report.NOTHING_KEPT
