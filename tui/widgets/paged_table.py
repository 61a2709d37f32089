"""A list of any length: only the pages in sight are read, and a move repaints two rows.

Textual's DataTable measures every row it is given; a log has a million.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from schemas.errors import Error
from tui.actions import Place, bindings
from tui.drawing.lines import Line, Span, line, pad
from tui.widgets.drawn import Drawn

PAGE = 256
Row = TypeVar("Row")
Row_co = TypeVar("Row_co", covariant=True)


class Rows(Protocol[Row_co]):
    """Where rows come from: how many there are, and those from one place on."""

    def count(self) -> int:
        """Return how many rows there are."""
        ...

    def page(self, first: int, limit: int) -> Sequence[Row_co]:
        """Return up to `limit` rows from the `first` on, counted from 0."""
        ...


class Listed(Generic[Row]):
    """Rows that are already here."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def count(self) -> int:
        """Return how many rows there are."""
        return len(self._rows)

    def page(self, first: int, limit: int) -> Sequence[Row]:
        """Return a slice."""
        return self._rows[first : first + limit]


class PagedTable(Drawn, Generic[Row], can_focus=True):
    """Draws a heading and the rows in sight; `draw(row, width)` makes a line of a row, of None a heading."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.LIST)
    DEFAULT_CSS = "PagedTable { height: 1fr; padding: 0 1; overflow-x: hidden; }"
    at: reactive[int] = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor stands on another row."""

    class Failed(Message):
        """A page could not be read; its rows stay blank."""

        def __init__(self, error: Error) -> None:
            super().__init__()
            self.error = error

    class Chosen(Message):
        """The row under the cursor was chosen."""

    def __init__(
        self,
        draw: Callable[[Row | None, int], Line],
        *,
        cursor_mark: str = "▌",
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._draw = draw
        self._mark = cursor_mark
        self._rows: Rows[Row] = Listed(())
        self._pages: LRUCache[int, Sequence[Row]] = LRUCache(64)
        self.count = 0

    def show(self, rows: Rows[Row], *, at: int = 0) -> None:
        """Show other rows, with the cursor on row `at` where there is one."""
        self._rows = rows
        self._pages.clear()
        self.count = rows.count()
        self.virtual_size = Size(max(1, self.scrollable_content_region.width), self.count + 1)
        self.at = max(0, min(at, self.count - 1))
        self.refresh()
        self.post_message(self.Moved())

    @property
    def row(self) -> Row | None:
        """The row under the cursor."""
        return self.row_at(self.at)

    def row_at(self, index: int) -> Row | None:
        """Return one row, reading its page when it is not here yet."""
        if not 0 <= index < self.count:
            return None
        number, offset = divmod(index, PAGE)
        page = self._pages.get(number)
        if page is None:
            try:
                page = self._rows.page(number * PAGE, PAGE)
            except Error as error:
                # Said later: a message made while the screen draws would stop at the screen unheard.
                self.call_next(self._report, error)
                page = ()
            self._pages[number] = page
        return page[offset] if offset < len(page) else None

    def _report(self, error: Error) -> None:
        self.post_message(self.Failed(error))

    def on_resize(self) -> None:
        """Keep the width in step."""
        self.virtual_size = Size(max(1, self.scrollable_content_region.width), self.count + 1)

    def watch_at(self, old: int, new: int) -> None:
        """Repaint the two rows concerned and keep the cursor in sight."""
        top, height = int(self.scroll_offset.y), max(1, self.size.height - 1)
        if new < top:
            self.scroll_to(y=new, animate=False, immediate=True)
        elif new >= top + height:
            self.scroll_to(y=new - height + 1, animate=False, immediate=True)
        for index in (old, new):
            row = index - int(self.scroll_offset.y) + 1
            if 0 < row < self.size.height:
                self.refresh(Region(0, row, self.size.width, 1))
        self.post_message(self.Moved())

    def action_move(self, step: int) -> None:
        """Go one row on or back."""
        self.at = max(0, min(self.count - 1, self.at + step))

    def action_page(self, step: int) -> None:
        """Go one page on or back."""
        self.action_move(step * max(1, self.size.height - 2))

    def action_first(self) -> None:
        """Go to the first row."""
        self.at = 0

    def action_last(self) -> None:
        """Go to the last row."""
        self.at = max(0, self.count - 1)

    def choose(self) -> None:
        """Say that the row under the cursor was chosen."""
        if self.count:
            self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; a second click there chooses."""
        index = int(event.y + self.scroll_offset.y) - 1
        if event.y > 0 and 0 <= index < self.count:
            if index == self.at:
                self.choose()
            self.at = index

    def render_line(self, y: int) -> Strip:
        """Draw the heading or one row of the window."""
        cells = self.scrollable_content_region.width
        if y == 0:
            return self.strip_of(line(" ", *self._draw(None, cells - 2).spans), cells)
        index = y - 1 + int(self.scroll_offset.y)
        row = self.row_at(index)
        if row is None:
            return Strip.blank(cells, self.role_style(""))
        on = index == self.at
        drawn = pad(self._draw(row, cells - 2), cells - 1)
        return self.strip_of(
            Line((Span(self._mark if on else " ", "info"), *drawn.spans)), cells, on_cursor=on
        )
