"""What every widget of ours has in common: it draws lines with roles, by itself, row by row."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip

from tui.drawing.lines import Line, Span, clean
from tui.theme import ROLES, Look


class WholeCells(ScrollBarRender):
    """A scroll bar that says where it is by colour alone, for it repeats what the rows say."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


class Drawn(ScrollView):
    """A scrollable surface of lines. Text is made harmless here once more, whoever made the lines."""

    DEFAULT_CSS = """
    Drawn {
        background: $background;
        color: $foreground;
        scrollbar-size: 1 1;
        scrollbar-background: $background;
        scrollbar-color: $m-line;
    }
    """

    def on_mount(self) -> None:
        """Draw scroll bars in whole cells: eighths are marks that not every terminal has."""
        self.vertical_scrollbar.renderer = WholeCells  # type: ignore[misc]
        self.horizontal_scrollbar.renderer = WholeCells  # type: ignore[misc]

    _role_styles: dict[str, Style]

    def notify_style_update(self) -> None:
        """Forget the looks that were worked out for the former theme."""
        self._role_styles = {}
        super().notify_style_update()

    def role_style(self, role: str) -> Style:
        """Return the look of a role on this widget's background."""
        styles = self.__dict__.setdefault("_role_styles", {})
        if role not in styles:
            # Component classes would do the same, and cost a pass over the style sheet per role and widget.
            look, colours = ROLES.get(role, Look()), self.app.theme_variables
            own = Style(color=colours.get(look.front), bgcolor=colours.get(look.back), bold=look.bold or None)
            styles[role] = self.rich_style + own
        found: Style = styles[role]
        return found

    def strip_of(self, row: Line, cells: int, *, on_cursor: bool = False, from_cell: int = 0) -> Strip:
        """Return `row` as a strip of exactly `cells` cells, scrolled `from_cell` to the right."""
        lit = (len(row.spans) if row.lit is None else row.lit) if on_cursor else 0
        segments = [
            Segment(clean(span.text), self._look(span, on_cursor=index < lit))
            for index, span in enumerate(row.spans)
        ]
        rest = self.role_style("cursor" if on_cursor and row.lit is None else "")
        # Neighbours of one look become one piece: each piece costs its own colours on the wire.
        return Strip(segments).crop_extend(from_cell, from_cell + cells, rest).simplify()

    def _look(self, span: Span, *, on_cursor: bool) -> Style:
        if not on_cursor or span.role.startswith("tier-"):
            return self.role_style(span.role)
        return self.role_style("cursor")
