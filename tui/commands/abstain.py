"""muniment abstain: a signed abstention."""

import click

from tui.commands import decision

command: click.Command = decision.make_command("abstain", "Sign an abstention on the open dossier of M@V.")
