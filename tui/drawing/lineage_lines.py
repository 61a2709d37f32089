"""The lineage three ways: a drawing, a tree, a table. All say kind, name, version and evidence level."""

from collections.abc import Iterable

from registry.views import LineageNode
from tui.drawing.glyphs import Glyphs
from tui.drawing.lineage_graph import GAP, LineageGraph, distances
from tui.drawing.lineage_layout import Cell, Layout
from tui.drawing.lines import BLANK, Line, Span, cell_count, clean, fit, heading, line, short, tail
from tui.drawing.words import level_mark, level_span

LABEL = 34
MOST_ROWS = 2000
AIRY = 40
BADGES = {"dataset": "D", "job": "J", "run": "R", "model": "M", GAP: "?"}


def badge(node: LineageNode) -> Span:
    """Return the letter of a node's kind: D dataset, J job, R run, M model, ? gap."""
    letter = BADGES.get(node.kind, node.kind[:1].upper() or "?")
    return Span(f" {letter} ", "tier-critical" if node.kind == GAP else "badge")


def title(node: LineageNode) -> str:
    """Return name and version, cleaned; the end of a name tells more than its beginning, so that stays."""
    if node.kind == GAP:
        return f"gap: {clean(node.name)}"
    return clean(f"{node.name}@{node.version}" if node.version else node.name)


def label_text(node: LineageNode, more: str) -> str:
    """Return what stands beside the badge in the drawing."""
    return tail(title(node), LABEL - 6, more=more)


def label_width(node: LineageNode, more: str, hidden: int) -> int:
    """Return how many cells a node takes in the drawing."""
    return 3 + 1 + cell_count(label_text(node, more)) + 2 + (len(f" +{hidden}") if hidden else 0) + 1


class GraphPicture:
    """A laid out part of the graph, drawn row by row with the ways to and from one node made heavy."""

    def __init__(self, graph: LineageGraph, shown: Iterable[str], glyphs: Glyphs) -> None:
        self.graph = graph
        visible = set(shown)
        self.shown = [name for name in graph.nodes if name in visible]
        self._glyphs = glyphs
        edges = [(s, t) for s in self.shown for t in graph.below[s] if t in visible]
        self._edges = edges
        self._hidden = {name: graph.hidden(name, visible) for name in self.shown}
        self.layout = Layout(self.shown, edges, gap=2 if len(self.shown) <= AIRY else 1).route(self.width_of)
        self._base = {
            cell: (glyphs.bridge if crosses else glyphs.boxes[bits], "line")
            for cell, (bits, crosses) in self.layout.pieces().items()
        }

    def width_of(self, name: str) -> int:
        """Return the cells a node's label takes."""
        return label_width(self.graph.nodes[name], self._glyphs.more, self._hidden[name])

    def lines(self, at: str) -> list[Line]:
        """Return the drawing with the cursor on node `at`."""
        cells = self._base | self._hot(at)
        for cell in self.layout.arrows:
            cells[cell] = (self._glyphs.arrow, cells[cell][1])
        by_row: dict[int, dict[int, tuple[str, str]]] = {}
        for (row, column), mark in cells.items():
            by_row.setdefault(row, {})[column] = mark
        standing: dict[int, dict[int, str]] = {}
        for name in self.shown:
            standing.setdefault(self.layout.y[name], {})[self.layout.x[name]] = name
        return [
            self._row(by_row.get(row, {}), standing.get(row, {}), at) for row in range(self.layout.height)
        ]

    def _hot(self, at: str) -> dict[Cell, tuple[str, str]]:
        bits: dict[Cell, tuple[int, str]] = {}
        for up, role in ((True, "edge-up"), (False, "edge-down")):
            near = self.graph.closure(at, up=up) | {at}
            for source, target in self._edges:
                if source in near and target in near:
                    for cell, directions in self.layout.path(source, target).items():
                        bits[cell] = (bits.get(cell, (0, role))[0] | directions, role)
        return {cell: (self._glyphs.heavy[directions], role) for cell, (directions, role) in bits.items()}

    def _row(self, marks: dict[int, tuple[str, str]], standing: dict[int, str], at: str) -> Line:
        spans: list[Span] = []
        column, last = 0, max([*marks, *standing], default=-1)
        while column <= last:
            if column in standing:
                label = self._label(standing[column], at)
                spans.extend(label)
                column += sum(cell_count(span.text) for span in label)
                continue
            text, role = marks.get(column, (" ", ""))
            if spans and spans[-1].role == role:
                spans[-1] = Span(spans[-1].text + text, role)
            else:
                spans.append(Span(text, role))
            column += 1
        return Line(tuple(spans))

    def _label(self, name: str, at: str) -> list[Span]:
        node = self.graph.nodes[name]
        here = name == at
        mark = level_mark(node.level, self._glyphs)
        left = self._glyphs.cursor if here else " "
        hidden = self._hidden[name]
        return [
            badge(node),
            Span(left, "cursor" if here else ""),
            Span(label_text(node, self._glyphs.more), "cursor" if here else "strong"),
            Span(" "),
            mark,
            *([Span(f" +{hidden}", "info")] if hidden else []),
            Span(" "),
        ]


def tree_lines(graph: LineageGraph, cells: int, glyphs: Glyphs) -> list[Line]:
    """Return everything upstream of the version, indented; what was shown above is only named again."""
    rows: list[Line] = []
    shown: set[str] = set()
    stack = [(graph.root, "", "")]
    while stack and len(rows) < MOST_ROWS:
        name, lead, indent = stack.pop()
        again = name in shown
        note = _tree_note(graph, name, glyphs, again=again)
        rows.append(_tree_row(graph.nodes[name], lead, note, cells, glyphs, key=f"node:{len(rows)}:{name}"))
        if again:
            continue
        shown.add(name)
        parents = graph.above.get(name, [])
        for index in range(len(parents) - 1, -1, -1):
            last = index == len(parents) - 1
            stack.append(
                (
                    parents[index],
                    indent + (glyphs.bend if last else glyphs.tee) + glyphs.rule + " ",
                    indent + (" " if last else glyphs.trunk) + "  ",
                )
            )
    if stack:
        rows.append(line((f"{glyphs.more} more than {MOST_ROWS} rows; the command below prints all", "warn")))
    return rows


def _tree_note(graph: LineageGraph, name: str, glyphs: Glyphs, *, again: bool) -> list[Span]:
    used = len(graph.below[name])
    if again:
        return [Span(f"  {glyphs.up} shown above", "muted")]
    return [Span(f"  {glyphs.shared} used by {used}", "warn")] if used > 1 else []


def _tree_row(
    node: LineageNode, lead: str, note: list[Span], cells: int, glyphs: Glyphs, *, key: str
) -> Line:
    room = max(8, cells - len(lead) - 18 - sum(len(span.text) for span in note))
    shown = tail(title(node), room, more=glyphs.more)
    level = level_span(node.level, glyphs)
    return line((lead, "line"), badge(node), " ", (shown, "strong"), "  ", level, *note, key=key)


def table_lines(graph: LineageGraph, cells: int, glyphs: Glyphs) -> list[Line]:
    """Return gaps first, then every node with its distance, then every edge."""
    up = distances(graph.root, graph.above)
    down = distances(graph.root, graph.below)
    order = sorted(
        graph.nodes.values(),
        key=lambda n: (n.kind != GAP, up.get(n.id, 10**6), down.get(n.id, 10**6), n.name),
    )
    name_width = max(16, cells - 52)
    rows = [heading("NODES", cells, glyphs.rule, f"{len(order)}, nearest first")]
    rows.append(line((f"WAY   KIND     {'NAME':<{name_width}} {'LEVEL':<11} DIGEST", "head")))
    for node in order[:MOST_ROWS]:
        level = level_span(node.level, glyphs)
        rows.append(
            line(
                f"{_way(node.id, graph, up, down, glyphs):<5} ",
                (f"{fit(node.kind, 8, more=glyphs.more)} ", "muted"),
                (_tail(title(node), name_width, glyphs.more), "bad" if node.kind == GAP else "strong"),
                " ",
                (fit(level.text, 11, more=glyphs.more), level.role),
                " ",
                (fit(short(node.digest) if node.digest else "none", 19, more=glyphs.more), "muted"),
                key=f"node::{node.id}",
            )
        )
    half = max(12, (cells - 26) // 2)
    rows += [BLANK, heading("EDGES", cells, glyphs.rule, str(len(graph.edges)))]
    for edge in graph.edges[:MOST_ROWS]:
        level = level_span(edge.level, glyphs)
        rows.append(
            line(
                _tail(title(graph.nodes[edge.source]), half, glyphs.more),
                (f" {glyphs.right} ", "line"),
                _tail(title(graph.nodes[edge.target]), half, glyphs.more),
                " ",
                (fit(edge.relation, 9, more=glyphs.more), "muted"),
                " ",
                (level.text, level.role),
            )
        )
    return rows


def _way(name: str, graph: LineageGraph, up: dict[str, int], down: dict[str, int], glyphs: Glyphs) -> str:
    if name == graph.root:
        return "self"
    if name in up:
        return f"{glyphs.up}{up[name]}"
    return f"{glyphs.down}{down[name]}" if name in down else "?"


def _tail(text: str, cells: int, more: str) -> str:
    return fit(tail(text, cells, more=more), cells, more=more)


def lineage_head(graph: LineageGraph, weakest: str, way: str, glyphs: Glyphs) -> Line:
    """Return the counts: nodes, edges, gaps, weakest level, and which drawing this is."""
    gaps = sum(1 for node in graph.nodes.values() if node.kind == GAP)
    return line(
        (f"{way}  ", "head"),
        f"{len(graph.nodes) - gaps} nodes, {len(graph.edges) - gaps} edges, ",
        (
            f"{glyphs.bad if gaps else glyphs.ok} {gaps} {'gap' if gaps == 1 else 'gaps'}",
            "bad" if gaps else "ok",
        ),
        ", weakest ",
        level_span(weakest, glyphs),
        ("   t next view", "muted"),
    )
