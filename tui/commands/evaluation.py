"""muniment evaluation: what other tools reported about a version."""

import click

from tui.output import emit, json_option
from tui.session import opened, version_ref
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
    from registry.acts.evaluate import list_reports
    from tui.report_lines import items_of, lines_of

    ref = version_ref(settings, version)
    with opened(settings, read_only=True) as registry:
        found = list_reports(registry, ref)
    none = (f"{ref}: no evaluation is recorded. This is a gap, not a pass.",)
    value = {"subject": str(ref), "items": items_of(found)}
    emit(value, as_json=as_json, text=lambda: lines_of(found) if found else none)
