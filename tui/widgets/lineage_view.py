"""The drawing of a lineage with a cursor that walks along its lines."""

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from tui.actions import Place, bindings
from tui.drawing.glyphs import Glyphs
from tui.drawing.lineage_graph import LineageGraph, find_loop
from tui.drawing.lineage_lines import GraphPicture
from tui.drawing.lines import Line
from tui.widgets.drawn import Drawn

MOST_NODES = 250


class LineageView(Drawn, can_focus=True):
    """Starts one hop around the version and grows: `+` everywhere, `enter` at the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.LINEAGE)]
    DEFAULT_CSS = "LineageView { height: 1fr; padding: 0 1; }"

    class Moved(Message):
        """The cursor stands on another node, or more nodes are in sight."""

    def __init__(self, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._rows: list[Line] = []
        self._hops = 1
        self._grown: set[str] = set()
        self.picture: GraphPicture | None = None
        self.at = ""
        self.problem = ""

    def show(self, graph: LineageGraph) -> None:
        """Draw this lineage, one hop around its root."""
        self._hops, self._grown, self.at = 1, set(), graph.root
        self._lay_out(graph)

    def _lay_out(self, graph: LineageGraph) -> None:
        shown = graph.within(self._hops) | self._grown | {graph.root}
        edges = [(s, t) for s in shown for t in graph.below.get(s, ()) if t in shown]
        loop = find_loop(shown, edges)
        if loop:
            self.problem = f"there is a loop between {loop[0]} and {loop[1]}; press t for the tree"
            self.picture, self._rows = None, []
        else:
            self.problem = ""
            self.picture = GraphPicture(graph, shown, self._glyphs)
            layout = self.picture.layout
            self.virtual_size = Size(layout.width + 1, layout.height)
            self._redraw()
        self.refresh()
        self.post_message(self.Moved())

    def _redraw(self) -> None:
        if self.picture is None:
            return
        self._rows = self.picture.lines(self.at)
        layout = self.picture.layout
        around = Region(max(0, layout.x[self.at] - 4), max(0, layout.y[self.at] - 2), 44, 5)
        self.scroll_to_region(around, animate=False, immediate=True, force=True)
        self.refresh()

    def action_go(self, way: str) -> None:
        """Walk: left and right along lines, up and down within a layer."""
        if self.picture is None:
            return
        layout, graph = self.picture.layout, self.picture.graph
        if way in ("up", "down"):
            column = [n for n in self.picture.shown if layout.layer[n] == layout.layer[self.at]]
            column.sort(key=layout.y.__getitem__)
            index = column.index(self.at) + (1 if way == "down" else -1)
            found = column[max(0, min(len(column) - 1, index))]
        else:
            near = graph.above[self.at] if way == "left" else graph.below[self.at]
            seen = [name for name in near if name in layout.y]
            found = min(seen, key=lambda n: abs(layout.y[n] - layout.y[self.at]), default=self.at)
        self._stand(found)

    def _stand(self, name: str) -> None:
        if name != self.at:
            self.at = name
            self._redraw()
            self.post_message(self.Moved())

    def action_hops(self, step: int) -> None:
        """Show one hop more or less around the version."""
        if self.picture is None:
            return
        graph = self.picture.graph
        wanted = max(1, self._hops + step)
        if step > 0 and len(graph.within(wanted)) > MOST_NODES:
            self.problem = f"over {MOST_NODES} nodes would be in sight; enter grows the graph at the cursor"
            self.post_message(self.Moved())
            return
        self._hops = wanted
        if step < 0:
            self._grown = set()
            if self.at not in graph.within(wanted):
                self.at = graph.root
        self._lay_out(graph)

    def grow(self) -> None:
        """Show the neighbours of the node under the cursor."""
        if self.picture is not None:
            graph = self.picture.graph
            self._grown |= {self.at, *graph.above[self.at], *graph.below[self.at]}
            self._lay_out(graph)

    def on_click(self, event: events.Click) -> None:
        """Stand on the node under the mouse; a second click grows the graph there."""
        if self.picture is None:
            return
        row, column = int(event.y + self.scroll_offset.y), int(event.x + self.scroll_offset.x) - 1
        for name in self.picture.shown:
            x = self.picture.layout.x[name]
            if self.picture.layout.y[name] == row and x <= column < x + self.picture.width_of(name):
                if name == self.at:
                    self.grow()
                else:
                    self._stand(name)
                return

    def render_line(self, y: int) -> Strip:
        """Draw one row of the window."""
        cells = self.scrollable_content_region.width
        index = y + int(self.scroll_offset.y)
        if not 0 <= index < len(self._rows):
            return Strip.blank(cells, self.role_style(""))
        return self.strip_of(self._rows[index], cells, from_cell=int(self.scroll_offset.x))
