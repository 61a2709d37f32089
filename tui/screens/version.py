"""A model version in one environment: seven tabs over one page, and the way to a decision."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from registry.reading import Receipt
from registry.views import VersionPage
from schemas.errors import Error
from tui.actions import Place, actions_of, bindings
from tui.desk import Desk
from tui.drawing.attention import attention_keys
from tui.drawing.command_lines import next_command, tab_command
from tui.drawing.gate_list import summary_spans
from tui.drawing.lineage_graph import LineageGraph
from tui.drawing.lines import Line, Part, clean, line, short
from tui.drawing.records import change_lines
from tui.drawing.version import TABS, tab_lines
from tui.drawing.words import status_span, tier_span
from tui.screens.details import detail_screen
from tui.screens.frame import Framed, error_lines
from tui.screens.pager import PagerScreen
from tui.widgets.bars import Bar, KeyBar, Notice
from tui.widgets.canvas import Canvas
from tui.widgets.lineage_view import LineageView

WIDE = 100
WAYS = ("tree", "graph", "table")


class VersionScreen(Framed):
    """Read once, shown in tabs; what changes underneath is read again with R and after a decision."""

    PLACES: ClassVar[tuple[Place, ...]] = (Place.VERSION,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.VERSION), *bindings(Place.LINEAGE)[:1]]
    CSS = """
    #graph { display: none; }
    VersionScreen.drawing #graph { display: block; }
    VersionScreen.drawing #page { display: none; }
    """

    def __init__(self, desk: Desk, subject: str, environment: str) -> None:
        super().__init__(desk)
        self.subject = subject
        self.environment = environment
        self.tab = "overview"
        self.version: VersionPage | None = None
        self._residual = False
        self._way = ""
        self._graph: LineageGraph | None = None
        self._problem: Error | None = None

    def content(self) -> Iterable[Widget]:
        """Return the tab titles, the page of lines and the drawing."""
        return (
            Notice(id="alarm"),
            Bar(id="tabs"),
            Canvas(self._lines, cursor_mark=self.glyphs.cursor, id="page"),
            LineageView(self.glyphs, id="graph"),
        )

    def on_mount(self) -> None:
        """Read before the first paint."""
        self.action_reload()

    def action_reload(self) -> None:
        """Read the page again."""
        self.tell("")
        try:
            self.version = self.desk.reading.version_page(self.subject, self.environment)
            self._problem = None
        except Error as error:
            self.version, self._problem = None, error
        alarm = self.version.standing.alarm if self.version else ""
        self.query_one("#alarm", Notice).tell(f"{self.glyphs.warn} {alarm}" if alarm else "", "bad")
        lineage = self.version.lineage if self.version else None
        self._graph = LineageGraph(lineage) if lineage else None
        if self._graph and self._graph.root in self._graph.nodes:
            self.query_one(LineageView).show(self._graph)
        self._show()

    def _lines(self, width: int) -> list[Line]:
        if self.version is None:
            return error_lines(self._problem, width, self.glyphs) if self._problem else []
        return tab_lines(
            self.version,
            self.tab,
            width,
            self.glyphs,
            residual=self._residual,
            way=self.way,
            graph=self._graph,
        )

    @property
    def way(self) -> str:
        """How the lineage is drawn; lists come before graphs."""
        return self._way or "tree"

    @property
    def _drawing(self) -> bool:
        return self.tab == "lineage" and self.way == "graph" and self._graph is not None

    def _show(self) -> None:
        drawing = self._drawing and self._graph is not None and self._graph.root in self._graph.nodes
        self.set_class(drawing, "drawing")
        page = self.query_one("#page", Canvas)
        page.show(self._lines)
        (self.query_one(LineageView) if drawing else page).focus()
        if drawing:
            self.on_lineage_view_moved()
        places = (Place.VERSION, Place.LINEAGE) if self.tab == "lineage" else (Place.VERSION,)
        shown = actions_of(*reversed(places), Place.EVERYWHERE)
        self.query_one("#keys", KeyBar).show_actions(shown)
        self.show_frame()

    def on_resize(self) -> None:
        """Choose the way to draw for the new width."""
        self._show()

    def context_line(self) -> Line:
        """Return what is looked at: version, digest, tier, environment, status, counts of checks."""
        parts: list[Part] = [(" M ", "badge"), (f" {clean(self.subject)} ", "title")]
        if self.version is None:
            return line(*parts, ("cannot be shown", "bad"))
        wide = self.size.width >= WIDE
        if wide:
            parts.append((f"{short(self.version.identity.manifest, 12)} ", "muted"))
        parts += [tier_span(self.version.tier), f" {self.glyphs.right} {clean(self.environment)}  "]
        parts += [status_span(self.version.standing.status, self.glyphs), "  "]
        return line(*parts, *summary_spans(self.version.checks, self.glyphs))

    def show_frame(self) -> None:
        """Draw the bars and the tab titles."""
        super().show_frame()
        self.query_one("#tabs", Bar).show_choices(
            [
                (f" {number} {tab.capitalize()} ", "tab" if tab == self.tab else "muted", f"tab({number})")
                for number, tab in enumerate(TABS, 1)
            ]
        )

    def command_line(self) -> str:
        """Return the command that prints this tab."""
        more = " --table" if self.tab == "lineage" and self.way == "table" else ""
        return tab_command(self.tab, self.subject, self.environment) + more

    def action_tab(self, number: int) -> None:
        """Show a tab by its number."""
        self.tab = TABS[number - 1]
        self.tell("")
        self._show()

    def action_step_tab(self, step: int) -> None:
        """Show the tab beside this one."""
        self.action_tab((TABS.index(self.tab) + step) % len(TABS) + 1)

    def action_turn(self) -> None:
        """Draw the lineage in the next way."""
        if self.tab == "lineage":
            self._way = WAYS[(WAYS.index(self.way) + 1) % len(WAYS)]
            self._show()

    def action_residual(self) -> None:
        """Show the other risk map."""
        self._residual = not self._residual
        self._show()

    def on_lineage_view_moved(self) -> None:
        """Say in words what the cursor stands on."""
        view = self.query_one(LineageView)
        if not self._drawing or self._graph is None:
            return
        if view.problem:
            self.tell(view.problem, "warn")
        elif view.at in self._graph.nodes:
            node = self._graph.nodes[view.at]
            up = len(self._graph.closure(view.at, up=True))
            down = len(self._graph.closure(view.at, up=False))
            version = f"@{node.version}" if node.version else ""
            seen = len(view.picture.shown) if view.picture else 0
            told = f"{node.kind} {node.name}{version}  {node.level}   {up} upstream, {down} downstream"
            more = (
                f"   {seen} of {len(self._graph.nodes)} in sight, + shows more"
                if seen < len(self._graph.nodes)
                else ""
            )
            self.tell(told + more)

    def action_next_unmet(self) -> None:
        """Go to the next row that needs attention."""
        self._go_unmet(1)

    def action_previous_unmet(self) -> None:
        """Go to the previous row that needs attention."""
        self._go_unmet(-1)

    def _go_unmet(self, step: int) -> None:
        keys = attention_keys(self.version, self.tab) if self.version else []
        page = self.query_one("#page", Canvas)
        if self.tab == "lineage":
            # A node has a row wherever the tree comes to it: `node:<row>:<id>`.
            keys = [row.key for row in page.rows if row.key.split(":", 2)[-1] in keys]
        if not page.go_to(keys, step):
            self.tell("nothing on this tab needs attention")

    def action_environment(self) -> None:
        """Show the same version in its next environment."""
        names = self.version.environments if self.version else ()
        if len(names) > 1 and self.environment in names:
            self.environment = names[(names.index(self.environment) + 1) % len(names)]
            self.action_reload()
        else:
            self.tell("this version was asked for in no other environment")

    def action_changes(self) -> None:
        """Show what changed since the last approval."""
        changes = self.attempt(lambda: self.desk.reading.changes(self.subject, self.environment))
        if changes is None:
            return
        glyphs, found = self.glyphs, changes
        self.app.push_screen(
            PagerScreen(
                self.desk,
                f"{self.subject} in {self.environment}: changes",
                tab_command("changes", self.subject, self.environment),
                lambda width: change_lines(found, width, glyphs),
            )
        )

    def on_canvas_chosen(self) -> None:
        """Take a click on the cursor's row for enter."""
        self.action_enter_row()

    def action_enter_row(self) -> None:
        """Follow the row: to the tab with the evidence, to a document, to the details; the graph grows."""
        if self._drawing:
            self.query_one(LineageView).grow()
            return
        kind, _, name = self.query_one("#page", Canvas).key.partition(":")
        if self.version is None or not name:
            return
        if kind == "check":
            tab = next((check.tab for check in self.version.checks if check.rule == name), "overview")
            self.action_tab(TABS.index(tab) + 1 if tab in TABS else 1)
            return
        found = self.attempt(lambda: detail_screen(self.desk, self.version, kind, name, self.command_line()))
        if found is not None:
            self.app.push_screen(found)

    def action_approve(self) -> None:
        """Open the approval."""
        self._decide("approve")

    def action_reject(self) -> None:
        """Open the rejection."""
        self._decide("reject")

    def action_abstain(self) -> None:
        """Open the abstention."""
        self._decide("abstain")

    def _decide(self, decision: str) -> None:
        if self.version is None:
            return
        if self.version.dossier is None:
            command = next_command("request", self.subject, self.environment)
            self.tell(f"no request is open in {self.environment}   next: {command}", "warn")
            return
        read_only = self.attempt(self.desk.reading.registry)
        if read_only is None or read_only.read_only:
            self.tell(f"nothing can be signed: {read_only.read_only if read_only else 'unreadable'}", "bad")
            return
        from tui.screens.decision import DecisionScreen  # noqa: PLC0415 - read only when needed

        self.app.push_screen(DecisionScreen(self.desk, self.version, decision), self._decided)

    def _decided(self, receipt: Receipt | None) -> None:
        if receipt is None:
            self.tell("nothing was signed")
            return
        self.action_reload()
        told = f"{self.glyphs.ok} {receipt.decision} recorded as #{receipt.seq}, {short(receipt.envelope)}"
        self.tell(f"{told}   status {receipt.status}   {receipt.message}", "ok")
