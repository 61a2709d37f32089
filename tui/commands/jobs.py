"""muniment jobs: what can run."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
from tui.paging import full_name, how_many, more, page_options
from tui.session import opened
from tui.settings import Settings


@click.command("jobs")
@page_options
@json_option
@click.pass_obj
def command(settings: Settings, limit: int | None, after: str | None, wanted: str, as_json: bool) -> None:
    """List imported jobs in name order."""
    from registry.store.listing import Page, list_jobs

    with opened(settings, read_only=True) as registry:
        listed = list_jobs(registry.connection, Page(how_many(limit, as_json=as_json), after, wanted))

    def lines() -> Iterator[str]:
        rows = [(",".join(j["facets"]) or "-", full_name(j)) for j in listed.items]
        yield from table(("FACETS", "JOB"), rows)
        yield from more(listed.after)

    emit({"items": listed.items, "after": listed.after}, as_json=as_json, text=lines)
