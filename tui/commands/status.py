"""muniment status: one version, or the whole portfolio."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
from tui.session import opened, version_ref
from tui.settings import Settings


@click.command("status")
@click.argument("version", metavar="[M@V]", required=False)
@click.option("--env", "environment", metavar="E", help="Only this environment.")
@json_option
@click.pass_obj
def command(settings: Settings, version: str | None, environment: str | None, as_json: bool) -> None:
    """Show the approval status of M@V, or of every version."""
    from registry.acts.statuses import list_statuses
    from registry.acts.unsealed import read_unsealed

    with opened(settings, read_only=True) as registry:
        ref = version_ref(settings, version) if version else None
        items = list_statuses(registry, ref, environment)
        unsealed = read_unsealed(registry)

    def lines() -> Iterator[str]:
        rows = [(i["subject"], i["environment"] or "-", i["status"], i["version_state"]) for i in items]
        for item in items:
            if item["alarm"]:
                yield f"! {item['subject']} for {item['environment']}: {item['alarm']}"
        yield from table(("VERSION", "ENVIRONMENT", "STATUS", "STATE"), rows)
        if ref is not None:
            for item in items:
                if len(items) > 1:
                    yield f"{item['environment']}:"
                yield from (f"  {why}" for why in item["why"])
                yield from (f"  {made['said']}: {made['state']}" for made in item["exceptions"])
                yield from (f"  next: {step}" for step in item["next"])
        yield str(unsealed)

    emit({"items": items, "unsealed": unsealed.to_json()}, as_json=as_json, text=lines)
