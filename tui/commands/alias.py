"""muniment alias: names that are one dataset, as events say and as people decide."""

from collections.abc import Iterator
from typing import Any

import click

from schemas.observation import Name
from tui.diagnostics import say
from tui.output import emit, json_option, table
from tui.paging import full_name
from tui.session import Who, acting, opened, signer_options
from tui.settings import Settings


@click.group("alias")
def command() -> None:
    """See and decide which names are one dataset."""


def _decision(function: Any) -> Any:
    for option in (
        json_option,
        signer_options,
        click.option("--service", is_flag=True, help="Sign with the registry's service key."),
        click.option("--reason", required=True, metavar="TEXT", help="Why; kept beside the log."),
        click.argument("other", metavar="NAME"),
        click.argument("name", metavar="NAME"),
    ):
        function = option(function)
    return click.pass_obj(function)


@command.command("add")
@_decision
def add(
    settings: Settings, name: str, other: str, reason: str, service: bool, who: Who, as_json: bool
) -> None:
    """Say that two names, each namespace:name, are one dataset; reviewed lineage is looked at again."""
    _decide(settings, (name, other), reason, who, service=service, same=True, as_json=as_json)


@command.command("remove")
@_decision
def remove(
    settings: Settings, name: str, other: str, reason: str, service: bool, who: Who, as_json: bool
) -> None:
    """Say that two names are not one dataset, whatever an event or a person said before."""
    _decide(settings, (name, other), reason, who, service=service, same=False, as_json=as_json)


def _decide(
    settings: Settings,
    names: tuple[str, str],
    reason: str,
    who: Who,
    *,
    service: bool,
    same: bool,
    as_json: bool,
) -> None:
    from registry.acts.alias import add_alias, remove_alias
    from registry.store.neighbourhood import find_dataset

    with opened(settings) as registry:
        first, second = (find_dataset(registry.connection, name) for name in names)
        actor = acting(registry, who, service=service)
        done = (add_alias if same else remove_alias)(registry, actor, first, second, reason)
    if done.both_written:
        say("note: runs wrote the dataset under either name; their histories are now one")
    value = {"a": _named(done.a), "b": _named(done.b), "same": same, "leaf": done.leaf}
    joined = "one dataset" if same else "two datasets"
    text = f"{full_name(_named(done.a))} and {full_name(_named(done.b))} are {joined}, leaf {done.leaf}"
    emit(value, as_json=as_json, text=lambda: [text])


@command.command("list")
@click.option("--filter", "wanted", default="", metavar="TEXT", help="Only names that contain this.")
@click.option(
    "--joined", "joined_only", is_flag=True, help="Only datasets that runs wrote under several names."
)
@json_option
@click.pass_obj
def list_(settings: Settings, wanted: str, joined_only: bool, as_json: bool) -> None:
    """List the names that are one dataset, who says so, and whether that joins two histories."""
    from registry.acts.show_node import list_aliases
    from registry.store.listing import Page

    with opened(settings, read_only=True) as registry:
        items = list_aliases(registry.connection, Page(text=wanted).pattern)
    if joined_only:
        items = [item for item in items if item["same"] and item["both_written"]]

    def lines() -> Iterator[str]:
        rows = [
            (
                "=" if i["same"] else "not",
                i["said_by"],
                "several" if i["both_written"] else "-",
                full_name(i["a"]),
                full_name(i["b"]),
            )
            for i in items
        ]
        yield from table(("", "SAID BY", "NAMES WRITTEN", "NAME", "NAME"), rows)

    emit({"items": items}, as_json=as_json, text=lines)


@command.command("suggest")
@json_option
@click.pass_obj
def suggest(settings: Settings, as_json: bool) -> None:
    """List names that read alike and that nobody has decided about; deciding is yours."""
    from registry.acts.alias import suggest_aliases

    with opened(settings, read_only=True) as registry:
        found = suggest_aliases(registry)
    items = [{"a": _named(s.a), "b": _named(s.b), "why": s.why} for s in found]

    def lines() -> Iterator[str]:
        rows = [(s.why, full_name(_named(s.a)), full_name(_named(s.b))) for s in found]
        yield from table(("DIFFER IN", "NAME", "NAME"), rows)

    emit({"items": items}, as_json=as_json, text=lines)


def _named(name: Name) -> dict[str, str]:
    return {"namespace": name.namespace, "name": name.name}
