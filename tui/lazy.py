"""Groups of commands that import a command's file only when that command is named."""

from importlib import import_module

import click

Table = dict[str, tuple[str, str]]
"""Command -> (module that holds `command`, one line of help shown without importing it)."""


def lazy_group(commands: Table) -> type[click.Group]:
    """Return a group class over `commands`, listed in the order given."""

    class LazyGroup(click.Group):
        def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
            return list(commands)

        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
            if cmd_name not in commands:
                return None
            command: click.Command = import_module(commands[cmd_name][0]).command
            return command

        def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
            with formatter.section("Commands"):
                formatter.write_dl([(name, line) for name, (_, line) in commands.items()])

    return LazyGroup
