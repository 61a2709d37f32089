"""Lineage drawings: every edge is there, no two unrelated lines join, gaps are seen."""

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.views import LineageEdge, LineageGap, LineageNode, LineagePage
from tests.screens.sample import LINEAGE, SUBJECT
from tui.drawing.glyphs import ASCII, UNICODE
from tui.drawing.lineage_graph import LineageGraph, find_loop
from tui.drawing.lineage_layout import E, Layout, N, S, W
from tui.drawing.lineage_lines import GraphPicture, table_lines, tree_lines
from tui.drawing.lines import plain

OPPOSITE = ((N, (-1, 0), S), (S, (1, 0), N), (E, (0, 1), W), (W, (0, -1), E))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[tuple[str, str]]]:
    """Graphs without loops: edges go from lower to higher numbers."""
    size = draw(st.integers(2, 24))
    names = [f"n{number}" for number in range(size)]
    pairs = st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)).filter(lambda p: p[0] < p[1])
    chosen = draw(st.sets(pairs, max_size=40))
    return names, [(names[a], names[b]) for a, b in sorted(chosen)]


def reached(layout: Layout, source: str, target: str) -> set[tuple[int, int]]:
    """Follow the drawn cells of one edge from the right end of its source."""
    cells = layout.path(source, target)
    queue, seen = [(layout.y[source], layout.x[source] + len(source))], set()
    while queue:
        row, column = queue.pop()
        if (row, column) in seen:
            continue
        seen.add((row, column))
        for bit, (down, right), back in OPPOSITE:
            beside = (row + down, column + right)
            if cells.get((row, column), 0) & bit and cells.get(beside, 0) & back:
                queue.append(beside)
    return seen


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_every_edge_can_be_followed_to_its_arrow(graph: tuple[list[str], list[tuple[str, str]]]) -> None:
    names, edges = graph
    layout = Layout(names, edges).route(len)
    for source, target in edges:
        assert (layout.y[target], layout.x[target] - 1) in reached(layout, source, target)


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_lines_share_a_cell_only_to_cross_or_to_end_in_the_same_node(
    graph: tuple[list[str], list[tuple[str, str]]],
) -> None:
    names, edges = graph
    layout = Layout(names, edges).route(len)
    targets = {name: {b for a, b in edges if a == name} for name in names}
    sharing: dict[tuple[int, int], list[tuple[str, int]]] = {}
    for net, cells in layout.nets.items():
        for cell, bits in cells.items():
            sharing.setdefault(cell, []).append((names[net], bits))
    for lines in sharing.values():
        straight = [name for name, bits in lines if bits != N | S]
        crossing = len(straight) < len(lines) and all(bits in (N | S, W | E) for _, bits in lines)
        joined = straight if crossing else [name for name, _ in lines]
        assert len(joined) < 2 or set.intersection(*(targets[name] for name in joined))


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_no_node_stands_on_another(graph: tuple[list[str], list[tuple[str, str]]]) -> None:
    names, edges = graph
    layout = Layout(names, edges).route(len)
    assert len({(layout.y[name], layout.x[name]) for name in names}) == len(names)


def test_it_finds_a_loop_and_names_two_neighbours_on_it() -> None:
    assert find_loop("abcd", [("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")]) in {("b", "c"), ("c", "b")}


def test_it_finds_no_loop_in_a_diamond() -> None:
    assert find_loop("abcd", [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]) is None


def test_the_graph_starts_at_one_hop_and_says_what_it_does_not_show() -> None:
    graph = LineageGraph(LINEAGE)
    picture = GraphPicture(graph, graph.within(1), UNICODE)
    assert plain(picture.lines("model")) == f" R  train 4f1c ✓ +2 ━━▶ M ▌{SUBJECT} ✓"


def test_the_whole_graph_holds_every_node_and_the_gap() -> None:
    graph = LineageGraph(LINEAGE)
    picture = GraphPicture(graph, graph.nodes, ASCII)
    said = plain(picture.lines("model"))
    assert "gap: no known writer" in said
    assert "etl.build_features" in said
    assert len(picture.shown) == 9


def test_the_tree_names_a_shared_node_again_and_says_where_it_was_shown() -> None:
    said = plain(tree_lines(LineageGraph(LINEAGE), 100, UNICODE))
    assert "⇉ used by 2" in said
    assert "↑ shown above" in said


def test_the_tree_shows_the_gap_below_what_has_it() -> None:
    rows = plain(tree_lines(LineageGraph(LINEAGE), 100, UNICODE)).splitlines()
    bureau = next(index for index, row in enumerate(rows) if "s3://raw/bureau" in row)
    assert "gap: no known writer  ✗ absent" in rows[bureau + 1]


def test_the_tree_ends_when_the_lineage_feeds_itself() -> None:
    nodes = tuple(LineageNode(name, "dataset", name, "reported") for name in "ab")
    edges = (LineageEdge("a", "b", "read", "reported"), LineageEdge("b", "a", "read", "reported"))
    graph = LineageGraph(LineagePage("a", nodes, edges, (), "reported"))
    assert len(tree_lines(graph, 60, ASCII)) == 3


def test_the_table_lists_gaps_first_and_every_edge() -> None:
    said = plain(table_lines(LineageGraph(LINEAGE), 100, UNICODE)).splitlines()
    assert "gap: no known writer" in said[2]
    assert sum("→" in row for row in said) == 9


def test_a_gap_at_an_unknown_place_is_still_a_node() -> None:
    page = LineagePage(
        "m",
        (LineageNode("m", "model", SUBJECT, "verified"),),
        (),
        (LineageGap("gone", "training-run-unknown"),),
        "absent",
    )
    assert "training-run-unknown" in plain(table_lines(LineageGraph(page), 90, ASCII))
