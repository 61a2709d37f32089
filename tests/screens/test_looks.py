"""Looks: readable in every theme, the same words without colour, no colour outside the theme."""

import re
from pathlib import Path

import pytest
from textual.theme import Theme

from tests.screens.conftest import screen_text
from tests.screens.memory import MemoryReading
from tui.app import MunimentApp
from tui.drawing.glyphs import ASCII
from tui.theme import ROLES, THEMES, theme_after, theme_for

TUI = Path(__file__).parents[2] / "tui"
RATIO = 4.5
ON_PAGE = ("m-muted", "m-ok", "m-warn", "m-bad", "m-info", "m-head", "m-edge-up", "m-edge-down")
ON_BAR = ("m-bar-text", "m-muted", "m-key", "m-ok", "m-warn", "m-bad", "m-info")
PAIRS = (
    ("m-cursor-text", "m-cursor"),
    ("m-badge-text", "m-badge"),
    ("m-low-text", "m-low"),
    ("m-medium-text", "m-medium"),
    ("m-high-text", "m-high"),
    ("m-critical-text", "m-critical"),
    ("m-ok", "m-zone"),
    ("m-warn", "m-zone"),
    ("m-bad", "m-zone"),
)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_role_can_be_read(theme: Theme) -> None:
    colours = theme.variables
    background = theme.background or ""
    pairs = [(name, background) for name in ON_PAGE]
    pairs += [(name, colours["m-bar"]) for name in ON_BAR]
    pairs += [(front, colours[back]) for front, back in PAIRS]
    weak = {
        (front, back): round(contrast(colours[front], back), 2)
        for front, back in pairs
        if contrast(colours[front], back) < RATIO
    }
    assert weak == {}


@pytest.mark.parametrize("theme", THEMES[:1], ids=lambda theme: theme.name)
def test_severity_rises_in_luminance(theme: Theme) -> None:
    ramp = [luminance(theme.variables[f"m-{tier}"]) for tier in ("low", "medium", "high", "critical")]
    assert ramp == sorted(ramp)


def test_every_theme_names_the_same_colours() -> None:
    assert len({frozenset(theme.variables) for theme in THEMES}) == 1
    used = {name for look in ROLES.values() for name in (look.front, look.back) if name}
    assert used <= set(THEMES[0].variables)


def test_colours_are_named_in_the_theme_alone() -> None:
    hexes = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b")
    found = [
        path.name for path in TUI.rglob("*.py") if path.name != "theme.py" and hexes.search(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize("keys", [(), ("enter",), ("enter", "3"), ("enter", "4", "t"), ("enter", "a")])
async def test_the_words_are_the_same_without_colour(
    keys: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    for no_colour in ("", "1"):
        monkeypatch.setenv("NO_COLOR", no_colour)
        app = MunimentApp(MemoryReading())
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press(*keys)
            await pilot.pause()
            said.append(re.sub(r"[0-9a-f]{20,}", "DIGITS", screen_text(app)))
    if keys[-1:] == ("a",):
        # Every draft has its own nonce; all but the text to be signed is compared.
        said = [text.split("You sign exactly")[0] + text.split("passphrase")[1] for text in said]
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "keys", [(), ("enter",), ("enter", "2"), ("enter", "3"), ("enter", "4", "t"), ("enter", "a")]
)
async def test_the_ascii_set_leaves_only_ascii_on_the_screen(keys: tuple[str, ...]) -> None:
    app = MunimentApp(MemoryReading(), glyphs=ASCII)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert [c for c in screen_text(app) if not c.isascii()] == []


async def test_a_small_window_says_how_large_it_should_be() -> None:
    app = MunimentApp(MemoryReading())
    async with app.run_test(size=(70, 20)) as pilot:
        await pilot.pause()
        assert "enlarge the window to 80 x 24" in screen_text(app)


async def test_the_theme_can_be_turned() -> None:
    app = MunimentApp(MemoryReading(), theme="muniment-dark")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("T")
        assert app.theme == "muniment-light"


def test_the_theme_is_taken_from_the_environment() -> None:
    assert theme_for({"MUNIMENT_THEME": "contrast"}) == "muniment-contrast"
    assert theme_for({"MUNIMENT_THEME": "no such"}) == "muniment-dark"
    assert theme_after("muniment-contrast") == "muniment-dark"
