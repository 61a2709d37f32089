"""The one-line bars above and below the content. One widget each, drawn, clickable where keys are shown."""

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.actions import Action
from tui.drawing.lines import Line, Part, cell_count, line, wrap
from tui.widgets.drawn import Drawn

Spot = tuple[int, int, str]
"""From cell, up to cell, and the action that a click there does."""


class Bar(Drawn):
    """One row of spans on the colour of bars; some of its words may be clicked."""

    DEFAULT_CSS = (
        "Bar { height: 1; background: $m-bar; color: $m-bar-text; padding: 0; overflow: hidden hidden; }"
    )

    class Pressed(Message):
        """The person clicked words that stand for an action."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.row: Line = line()
        self._spots: list[Spot] = []

    def show(self, row: Line) -> None:
        """Draw this row."""
        if row != self.row:
            self.row = row
            self.refresh()

    def show_choices(self, choices: list[tuple[str, str, str]]) -> None:
        """Draw words side by side, each with its role and the action a click does."""
        self._spots, used = [], 0
        for words, _, action in choices:
            self._spots.append((used, used + cell_count(words), action))
            used += cell_count(words)
        self.show(line(*((words, role) for words, role, _ in choices)))

    def on_click(self, event: events.Click) -> None:
        """Do what the word under the mouse says."""
        for start, end, action in self._spots:
            if action and start <= event.x < end:
                self.post_message(self.Pressed(action))

    def render_line(self, y: int) -> Strip:
        """Draw the row."""
        return self.strip_of(self.row if y == 0 else line(), self.size.width)


class Notice(Drawn):
    """Something to be told, as many rows high as it takes, up to `MOST`; nothing takes `least` rows."""

    MOST = 4
    DEFAULT_CSS = "Notice { height: 0; background: $m-bar; overflow: hidden hidden; }"

    def __init__(self, *, least: int = 0, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._least = least
        self._told = ("", "")

    def tell(self, text: str, role: str = "info") -> None:
        """Say this until something else is said."""
        self._told = (text, role)
        self._fit()

    def on_mount(self) -> None:
        """Take the rows that are kept free."""
        super().on_mount()
        self._fit()

    def on_resize(self) -> None:
        """Break the rows anew."""
        self._fit()

    @property
    def _rows(self) -> list[str]:
        text = self._told[0]
        return wrap(text, self.app.size.width - self._margin)[: self.MOST] if text else []

    @property
    def _margin(self) -> int:
        return 2 + (self.app.size.width - self.size.width if self.size.width else 0)

    def _fit(self) -> None:
        self.styles.height = max(self._least, len(self._rows))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one row of what is told."""
        rows = self._rows
        row = line(" ", (rows[y], self._told[1])) if y < len(rows) else line()
        return self.strip_of(row, self.size.width)


class KeyBar(Bar):
    """The footer: keys and what they do, from the list of actions; a click does the same as the key."""

    def __init__(self, actions: tuple[Action, ...], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._actions = actions

    def show_actions(self, actions: tuple[Action, ...]) -> None:
        """Show other keys."""
        self._actions = actions
        self.on_resize()

    def on_resize(self) -> None:
        """Show as many keys as fit; the last ones, help among them, always."""
        parts: list[Part] = [" "]
        self._spots, used = [], 1
        shown = [action for action in self._actions if action.footer]
        keep = shown[-1:]
        room = self.size.width - sum(_cells(action) for action in keep) - 1
        for action in [*shown[:-1], *keep]:
            size = _cells(action)
            if action not in keep and used + size > room:
                continue
            parts += [(action.shown_key, "key"), f" {action.label}  "]
            self._spots.append((used, used + size, action.name))
            used += size
        self.show(line(*parts))


def _cells(action: Action) -> int:
    return cell_count(action.shown_key) + cell_count(action.label) + 3
