"""The frame around every screen: a line of context, the content, notices, the command line, the keys."""

from collections.abc import Callable, Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from schemas.errors import Error
from tui.actions import Place, actions_of, bindings
from tui.desk import Desk
from tui.drawing.glyphs import Glyphs
from tui.drawing.lines import Line, clean, line, wrap
from tui.theme import theme_after
from tui.widgets.bars import Bar, KeyBar, Notice
from tui.widgets.paged_table import PagedTable

Value = TypeVar("Value")
LEAST = (80, 24)


class Framed(Screen[None]):
    """A whole screen. Subclasses give the content, the places whose keys work here, and the command."""

    PLACES: ClassVar[tuple[Place, ...]] = ()
    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.EVERYWHERE)
    AUTO_FOCUS = None

    class KeysWanted(Message):
        """Somebody asked what every key does in `places`."""

        def __init__(self, places: tuple[Place, ...]) -> None:
            super().__init__()
            self.places = places

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk

    @property
    def glyphs(self) -> Glyphs:
        """The marks of this sitting."""
        return self.desk.glyphs

    def compose(self) -> ComposeResult:
        """Put the frame around the content."""
        yield Bar(id="context")
        yield from self.content()
        yield Notice(id="notice")
        yield Bar(id="command")
        yield KeyBar(actions_of(*self.PLACES, Place.EVERYWHERE), id="keys")

    def content(self) -> Iterable[Widget]:
        """Return the widgets between the bars."""
        return ()

    def command_line(self) -> str:
        """Return the command that shows the same."""
        return "muniment"

    def context_line(self) -> Line:
        """Return what the bar at the top says."""
        return line()

    def show_frame(self) -> None:
        """Draw the bars anew."""
        self.query_one("#context", Bar).show(self.context_line())
        command = line((" $ ", "muted"), clean(self.command_line()), ("   y copies", "muted"))
        self.query_one("#command", Bar).show(command)
        if self.size.width and (self.size.width < LEAST[0] or self.size.height < LEAST[1]):
            self.tell(f"enlarge the window to {LEAST[0]} x {LEAST[1]}", "warn")

    def on_resize(self) -> None:
        """Draw the bars for the new width."""
        self.show_frame()

    def tell(self, text: str, role: str = "info") -> None:
        """Say something above the command line until something else is said; with no text, nothing."""
        self.query_one("#notice", Notice).tell(text, role)

    def attempt(self, read: Callable[[], Value]) -> Value | None:
        """Return what `read` returns, or None after saying in place what went wrong."""
        try:
            return read()
        except Error as error:
            self.tell(error_text(error, self.glyphs), "bad")
            return None

    def on_bar_pressed(self, message: Bar.Pressed) -> None:
        """Do what was clicked."""
        self.run_worker(self.run_action(message.action), exit_on_error=True)

    def on_paged_table_failed(self, message: PagedTable.Failed) -> None:
        """Say that rows could not be read."""
        self.tell(error_text(message.error, self.glyphs), "bad")

    def action_copy(self) -> None:
        """Copy the command line."""
        self.app.copy_to_clipboard(self.command_line())
        self.tell(f"copied: {self.command_line()}")

    def action_back(self) -> None:
        """Go one level back."""
        self.app.pop_screen()

    def action_look(self) -> None:
        """Take the next theme."""
        self.app.theme = theme_after(self.app.theme)

    def action_quit(self) -> None:
        """Leave at once; nothing is ever half recorded."""
        self.app.exit()

    def action_reload(self) -> None:
        """Read again; a screen that reads does more here."""
        self.tell("")

    def action_help(self) -> None:
        """Ask for the keys of this screen; the page that shows them is itself framed."""
        self.post_message(self.KeysWanted((*self.PLACES, Place.LIST, Place.EVERYWHERE)))


def error_text(error: Error, glyphs: Glyphs) -> str:
    """Return an error and its next step on one line."""
    return f"{glyphs.bad} {error.message}" + (f"   next: {error.hint}" if error.hint else "")


def error_lines(error: Error, width: int, glyphs: Glyphs) -> list[Line]:
    """Return an error as a page: what, what next, how to try again."""
    rows = [line((text, "bad")) for text in wrap(f"{glyphs.bad} {error.message}", width)]
    if error.hint:
        rows.append(line(("Next:  ", "muted"), (clean(error.hint), "info")))
    return [*rows, line(("R", "key"), " reads again")]
