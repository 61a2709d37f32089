"""What roles look like: the only file that names colours.

Severity rises in luminance, so that it survives greyscale; every role is told by a word or a mark too.
"""

from collections.abc import Mapping

import msgspec
from textual.theme import Theme

_DARK = {
    "m-muted": "#9aa5b1",
    "m-line": "#56616e",
    "m-ok": "#3fc492",
    "m-warn": "#f0ae3c",
    "m-bad": "#ff8a70",
    "m-info": "#6cbcf2",
    "m-head": "#c5ced8",
    "m-bar": "#1f2630",
    "m-bar-text": "#d5dbe2",
    "m-key": "#f0ae3c",
    "m-cursor": "#24466b",
    "m-cursor-text": "#ffffff",
    "m-badge": "#33587f",
    "m-badge-text": "#ffffff",
    "m-low": "#17302c",
    "m-low-text": "#d8e6e2",
    "m-medium": "#4d3f12",
    "m-medium-text": "#ffffff",
    "m-high": "#a3521c",
    "m-high-text": "#ffffff",
    "m-critical": "#ff9a7a",
    "m-critical-text": "#101010",
    "m-zone": "#16302a",
    "m-edge-up": "#6cbcf2",
    "m-edge-down": "#f0ae3c",
}
_LIGHT = {
    "m-muted": "#4f5a66",
    "m-line": "#8b95a1",
    "m-ok": "#0b6145",
    "m-warn": "#754600",
    "m-bad": "#a32410",
    "m-info": "#0b578f",
    "m-head": "#28313b",
    "m-bar": "#dfe5ec",
    "m-bar-text": "#1b222a",
    "m-key": "#754600",
    "m-cursor": "#c2dcf6",
    "m-cursor-text": "#0c1116",
    "m-badge": "#285f94",
    "m-badge-text": "#ffffff",
    "m-low": "#e3f0ea",
    "m-low-text": "#14362a",
    "m-medium": "#f3df9e",
    "m-medium-text": "#3d2e00",
    "m-high": "#d9742e",
    "m-high-text": "#140800",
    "m-critical": "#8f1d10",
    "m-critical-text": "#ffffff",
    "m-zone": "#e0f0e8",
    "m-edge-up": "#0b578f",
    "m-edge-down": "#8a4b00",
}
_CONTRAST = {
    **_DARK,
    "m-muted": "#d0d0d0",
    "m-line": "#b0b0b0",
    "m-ok": "#66ffb8",
    "m-warn": "#ffd24d",
    "m-bad": "#ffb0a0",
    "m-info": "#9adcff",
    "m-head": "#ffffff",
    "m-bar": "#000000",
    "m-bar-text": "#ffffff",
    "m-key": "#ffd24d",
    "m-cursor": "#ffffff",
    "m-cursor-text": "#000000",
    "m-zone": "#002a1c",
}

THEMES: tuple[Theme, ...] = (
    Theme(
        "muniment-dark",
        primary="#4f9bd9",
        accent="#f0ae3c",
        foreground="#dfe4ea",
        background="#0e1116",
        surface="#151a21",
        panel="#1f2630",
        success="#3fc492",
        warning="#f0ae3c",
        error="#ff8a70",
        dark=True,
        variables=_DARK,
    ),
    Theme(
        "muniment-light",
        primary="#285f94",
        accent="#754600",
        foreground="#161b21",
        background="#f7f8fa",
        surface="#ffffff",
        panel="#dfe5ec",
        success="#0b6145",
        warning="#754600",
        error="#a32410",
        dark=False,
        variables=_LIGHT,
    ),
    Theme(
        "muniment-contrast",
        primary="#9adcff",
        accent="#ffd24d",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#000000",
        success="#66ffb8",
        warning="#ffd24d",
        error="#ffb0a0",
        dark=True,
        variables=_CONTRAST,
    ),
)


class Look(msgspec.Struct, frozen=True):
    """The names of a role's colours in the theme; an empty one is the widget's own."""

    front: str = ""
    back: str = ""
    bold: bool = False


ROLES: dict[str, Look] = {
    "muted": Look("m-muted"),
    "strong": Look(bold=True),
    "head": Look("m-head", bold=True),
    "line": Look("m-line"),
    "ok": Look("m-ok"),
    "warn": Look("m-warn"),
    "bad": Look("m-bad", bold=True),
    "info": Look("m-info"),
    "key": Look("m-key", bold=True),
    "badge": Look("m-badge-text", "m-badge"),
    "title": Look("m-bar-text", bold=True),
    "tab": Look("m-bar", "m-bar-text", bold=True),
    "tier-low": Look("m-low-text", "m-low"),
    "tier-medium": Look("m-medium-text", "m-medium"),
    "tier-high": Look("m-high-text", "m-high", bold=True),
    "tier-critical": Look("m-critical-text", "m-critical", bold=True),
    "zone": Look(back="m-zone"),
    "zone-ok": Look("m-ok", "m-zone"),
    "zone-warn": Look("m-warn", "m-zone"),
    "zone-bad": Look("m-bad", "m-zone", bold=True),
    "zone-line": Look("m-muted", "m-zone"),
    "edge-up": Look("m-edge-up", bold=True),
    "edge-down": Look("m-edge-down", bold=True),
    "cursor": Look("m-cursor-text", "m-cursor", bold=True),
}


def theme_for(environ: Mapping[str, str]) -> str:
    """Return the theme MUNIMENT_THEME names (`dark`, `light`, `contrast`), else the dark one."""
    wanted = f"muniment-{environ.get('MUNIMENT_THEME', 'dark').lower()}"
    return wanted if wanted in {theme.name for theme in THEMES} else THEMES[0].name


def theme_after(name: str) -> str:
    """Return the theme that follows `name` in the list."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
