"""muniment approve: a signed approval."""

import click

from tui.commands import decision

command: click.Command = decision.make_command("approve", "Sign an approval of the open dossier of M@V.")
