"""The terminal UI: it knows where to read, which theme and marks to use, and the first screen."""

import gc
import os
import sys
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType

from registry.reading import Reading
from tui.desk import Desk
from tui.drawing.glyphs import Glyphs, glyphs_for
from tui.screens.frame import Framed
from tui.screens.queue import QueueScreen
from tui.theme import THEMES, theme_for


class MunimentApp(App[None]):
    """Opens the review queue; every other screen is imported when it is opened."""

    TITLE = "Muniment"
    ENABLE_COMMAND_PALETTE = False
    PAUSE_GC_ON_SCROLL = True
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, reading: Reading, *, glyphs: Glyphs | None = None, theme: str | None = None) -> None:
        super().__init__()
        self.desk = Desk(reading, glyphs or glyphs_for(os.environ, sys.stdout.encoding))
        for one in THEMES:
            self.register_theme(one)
        self.theme = theme or theme_for(os.environ)
        # Underlines that slide and lists that glide are traffic over SSH and tell nothing.
        self.animation_level = "none"

    def on_mount(self) -> None:
        """Open the queue."""
        self.push_screen(QueueScreen(self.desk))

    def on_framed_keys_wanted(self, message: Framed.KeysWanted) -> None:
        """Show the keys of the screen that asked."""
        from tui.screens.help import HelpScreen  # noqa: PLC0415 - read only when asked for

        self.push_screen(HelpScreen(self.desk, message.places))

    def on_ready(self) -> None:
        """Collect once, then leave what start-up made out of every later collection."""
        if not gc.isenabled():
            gc.collect()
            gc.freeze()
            gc.enable()


def run(reading: Reading) -> None:
    """Open the terminal UI on what `reading` gives, until the person leaves."""
    # A full collection during start-up costs a sixth of it and frees nothing.
    gc.disable()
    try:
        MunimentApp(reading).run()
    finally:
        gc.enable()
