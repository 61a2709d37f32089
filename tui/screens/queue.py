"""The review queue: what waits, what needs attention, everything. The home of the terminal UI."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget
from textual.widgets import Input

from registry.reading import RegistryLine
from registry.views import QueueItem, QueueView
from schemas.errors import Error
from tui.actions import Place, bindings
from tui.desk import Desk
from tui.drawing.command_lines import queue_command
from tui.drawing.glyphs import ASCII
from tui.drawing.lines import Line, Part, line
from tui.drawing.queue import TITLES, empty_lines, preview_lines, queue_line, registry_parts
from tui.screens.frame import Framed, error_lines
from tui.widgets.bars import Bar
from tui.widgets.canvas import Canvas
from tui.widgets.paged_table import Listed, PagedTable


class QueueScreen(Framed):
    """Three lists over one table, and a preview of the row under the cursor."""

    PLACES: ClassVar[tuple[Place, ...]] = (Place.QUEUE,)
    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.QUEUE)
    CSS = """
    #list { height: 1fr; }
    #nothing { height: 1fr; display: none; }
    #preview { height: 9; border-top: solid $m-line; }
    QueueScreen.ascii #preview { border-top: ascii $m-line; }
    #filter { height: 1; border: none; padding: 0 1; display: none; background: $m-bar; }
    QueueScreen.filtering #filter { display: block; }
    QueueScreen.empty #list { display: none; }
    QueueScreen.empty #preview { display: none; }
    QueueScreen.empty #nothing { display: block; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.set_class(desk.glyphs is ASCII, "ascii")
        self.view = QueueView.WAITING
        self._items: tuple[QueueItem, ...] = ()
        self._counts: dict[QueueView, int] = {}
        self._filter = ""
        self._leaving = False
        self._registry: RegistryLine | None = None

    def content(self) -> Iterable[Widget]:
        """Return tabs, table, preview and filter."""
        glyphs = self.glyphs
        table: PagedTable[QueueItem] = PagedTable(
            lambda row, width: queue_line(row, width, glyphs), cursor_mark=glyphs.cursor, id="list"
        )
        preview = Canvas(lambda width: preview_lines(self.item, width, glyphs), id="preview")
        preview.can_focus = False
        words = Input(placeholder="words a row must hold; enter keeps, esc clears", id="filter", compact=True)
        words.cursor_blink = False
        return (
            Bar(id="tabs"),
            table,
            Canvas(lambda width: empty_lines(self.view, self._filter, width), id="nothing"),
            preview,
            words,
        )

    @property
    def table(self) -> PagedTable[QueueItem]:
        """The list."""
        return self.query_one("#list", PagedTable)

    @property
    def item(self) -> QueueItem | None:
        """The row under the cursor."""
        return self.table.row

    def on_mount(self) -> None:
        """Read before the first paint, so that nothing flickers in."""
        self.action_reload()

    def on_screen_resume(self) -> None:
        """Read again after a decision."""
        if self._registry is not None:
            self.action_reload()

    def action_reload(self) -> None:
        """Read the list and the line about the registry."""
        self.tell("")
        try:
            self._registry = self.desk.reading.registry()
            self._items = self.desk.reading.queue(self.view)
        except Error as error:
            self._fail(error)
            return
        self._counts[self.view] = len(self._items)
        self._show()
        self.call_after_refresh(self._count_others)

    def _count_others(self) -> None:
        """Count the lists that are not shown, once the one that is shown stands on the screen."""
        for view in QueueView:
            if view != self.view:
                items = self.attempt(lambda view=view: self.desk.reading.queue(view))  # type: ignore[misc]
                if items is not None:
                    self._counts[view] = len(items)
        self.show_frame()

    def _fail(self, error: Error) -> None:
        self.add_class("empty")
        page = self.query_one("#nothing", Canvas)
        page.show(lambda width: error_lines(error, width, self.glyphs))
        page.focus()
        self.show_frame()

    def _show(self) -> None:
        words = self._filter.lower().split()
        rows = [item for item in self._items if all(word in _searched(item) for word in words)]
        self.set_class(not rows, "empty")
        at = self.table.at
        self.table.show(Listed(rows), at=at)
        nothing = self.query_one("#nothing", Canvas)
        nothing.show(lambda width: empty_lines(self.view, self._filter, width))
        if not self.has_class("filtering"):
            (self.table if rows else nothing).focus()
        self.show_frame()

    def context_line(self) -> Line:
        """Return the registry's state."""
        parts: list[Part] = [(" Muniment ", "badge"), ("  Review queue  ", "title")]
        if self._registry:
            parts += registry_parts(self._registry, self.size.width, self.glyphs)
        return line(*parts)

    def show_frame(self) -> None:
        """Draw the bars and the three list titles."""
        super().show_frame()
        choices = []
        for number, view in enumerate(QueueView, 1):
            words = f" {number} {TITLES[view]} {self._counts.get(view, '')} "
            choices.append((words, "tab" if view == self.view else "muted", f"view('{view}')"))
        if self._filter:
            choices.append((f"  filter: {self._filter}", "warn", "filter"))
        self.query_one("#tabs", Bar).show_choices(choices)

    def command_line(self) -> str:
        """Return the command that prints this list."""
        return queue_command(self.view)

    def on_paged_table_moved(self) -> None:
        """Show the preview of the row under the cursor."""
        self._leaving = False
        preview = self.query_one("#preview", Canvas)
        preview.show(lambda width: preview_lines(self.item, width, self.glyphs))

    def on_paged_table_chosen(self) -> None:
        """Open the row."""
        self.action_open()

    def action_open(self) -> None:
        """Open the version under the cursor."""
        if self.item is not None:
            from tui.screens.version import VersionScreen  # noqa: PLC0415 - read only when needed

            self.app.push_screen(VersionScreen(self.desk, self.item.subject, self.item.environment))

    def action_view(self, name: str) -> None:
        """Show another list."""
        self.view = QueueView(name)
        self.table.at = 0
        self.action_reload()

    def action_audit_trail(self) -> None:
        """Open the whole log."""
        from tui.screens.audit import AuditScreen  # noqa: PLC0415 - read only when needed

        self.app.push_screen(AuditScreen(self.desk))

    def action_filter(self) -> None:
        """Let the person type words."""
        self.add_class("filtering")
        self.query_one("#filter", Input).focus()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Filter while typing."""
        self._filter = message.value
        self._show()

    def on_input_submitted(self) -> None:
        """Keep the filter and go back to the list."""
        self.remove_class("filtering")
        self._show()

    def action_back(self) -> None:
        """Clear the filter, else leave when asked twice."""
        if self._filter or self.has_class("filtering"):
            self.remove_class("filtering")
            self.query_one("#filter", Input).value = ""
            self._filter = ""
            self._show()
        elif self._leaving:
            self.app.exit()
        else:
            self._leaving = True
            self.tell("press q again to leave")


def _searched(item: QueueItem) -> str:
    return f"{item.subject} {item.environment} {item.tier} {item.status} {item.asked} {item.note}".lower()
