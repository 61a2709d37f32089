"""The command lines that the screens name can be run as they stand."""

import shlex

import click
import pytest

from registry.views import QueueView
from tests.screens.sample import SUBJECT
from tui.cli import COMMANDS, cli
from tui.drawing.command_lines import (
    KEY_COMMAND,
    decision_command,
    evidence_command,
    leaf_command,
    next_command,
    queue_command,
    tab_command,
)
from tui.drawing.queue import EMPTY
from tui.drawing.version import TABS

LACKING = ("risk", "fairness", "lineage", "evidence", "request")
NAMED = [
    *(tab_command(tab, SUBJECT, "production") for tab in (*TABS, "changes")),
    tab_command("lineage", SUBJECT, "production") + " --table",
    *(queue_command(view) for view in QueueView),
    *(decision_command(d, SUBJECT, "production", "owner") for d in ("approve", "reject", "abstain")),
    *(next_command(what, SUBJECT, "production") for what in LACKING),
    evidence_command(f"sha256:{'0' * 64}"),
    leaf_command(7),
    "muniment audit verify",
    KEY_COMMAND,
    *(command for _, command in EMPTY.values()),
]


@pytest.mark.parametrize("text", sorted(set(NAMED)))
def test_a_named_command_and_its_options_exist(text: str) -> None:
    words = shlex.split(text)
    assert words[0] == "muniment"
    assert words[1] in COMMANDS
    command: click.Command | None = cli
    rest = words[1:]
    context = click.Context(cli)
    while isinstance(command, click.Group) and rest:
        command = command.get_command(context, rest.pop(0))
    assert command is not None
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in rest if word.startswith("--")} <= known


def test_an_environment_with_a_space_is_quoted_for_the_shell() -> None:
    assert tab_command("overview", SUBJECT, "pre prod").endswith("--env 'pre prod'")
