"""muniment monitoring: what was seen of a version in use."""

import click

from tui.output import json_option
from tui.settings import Settings


@click.group("monitoring")
def command() -> None:
    """See what monitoring saw of a version in use."""


@command.command("show")
@click.argument("version", metavar="M@V")
@json_option
@click.pass_obj
def show(settings: Settings, version: str, as_json: bool) -> None:
    """Show every report of monitoring recorded for M@V: its numbers, and what was alarming."""
    from tui.report_lines import emit_reports

    emit_reports(settings, version, "monitoring", as_json=as_json)
