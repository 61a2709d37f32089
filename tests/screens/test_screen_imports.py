"""The first screen stands before anything heavy is imported."""

import subprocess
import sys

HEAVY = (
    "sqlmodel",
    "sqlalchemy",
    "networkx",
    "pydantic",
    "numpy",
    "httpx",
    "httpx2",
    "yaml",
    "alembic",
    "openlineage",
)


def test_the_first_screen_imports_nothing_heavy() -> None:
    code = "import sys, tui.app; print([name for name in sys.argv[1:] if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_screens_behind_the_first_are_imported_when_they_are_opened() -> None:
    later = ("tui.screens.version", "tui.screens.decision", "tui.screens.audit", "tui.screens.help")
    code = "import sys, tui.app; print([name for name in sys.argv[1:] if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code, *later], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_what_is_drawn_does_not_know_textual() -> None:
    code = "import sys, tui.drawing.version, tui.drawing.queue; print('textual' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
