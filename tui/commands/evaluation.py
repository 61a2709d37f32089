"""muniment evaluation: what other tools reported about a version."""

import click

from tui.output import json_option
from tui.settings import Settings


@click.group("evaluation")
def command() -> None:
    """See what other tools reported about a version."""


@command.command("show")
@click.argument("version", metavar="M@V")
@json_option
@click.pass_obj
def show(settings: Settings, version: str, as_json: bool) -> None:
    """Show every report recorded for M@V: its numbers and the outcomes of its checks."""
    from tui.report_lines import emit_reports

    emit_reports(settings, version, "evaluation", as_json=as_json)
