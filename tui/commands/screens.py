"""muniment without a command: the review queue in the terminal."""

import sys

from schemas.errors import Usage
from tui.session import opened
from tui.settings import Settings


def need_terminal(instead: str) -> None:
    """Raise Usage when there is no terminal to draw on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage("the screens need a terminal", hint=f"use {instead} instead")


def open_screens(settings: Settings) -> None:
    """Open the terminal UI on the registry that the settings name."""
    from registry.pages.desk import Desk
    from tui.app import run

    need_terminal("muniment queue")
    with opened(settings) as registry:
        run(Desk(registry))
