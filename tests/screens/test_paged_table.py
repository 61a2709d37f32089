"""The list: a million rows cost what a screenful costs."""

from collections.abc import Sequence

from textual.app import App, ComposeResult

from schemas.errors import StoreError
from tests.screens.conftest import screen_text
from tui.drawing.lines import Line, line
from tui.theme import THEMES
from tui.widgets.paged_table import PAGE, PagedTable


class Counted:
    """Rows that are their own numbers, and a note of what was read."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.read: list[tuple[int, int]] = []

    def count(self) -> int:
        return self.size

    def page(self, first: int, limit: int) -> Sequence[int]:
        self.read.append((first, limit))
        return range(first, min(first + limit, self.size))


class Torn(Counted):
    """Rows that can be counted and not read."""

    def page(self, first: int, limit: int) -> Sequence[int]:
        raise StoreError("page cannot be read")


class TableApp(App[None]):
    """One table."""

    def __init__(self, rows: Counted) -> None:
        super().__init__()
        self.rows = rows
        self.failed: list[str] = []
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def compose(self) -> ComposeResult:
        def draw(row: int | None, width: int) -> Line:
            return line("NUMBER" if row is None else f"row {row}")

        yield PagedTable[int](draw, id="list")

    def on_mount(self) -> None:
        self.table.show(self.rows)
        self.table.focus()

    @property
    def table(self) -> PagedTable[int]:
        return self.query_one("#list", PagedTable)

    def on_paged_table_failed(self, message: PagedTable.Failed) -> None:
        self.failed.append(message.error.message)


async def test_a_million_rows_are_shown_by_reading_one_page() -> None:
    app = TableApp(Counted(1_000_000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "row 22" in screen_text(app)
    assert app.rows.read == [(0, PAGE)]


async def test_the_end_of_a_million_rows_reads_one_more_page() -> None:
    app = TableApp(Counted(1_000_000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        assert "row 999999" in screen_text(app)
    assert app.rows.read == [(0, PAGE), (999_936, PAGE)]


async def test_a_move_keeps_the_cursor_in_sight() -> None:
    app = TableApp(Counted(1000))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("pagedown", "pagedown", "j")
        await pilot.pause()
        assert app.table.at == 45
        assert "▌row 45" in screen_text(app)
        await pilot.press("g")
        await pilot.pause()
        assert "▌row 0" in screen_text(app)


async def test_no_key_leaves_an_empty_list() -> None:
    app = TableApp(Counted(0))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "k", "G", "pagedown")
        assert app.table.row is None


async def test_a_page_that_cannot_be_read_is_reported_and_stays_blank() -> None:
    app = TableApp(Torn(10))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert "row" not in screen_text(app)
    assert app.failed == ["page cannot be read"]
