"""muniment evaluation: what other tools reported about a version."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
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
    from registry.acts.evaluate import list_evaluations

    ref = version_ref(settings, version)
    with opened(settings, read_only=True) as registry:
        found = list_evaluations(registry, ref)
    items = [
        {**report.to_document(), "document": d.digest, "leaf": d.by.seq, "recorded_at": d.by.time}
        for d, report in found
    ]

    def lines() -> Iterator[str]:
        if not found:
            yield f"{ref}: no evaluation is recorded. This is a gap, not a pass."
        for document, report in found:
            named = dict(report.source).get("name", "")
            yield f"{report.tool}  {named}  leaf {document.by.seq}  {document.by.time}  (reported)"
            rows = [(m.name, " ".join(f"{a}={v}" for a, v in m.part), m.value) for m in report.metrics]
            yield from table(("METRIC", "PART", "VALUE"), rows) if rows else ()
            checked = [(o.result, o.name, o.message) for o in report.outcomes]
            yield from table(("RESULT", "CHECK", "SAID"), checked) if checked else ()
            yield ""

    emit({"subject": str(ref), "items": items}, as_json=as_json, text=lines)
