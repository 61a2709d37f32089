"""muniment reject: a signed rejection."""

import click

from tui.commands import decision

command: click.Command = decision.make_command("reject", "Sign a rejection of the open dossier of M@V.")
