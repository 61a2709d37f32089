"""muniment runs: what ran, when, and what became of it."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
from tui.paging import full_name, how_many, more, page_options
from tui.session import opened
from tui.settings import Settings


@click.command("runs")
@page_options
@json_option
@click.pass_obj
def command(settings: Settings, limit: int | None, after: str | None, wanted: str, as_json: bool) -> None:
    """List imported runs, the latest first; --filter looks at job name, run id and state."""
    from registry.store.listing import Page, list_runs

    with opened(settings, read_only=True) as registry:
        listed = list_runs(registry.connection, Page(how_many(limit, as_json=as_json), after, wanted))

    def lines() -> Iterator[str]:
        rows = [
            (r["state"], r["started_at"] or "-", r["ended_at"] or "-", r["run_id"], full_name(r["job"]))
            for r in listed.items
        ]
        yield from table(("STATE", "STARTED", "ENDED", "RUN", "JOB"), rows)
        yield from more(listed.after)

    emit({"items": listed.items, "after": listed.after}, as_json=as_json, text=lines)
