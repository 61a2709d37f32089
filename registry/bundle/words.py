"""Words of records made harmless to look at: nothing unseen reorders, hides or ends a line of the report."""

_UNSEEN = {
    *range(0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x61C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xD800, 0xE000),
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
} - {0x0A}
"""Controls, marks of direction, characters without width and line ends other than the one."""


def harmless(text: str) -> str:
    """Return `text` with a mark in the place of every character that could not be seen."""
    return "".join("\N{REPLACEMENT CHARACTER}" if ord(c) in _UNSEEN else c for c in text)


def one_line(text: str) -> str:
    """Return `text` as one harmless line."""
    return harmless(text).replace("\n", "\N{REPLACEMENT CHARACTER}")
