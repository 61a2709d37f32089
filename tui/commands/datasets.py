"""muniment datasets: what was read and written."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
from tui.paging import full_name, how_many, more, page_options
from tui.session import opened
from tui.settings import Settings


@click.command("datasets")
@page_options
@click.option("--merged", is_flag=True, help="Show a dataset with several names once, under the first.")
@json_option
@click.pass_obj
def command(
    settings: Settings, limit: int | None, after: str | None, wanted: str, merged: bool, as_json: bool
) -> None:
    """List imported datasets in name order, under the names their sources gave."""
    from registry.store.listing import Page, list_datasets

    with opened(settings, read_only=True) as registry:
        page = Page(how_many(limit, as_json=as_json), after, wanted)
        listed = list_datasets(registry.connection, page, merged=merged)

    def lines() -> Iterator[str]:
        rows = [
            (
                len(d["versions"]),
                len(d["aliases"]),
                ",".join(d["facets"]) or "-",
                full_name(d) + (f"  dropped {d['dropped_at']}" if d["dropped_at"] else ""),
            )
            for d in listed.items
        ]
        yield from table(("VERSIONS", "ALIASES", "FACETS", "DATASET"), rows)
        yield from more(listed.after)

    emit({"items": listed.items, "after": listed.after}, as_json=as_json, text=lines)
