"""The audit trail of the whole registry, newest first, read page by page."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from registry.reading import Reading, RegistryLine
from registry.views import AuditRow
from tui.actions import Place, bindings
from tui.desk import Desk
from tui.drawing.command_lines import leaf_command
from tui.drawing.lines import Line, Part, line
from tui.drawing.queue import registry_parts
from tui.drawing.records import audit_head, audit_line, leaf_lines
from tui.screens.frame import Framed
from tui.screens.pager import PagerScreen
from tui.widgets.paged_table import PagedTable


class NewestFirst:
    """The log turned round: row 0 is the last leaf. Leaves count from 0 without holes."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._size = reading.audit_size()

    def count(self) -> int:
        """Return how many leaves there are."""
        return self._size

    def page(self, first: int, limit: int) -> Sequence[AuditRow]:
        """Return rows from the `first` newest on."""
        last = self._size - 1 - first
        start = max(0, last - limit + 1)
        return self._reading.audit(start - 1, last - start + 1)[::-1]


class AuditScreen(Framed):
    """Every record there is."""

    PLACES: ClassVar[tuple[Place, ...]] = (Place.AUDIT,)
    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.AUDIT)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._registry: RegistryLine | None = None

    def content(self) -> Iterable[Widget]:
        """Return the table."""
        glyphs = self.glyphs
        table: PagedTable[AuditRow] = PagedTable(
            lambda row, width: audit_line(row, width, glyphs) if row else audit_head(width),
            cursor_mark=glyphs.cursor,
            id="list",
        )
        return (table,)

    @property
    def table(self) -> PagedTable[AuditRow]:
        """The log."""
        return self.query_one("#list", PagedTable)

    def on_mount(self) -> None:
        """Read the newest page."""
        self.table.focus()
        self.action_reload()

    def action_reload(self) -> None:
        """Read how long the log is, and its newest page."""
        self.tell("")
        self._registry = self.attempt(self.desk.reading.registry)
        rows = self.attempt(lambda: NewestFirst(self.desk.reading))
        if rows is not None:
            self.attempt(lambda: self.table.show(rows, at=self.table.at))
            if not rows.count():
                self.tell("the log is empty; muniment init writes its first record")
        self.show_frame()

    def context_line(self) -> Line:
        """Return the registry's state."""
        parts: list[Part] = [(" Muniment ", "badge"), ("  Audit trail  ", "title")]
        if self._registry:
            parts += registry_parts(self._registry, self.size.width, self.glyphs)
        return line(*parts)

    def command_line(self) -> str:
        """Return the command that prints the log."""
        return "muniment audit log"

    def on_paged_table_chosen(self) -> None:
        """Open one record."""
        self.action_open()

    def action_open(self) -> None:
        """Show the record under the cursor in full."""
        row = self.table.row
        if row is not None:
            self.app.push_screen(
                PagerScreen(
                    self.desk,
                    f"Record #{row.seq}",
                    leaf_command(row.seq),
                    lambda width: leaf_lines(row, width),
                )
            )
