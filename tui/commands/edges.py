"""muniment edges: which job read and wrote which dataset, and which dataset was made from which."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
from tui.paging import full_name, how_many, more, page_options
from tui.session import opened
from tui.settings import Settings

_RELATIONS = (
    "input",
    "output",
    "derivation",
    "parent",
    "dependency",
    "declared-input",
    "declared-output",
    "declared-derivation",
)


@click.command("edges")
@page_options
@click.option("--relation", type=click.Choice(_RELATIONS), help="Only edges of this relation.")
@click.option("--merged", is_flag=True, help="Give a dataset with several names the first one everywhere.")
@json_option
@click.pass_obj
def command(
    settings: Settings,
    limit: int | None,
    after: str | None,
    wanted: str,
    relation: str | None,
    merged: bool,
    as_json: bool,
) -> None:
    """List lineage edges over all runs; they point from what was used to what it made.

    What static events declare stands apart, as declared-input, declared-output and declared-derivation.
    """
    from registry.store.edge_list import list_edges
    from registry.store.listing import Page

    with opened(settings, read_only=True) as registry:
        page = Page(how_many(limit, as_json=as_json), after, wanted)
        listed = list_edges(registry.connection, page, relation=relation, merged=merged)

    def lines() -> Iterator[str]:
        rows = [(e["relation"], full_name(e["from"]), full_name(e["to"])) for e in listed.items]
        yield from table(("RELATION", "FROM", "TO"), rows)
        yield from more(listed.after)

    emit({"items": listed.items, "after": listed.after}, as_json=as_json, text=lines)
