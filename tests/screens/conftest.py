"""What the screen tests share: the sample registry, and the screen as text."""

from typing import Any

import pytest
from textual.app import App

from tests.screens.memory import MemoryReading


@pytest.fixture
def reading() -> MemoryReading:
    """A fresh registry in memory."""
    return MemoryReading()


def screen_text(app: App[Any]) -> str:
    """Return what the terminal shows, row by row, without trailing blanks."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
