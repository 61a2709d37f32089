"""muniment export openlineage: a version's story as events, through the official client."""

import json
from typing import Any

import click

from tui.diagnostics import say
from tui.output import emit, json_option
from tui.progress import progress, working
from tui.session import opened, version_ref
from tui.settings import Settings


@click.command("openlineage")
@click.argument("versions", metavar="[M@V]...", nargs=-1)
@click.option("--to", "target", default="-", show_default=True, metavar="FILE|URL|-", help="Where to.")
@click.option("--as-runs", is_flag=True, help="Tell decisions as runs, where dataset events are ignored.")
@click.option("--dry-run", is_flag=True, help="Count the events and send nothing.")
@json_option
@click.pass_obj
def command(
    settings: Settings, versions: tuple[str, ...], target: str, as_runs: bool, dry_run: bool, as_json: bool
) -> None:
    """Send how versions were trained, evaluated, checked, watched and decided on; without M@V, every version.

    Events keep their original times and derived ids: sending again sends the same bytes. A URL is an
    OpenLineage receiver; its key comes from OPENLINEAGE_API_KEY. With --json the events are one document and
    nothing is sent.
    """
    from registry.exports.openlineage import list_events
    from registry.exports.transport import as_json as event_json
    from registry.exports.transport import send, transport_to

    with opened(settings, read_only=True) as registry, working("reading the log"):
        refs = [version_ref(settings, v) for v in versions] or [ref for ref, _ in registry.versions.all()]
        events: list[Any] = [event for ref in refs for event in list_events(registry, ref, as_runs=as_runs)]
    if as_json:
        items = [json.loads(event_json(event)) for event in events]
        emit({"items": items}, as_json=True, text=tuple)
        return
    if dry_run:
        say(f"{len(events)} events, nothing sent")
        return
    with progress("events") as step:
        count = send(events, transport_to(target), target, lambda done: step(done, len(events)))
    say(f"{count} events sent")
