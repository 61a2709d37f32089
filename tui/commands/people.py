"""muniment people: what people are called, beside the log."""

import sys
from collections.abc import Iterator

import click

from schemas.errors import Usage
from tui.diagnostics import say
from tui.output import emit, json_option, table
from tui.session import opened
from tui.settings import Settings


@click.group("people")
def command() -> None:
    """List, rename and forget what people are called; records hold ids only."""


@command.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List everybody who was ever enrolled, with the name kept of them."""
    from registry.acts.people import list_people

    with opened(settings, read_only=True) as registry:
        found = list_people(registry)
    items = [
        {
            "person": p.id,
            "name": p.name,
            "enrolled": p.enrolled is not None,
            "roles": sorted({r.role for r in p.enrolled.roles}) if p.enrolled else [],
        }
        for p in found
    ]

    def lines() -> Iterator[str]:
        cells = []
        for p in found:
            held = sorted({r.role for r in p.enrolled.roles}) if p.enrolled else []
            roles = ", ".join(held) if p.enrolled else "no longer enrolled"
            cells.append((p.name or "(forgotten)", p.id, roles))
        yield from table(("NAME", "PERSON", "ROLES"), cells)

    emit({"items": items}, as_json=as_json, text=lines)


@command.command("rename")
@click.argument("person")
@click.argument("name")
@json_option
@click.pass_obj
def rename(settings: Settings, person: str, name: str, as_json: bool) -> None:
    """Let PERSON (a name or an id) be called NAME from now on."""
    from registry.acts.people import rename_person

    with opened(settings) as registry:
        found = rename_person(registry, person, name)
        name = registry.names.name_of(found)
    emit({"person": found, "name": name}, as_json=as_json, text=lambda: [f"renamed   {found} is {name}"])


@command.command("forget")
@click.argument("person")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@json_option
@click.pass_obj
def forget(settings: Settings, person: str, yes: bool, as_json: bool) -> int:
    """Erase what PERSON is called from the registry's files; what they signed stays, under their id."""
    from registry.acts.people import forget_person

    if not yes:
        if not sys.stdin.isatty():
            raise Usage("an erasure is asked about on the terminal, and there is none", hint="add --yes")
        click.confirm(f"Forget what {person} is called, for good?", abort=True, err=True)
    with opened(settings) as registry:
        done = forget_person(registry, person)
    value = {"person": done.id, "swept": done.swept}
    emit(value, as_json=as_json, text=lambda: [f"forgotten {done.id}: no name is kept"])
    if done.swept:
        return 0
    say("muniment: the name may still stand in the files: another process uses them, or the disk is full")
    say("  next: muniment redact --sweep")
    return 6
