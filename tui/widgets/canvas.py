"""A page of lines; a cursor stands on those that have a key."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from tui.actions import Place, bindings
from tui.drawing.lines import Line, Span
from tui.widgets.drawn import Drawn

Render = Callable[[int], list[Line]]


class Canvas(Drawn, can_focus=True):
    """Draws what `render(width)` returns, again whenever the width changes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.LIST)
    DEFAULT_CSS = "Canvas { height: 1fr; padding: 0 1; overflow-x: hidden; }"
    at: reactive[int] = reactive(-1, repaint=False)

    class Chosen(Message):
        """The person pressed enter, or clicked again, on the row with this key."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, render: Render, *, cursor_mark: str = "▌", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows: list[Line] = []
        self._draw = render
        self._mark = cursor_mark
        self._drawn_at = 0

    def show(self, render: Render) -> None:
        """Draw something else from now on; the cursor keeps its key where that still exists."""
        self._draw = render
        self._drawn_at = 0
        self._redraw()

    @property
    def key(self) -> str:
        """The key of the row the cursor stands on, or nothing."""
        return self.rows[self.at].key if 0 <= self.at < len(self.rows) else ""

    def on_resize(self) -> None:
        """Lay the lines out anew for the new width."""
        self._redraw()

    def _redraw(self) -> None:
        cells = self.scrollable_content_region.width
        if not cells or cells == self._drawn_at:
            return
        key, before = self.key, self.rows
        self._drawn_at = cells
        self.rows = self._draw(max(20, cells - 2))
        self.virtual_size = Size(cells, len(self.rows))
        self._repaint(before)
        keyed = [index for index, row in enumerate(self.rows) if row.key]
        same = [index for index in keyed if self.rows[index].key == key]
        self.at = (same or keyed or [-1])[0]

    def _repaint(self, before: list[Line]) -> None:
        """Repaint only the rows that differ: a preview changes with every key."""
        top = int(self.scroll_offset.y)
        for y in range(self.size.height):
            index = top + y
            if self.rows[index : index + 1] != before[index : index + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    def watch_at(self, old: int, new: int) -> None:
        """Repaint the two rows concerned and keep the cursor in sight."""
        for index in (old, new):
            row = index - int(self.scroll_offset.y)
            if 0 <= row < self.size.height:
                self.refresh(Region(0, row, self.size.width, 1))
        if new >= 0:
            self._reveal(new)

    def _reveal(self, row: int) -> None:
        top, height = int(self.scroll_offset.y), max(1, self.scrollable_content_region.height)
        first_keyed = next((index for index, line in enumerate(self.rows) if line.key), 0)
        if row < top or row == first_keyed:
            self.scroll_to(y=0 if row == first_keyed else row, animate=False, immediate=True)
        elif row >= top + height:
            self.scroll_to(y=row - height + 1, animate=False, immediate=True)

    def action_move(self, step: int) -> None:
        """Go to the next row with a key, or scroll where there is none."""
        index = self.at + step
        while 0 <= index < len(self.rows) and not self.rows[index].key:
            index += step
        if self.at >= 0 and 0 <= index < len(self.rows):
            self.at = index
        else:
            self.scroll_relative(y=step, animate=False, immediate=True)

    def action_page(self, step: int) -> None:
        """Scroll a page and take the cursor along."""
        height = max(1, self.scrollable_content_region.height - 1)
        self.scroll_relative(y=step * height, animate=False, immediate=True)
        self._settle(int(self.scroll_target_y), height)

    def action_first(self) -> None:
        """Go to the top."""
        self.scroll_to(y=0, animate=False, immediate=True)
        self._settle(0, len(self.rows))

    def action_last(self) -> None:
        """Go to the end."""
        self.scroll_end(animate=False, immediate=True)
        keyed = [index for index, row in enumerate(self.rows) if row.key]
        if keyed:
            self.at = keyed[-1]

    def _settle(self, top: int, height: int) -> None:
        for index in range(top, min(len(self.rows), top + height)):
            if self.rows[index].key:
                self.at = index
                return

    def go_to(self, keys: list[str], step: int) -> bool:
        """Move to the next of these keys, backwards when `step` is negative; say whether there was one."""
        wanted = [index for index, row in enumerate(self.rows) if row.key and row.key in keys]
        ahead = (
            [i for i in wanted if i > self.at] if step > 0 else [i for i in reversed(wanted) if i < self.at]
        )
        around = ahead or (wanted if step > 0 else wanted[::-1])
        if not around:
            return False
        self.at = around[0]
        return True

    def choose(self) -> None:
        """Say that the row under the cursor was chosen."""
        if self.key:
            self.post_message(self.Chosen(self.key))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click there chooses."""
        index = int(event.y + self.scroll_offset.y)
        if 0 <= index < len(self.rows) and self.rows[index].key:
            if index == self.at:
                self.choose()
            self.at = index

    def render_line(self, y: int) -> Strip:
        """Draw one row of the window."""
        cells = self.scrollable_content_region.width
        index = y + int(self.scroll_offset.y)
        if not 0 <= index < len(self.rows):
            return Strip.blank(cells, self.role_style(""))
        row = self.rows[index]
        on = index == self.at and bool(row.key)
        mark = self._mark if on else " "
        lit = None if row.lit is None else row.lit + 1
        marked = Line((Span(mark, "info"), *row.spans), row.key, lit) if row.spans else row
        return self.strip_of(marked, cells, on_cursor=on and self.has_focus)
