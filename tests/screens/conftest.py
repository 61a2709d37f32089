"""What the screen tests share: the sample registry, the screen as text, waiting for a condition."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.screens.memory import MemoryReading


@pytest.fixture
def reading() -> MemoryReading:
    """A fresh registry in memory."""
    return MemoryReading()


def screen_text(app: App[Any]) -> str:
    """Return what the terminal shows, row by row, without trailing blanks."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def wait_for(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Let the app work until `holds` does; fail with the screen when it never does."""
    for _ in range(200):
        await pilot.pause()
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError(screen_text(pilot.app))


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Press one key per character."""
    await pilot.press(*("space" if character == " " else character for character in text))
