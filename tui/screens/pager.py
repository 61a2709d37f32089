"""A document, a detail or an explanation, to be read page by page."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual.widget import Widget

from tui.actions import Place
from tui.desk import Desk
from tui.drawing.lines import Line, clean, line, wrap
from tui.screens.frame import Framed
from tui.widgets.canvas import Canvas

MOST = 1 << 20


class PagerScreen(Framed):
    """Shows what `render(width)` returns under a title, with the command that prints the same."""

    PLACES: ClassVar[tuple[Place, ...]] = (Place.LIST,)

    def __init__(self, desk: Desk, title: str, command: str, render: Callable[[int], list[Line]]) -> None:
        super().__init__(desk)
        self._title = title
        self._command = command
        self._draw = render

    def content(self) -> Iterable[Widget]:
        """Return the one page."""
        return (Canvas(self._draw, cursor_mark=self.glyphs.cursor, id="page"),)

    def on_mount(self) -> None:
        """Let the keys scroll at once."""
        self.query_one("#page").focus()
        self.show_frame()

    def command_line(self) -> str:
        """Return the command that prints the same."""
        return self._command

    def context_line(self) -> Line:
        """Return the title."""
        return line((" ", ""), (clean(self._title), "title"))


def document_lines(body: bytes, width: int) -> list[Line]:
    """Return a stored document as text; bytes that are no text are said to be so."""
    try:
        text = body[:MOST].decode()
    except UnicodeDecodeError:
        return [line(f"{len(body)} bytes that are no UTF-8 text; the command below writes them to a file")]
    rows = [line(row) for row in wrap(text, width)]
    if len(body) > MOST:
        rows.append(line((f"the first {MOST} of {len(body)} bytes are shown", "warn")))
    return rows
