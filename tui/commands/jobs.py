"""muniment jobs: what can run."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
from tui.paging import full_name, how_many, more, page_options, statements_option
from tui.session import opened
from tui.settings import Settings


@click.command("jobs")
@page_options
@click.option("--merged", is_flag=True, help="Show a dbt node that ran under several job names once.")
@statements_option
@json_option
@click.pass_obj
def command(
    settings: Settings,
    limit: int | None,
    after: str | None,
    wanted: str,
    merged: bool,
    statements: bool | None,
    as_json: bool,
) -> None:
    """List imported jobs in name order; ALSO counts the other names of the same dbt node."""
    from registry.store.listing import Page, list_jobs

    with opened(settings, read_only=True) as registry:
        page = Page(how_many(limit, as_json=as_json), after, wanted)
        shown = as_json if statements is None else statements
        listed = list_jobs(registry.connection, page, merged=merged, statements=shown)

    def lines() -> Iterator[str]:
        rows = [(len(j["same_as"]) or "-", ",".join(j["facets"]) or "-", full_name(j)) for j in listed.items]
        yield from table(("ALSO", "FACETS", "JOB"), rows)
        yield from more(listed.after)

    emit({"items": listed.items, "after": listed.after}, as_json=as_json, text=lines)
