"""muniment models: governed model versions."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
from tui.session import opened, version_ref
from tui.settings import Settings


@click.command("models")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="At most so many."
)
@click.option("--after", metavar="M@V", help="Start behind this one.")
@click.option("--filter", "wanted", metavar="TEXT", help="Only names that contain this.")
@json_option
@click.pass_obj
def command(settings: Settings, limit: int, after: str | None, wanted: str | None, as_json: bool) -> None:
    """List governed model versions in name order."""
    with opened(settings, read_only=True) as registry:
        start = version_ref(settings, after) if after else None
        found = registry.versions.all(start)
        items = []
        for ref, manifest in found:
            if wanted is None or wanted in str(ref):
                items.append({"subject": str(ref), "manifest": manifest})
            if len(items) == limit:
                break

    def lines() -> Iterator[str]:
        yield from table(("VERSION", "MANIFEST"), [(i["subject"], i["manifest"]) for i in items])

    emit({"items": items}, as_json=as_json, text=lines)
