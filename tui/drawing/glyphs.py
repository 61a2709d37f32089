"""The marks a screen is drawn with. Words carry every meaning too; marks and colours repeat it."""

from collections.abc import Mapping

import msgspec


class Glyphs(msgspec.Struct, frozen=True):
    """One set of marks, each exactly one cell wide."""

    ok: str
    warn: str
    bad: str
    stale: str
    none: str
    cursor: str
    more: str
    rule: str
    wall: str
    up: str
    down: str
    right: str
    left: str
    dot: str
    reference: str
    limit: str
    parity: str
    ci_left: str
    ci_right: str
    ci_line: str
    full: str
    empty: str
    bend: str
    tee: str
    trunk: str
    shared: str
    arrow: str
    gap: str
    boxes: tuple[str, ...]
    """Sixteen line pieces, indexed by the sum of the directions they leave in: N 1, S 2, W 4, E 8."""
    heavy: tuple[str, ...]

    @property
    def bridge(self) -> str:
        """What stands where one line passes over another without meeting it."""
        return self.boxes[3]


UNICODE = Glyphs(
    ok="✓",
    warn="!",
    bad="✗",
    stale="~",
    none="·",
    cursor="▌",
    more="…",
    rule="─",
    wall="│",
    up="↑",
    down="↓",
    right="→",
    left="←",
    dot="●",
    reference="◇",
    limit="┊",
    parity="│",
    ci_left="├",
    ci_right="┤",
    ci_line="─",
    full="█",
    empty="░",
    bend="└",
    tee="├",
    trunk="│",
    shared="⇉",
    arrow="▶",
    gap="?",
    boxes=(" ", "╵", "╷", "│", "╴", "╯", "╮", "┤", "╶", "╰", "╭", "├", "─", "┴", "┬", "┼"),
    heavy=(" ", "╹", "╻", "┃", "╸", "┛", "┓", "┫", "╺", "┗", "┏", "┣", "━", "┻", "┳", "╋"),
)
ASCII = Glyphs(
    ok="+",
    warn="!",
    bad="x",
    stale="~",
    none=".",
    cursor=">",
    more="~",
    rule="-",
    wall="|",
    up="^",
    down="v",
    right=">",
    left="<",
    dot="o",
    reference="*",
    limit=":",
    parity="|",
    ci_left="[",
    ci_right="]",
    ci_line="-",
    full="#",
    empty=".",
    bend="`",
    tee="|",
    trunk="|",
    shared="=",
    arrow=">",
    gap="?",
    boxes=(" ", "|", "|", "|", "-", "+", "+", "+", "-", "+", "+", "+", "-", "+", "+", "+"),
    heavy=(" ", "#", "#", "#", "=", "#", "#", "#", "=", "#", "#", "#", "=", "#", "#", "#"),
)


def glyphs_for(environ: Mapping[str, str], encoding: str | None) -> Glyphs:
    """Return the set MUNIMENT_GLYPHS names (`unicode`, `ascii`); without it, what the encoding can show."""
    named = environ.get("MUNIMENT_GLYPHS", "").lower()
    if named == "ascii":
        return ASCII
    if named == "unicode" or (encoding or "").lower().replace("-", "") in {"utf8", "utf8sig"}:
        return UNICODE
    return ASCII
