"""muniment runs: what ran, when, and what became of it."""

from collections.abc import Iterator
from typing import Any

import click

from tui.output import emit, json_option, table
from tui.paging import full_name, how_many, more, page_options, statements_option
from tui.session import opened
from tui.settings import Settings


@click.command("runs")
@page_options
@statements_option
@json_option
@click.pass_obj
def command(
    settings: Settings,
    limit: int | None,
    after: str | None,
    wanted: str,
    statements: bool | None,
    as_json: bool,
) -> None:
    """List imported runs, the latest first; --filter looks at job name, run id and state.

    A run of one SQL statement is left to the run it ran inside of: (+3) says that three were, and what they
    read and wrote counts there.
    """
    from registry.store.listing import Page, list_runs

    with opened(settings, read_only=True) as registry:
        page = Page(how_many(limit, as_json=as_json), after, wanted)
        shown = as_json if statements is None else statements
        listed = list_runs(registry.connection, page, statements=shown)

    def lines() -> Iterator[str]:
        rows = [
            (r["state"], r["started_at"] or "-", r["ended_at"] or "-", r["run_id"], _job(r))
            for r in listed.items
        ]
        yield from table(("STATE", "STARTED", "ENDED", "RUN", "JOB"), rows)
        yield from more(listed.after)

    emit({"items": listed.items, "after": listed.after}, as_json=as_json, text=lines)


def _job(run: dict[str, Any]) -> str:
    inner = run.get("statements")
    return full_name(run["job"]) + (f"  (+{inner})" if inner else "")
