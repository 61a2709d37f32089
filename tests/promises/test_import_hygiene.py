"""Commands that must start fast import only what they need; each is looked at in its own process."""

import subprocess
import sys

import pytest

HEAVY = ("sqlmodel", "sqlalchemy", "networkx", "textual", "pydantic", "openlineage", "alembic", "httpx2")

_PROGRAM = """
import sys
from tui.cli import main
code = main({arguments!r})
loaded = [name for name in {heavy!r} if name in sys.modules]
print("LOADED", loaded, code)
"""


def loaded_by(*arguments: str) -> str:
    program = _PROGRAM.format(arguments=list(arguments), heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("gate", "--help"),
        ("bundle", "verify", "--help"),
        ("approve", "--help"),
        ("audit", "witness", "--help"),
    ],
)
def test_help_imports_nothing_heavy(arguments):
    assert loaded_by(*arguments).startswith("LOADED []")
