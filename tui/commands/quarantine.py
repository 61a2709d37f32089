"""muniment quarantine: what could not be taken, and trying it again."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tui.diagnostics import ExitCode, say
from tui.output import emit, json_option, safe_lines, table
from tui.paging import how_many, more, page_options
from tui.progress import progress
from tui.session import opened
from tui.settings import Settings


@click.group("quarantine")
def command() -> None:
    """See what could not be taken, and try it again."""


@command.command("list")
@page_options
@json_option
@click.pass_obj
def list_(settings: Settings, limit: int | None, after: str | None, wanted: str, as_json: bool) -> None:
    """List what is held, with the reason; --filter looks at source, place and reason."""
    from registry.store.listing import Page
    from registry.store.quarantine import list_held

    with opened(settings, read_only=True) as registry:
        listed = list_held(registry.connection, Page(how_many(limit, as_json=as_json), after, wanted))

    def lines() -> Iterator[str]:
        rows = [(i["id"], i["size"], i["source"], i["position"], i["reason"]) for i in listed.items]
        yield from table(("ID", "BYTES", "SOURCE", "PLACE", "REASON"), rows)
        yield from more(listed.after)

    emit({"items": listed.items, "after": listed.after}, as_json=as_json, text=lines)


@command.command("show")
@click.argument("number", metavar="ID", type=click.IntRange(1, (1 << 63) - 1))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the exact bytes to this file.")
@json_option
@click.pass_obj
def show(settings: Settings, number: int, output: Path | None, as_json: bool) -> None:
    """Show one item: where it came from, why it is held, and its bytes."""
    from registry.store.quarantine import get_held

    with opened(settings, read_only=True) as registry:
        held = get_held(registry.connection, number)
    if output is not None:
        with output.open("xb") as file:
            file.write(held.raw)
        say(f"{output}: {len(held.raw)} bytes")
    value: dict[str, Any] = {
        "id": held.id,
        "kind": held.kind,
        "source": held.source,
        "position": held.position,
        "reason": held.reason,
        "digest": f"sha256:{held.digest.hex()}",
        "size": held.size,
        "kept": len(held.raw),
    }

    def lines() -> Iterator[str]:
        yield from (f"{name}: {shown}" for name, shown in value.items())
        if output is None:
            # Bytes that are no UTF-8 are shown as escapes; -o gives them as they are.
            sys.stdout.write("\n" + safe_lines(held.raw.decode("utf-8", "backslashreplace")) + "\n")

    emit(value, as_json=as_json, text=lines)


@command.command("retry")
@click.argument("numbers", metavar="[ID]...", nargs=-1, type=click.IntRange(1, (1 << 63) - 1))
@click.option("--all", "everything", is_flag=True, help="All that is held.")
@click.option("--strict", is_flag=True, help="Exit 1 when something stays.")
@json_option
@click.pass_obj
def retry(settings: Settings, numbers: tuple[int, ...], everything: bool, strict: bool, as_json: bool) -> int:
    """Read events again and take those that can be read by now.

    An event that a token's scope held back is let in as well: name it only when it belongs here.
    """
    if everything == bool(numbers):
        raise click.UsageError("name the items to retry, or --all")
    from importers.openlineage.decode import read_event
    from registry.acts.quarantine import retry_held

    with opened(settings) as registry, progress("events") as step:
        done = retry_held(registry, read_event, None if everything else numbers, step)
    value = {
        "taken": sum(r.taken.taken for r in done.reports),
        "duplicate": sum(r.taken.duplicate for r in done.reports),
        "released": list(done.released),
        "staying": [{"id": number, "reason": reason} for number, reason in done.staying],
        "leaves": [r.leaf for r in done.reports if r.leaf is not None],
    }

    def lines() -> Iterator[str]:
        yield f"{value['taken']} taken, {value['duplicate']} here already, {len(done.staying)} stay"
        yield from (f"stays: {number}: {reason}" for number, reason in done.staying)

    emit(value, as_json=as_json, text=lines)
    return ExitCode.NO if strict and done.staying else ExitCode.YES
