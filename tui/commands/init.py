"""muniment init: make a registry."""

import getpass
from collections.abc import Iterator

import click

from tui.diagnostics import say
from tui.output import emit, json_option
from tui.session import ask_new_passphrase
from tui.settings import Settings


@click.command("init")
@click.option("--as", "name", metavar="ID", help="Who you are, for example alice@example.org.")
@click.option("--no-passphrase", is_flag=True, help="Leave the first key unprotected.")
@click.option("--passphrase-file", metavar="FILE", help="Read the passphrase from this file.")
@json_option
@click.pass_obj
def command(
    settings: Settings, name: str | None, no_passphrase: bool, passphrase_file: str | None, as_json: bool
) -> None:
    """Make a registry: first key, trust root v1, log, starter policy."""
    from registry.acts.init import check_place, found_registry
    from registry.registry import registry_home

    home = registry_home(settings.registry)
    check_place(home)
    passphrase = None if no_passphrase else ask_new_passphrase(passphrase_file)
    founded = found_registry(home, name or getpass.getuser(), passphrase)

    def lines() -> Iterator[str]:
        yield f"registry  {founded.registry}"
        yield f"origin    {founded.origin}"
        yield f"anchor    {founded.anchor}"
        yield f"key       {founded.key}"

    value = {
        "registry": founded.registry,
        "origin": founded.origin,
        "anchor": founded.anchor,
        "key": founded.key,
        "person": founded.person,
    }
    emit(value, as_json=as_json, text=lines)
    say("Keep the anchor outside this machine: an auditor verifies bundles against it.")
    say("You hold every role alone. Add a second person: muniment key enrol NAME --role risk-approver")
