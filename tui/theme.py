"""What roles look like: the only file that names colours.

Severity rises in luminance, so that it survives greyscale; every role is told by a word or a mark too.
"""

from collections.abc import Mapping

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

ROLES: dict[str, str] = {
    "muted": "color: $m-muted;",
    "strong": "text-style: bold;",
    "head": "color: $m-head; text-style: bold;",
    "line": "color: $m-line;",
    "ok": "color: $m-ok;",
    "warn": "color: $m-warn;",
    "bad": "color: $m-bad; text-style: bold;",
    "info": "color: $m-info;",
    "key": "color: $m-key; text-style: bold;",
    "badge": "background: $m-badge; color: $m-badge-text;",
    "title": "color: $m-bar-text; text-style: bold;",
    "tab": "background: $m-bar-text; color: $m-bar; text-style: bold;",
    "button": "background: $m-ok; color: $background; text-style: bold;",
    "tier-low": "background: $m-low; color: $m-low-text;",
    "tier-medium": "background: $m-medium; color: $m-medium-text;",
    "tier-high": "background: $m-high; color: $m-high-text; text-style: bold;",
    "tier-critical": "background: $m-critical; color: $m-critical-text; text-style: bold;",
    "zone": "background: $m-zone;",
    "zone-ok": "background: $m-zone; color: $m-ok;",
    "zone-warn": "background: $m-zone; color: $m-warn;",
    "zone-bad": "background: $m-zone; color: $m-bad; text-style: bold;",
    "zone-line": "background: $m-zone; color: $m-muted;",
    "edge-up": "color: $m-edge-up; text-style: bold;",
    "edge-down": "color: $m-edge-down; text-style: bold;",
    "cursor": "background: $m-cursor; color: $m-cursor-text; text-style: bold;",
}


def role_css(widget: str, prefix: str) -> str:
    """Return the rules that give every role its look inside `widget`."""
    rules = " ".join(f"& > .{prefix}--{role} {{ {css} }}" for role, css in ROLES.items())
    return f"{widget} {{ {rules} }}"


def theme_for(environ: Mapping[str, str]) -> str:
    """Return the theme MUNIMENT_THEME names (`dark`, `light`, `contrast`), else the dark one."""
    wanted = f"muniment-{environ.get('MUNIMENT_THEME', 'dark').lower()}"
    return wanted if wanted in {theme.name for theme in THEMES} else THEMES[0].name


def theme_after(name: str) -> str:
    """Return the theme that follows `name` in the list."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
