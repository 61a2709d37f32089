"""The README says what the program does, and the program does what the README says."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tui.cli import COMMANDS, cli
from tui.diagnostics import ExitCode

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme(name):
    assert re.search(rf"`{name}[ `,]|`{name}`", README)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    done = CliRunner().invoke(cli, [name, "--help"])

    assert done.exit_code == 0
    assert "Usage:" in done.output


def test_every_command_that_the_readme_shows_exists():
    shown = {m[1] for m in re.finditer(r"^muniment ([a-z]+)", README, re.MULTILINE)}

    assert shown <= set(COMMANDS)


def test_the_two_commands_that_set_everything_up_are_one_line_each():
    lines = [line for line in README.splitlines() if line.startswith("python3 -m venv")]

    assert [line.split()[-1] for line in lines] == ["demo", ".venv/bin/pytest"]


def test_exit_codes_are_those_of_the_readme():

    listed = {int(m[1]) for m in re.finditer(r"^\| (\d+) \|", README, re.MULTILINE)}

    assert listed == {code.value for code in ExitCode}
