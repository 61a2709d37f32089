"""The lineage graph of one answer: selecting from it, drawing it as a tree, finding what is missing.

Only the nodes and edges that belong to an answer come here; finding them is the store's work. Cycles are
tolerated: tables are rewritten from themselves every day. The one file that knows networkx.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec
import networkx as nx

from registry.rules.drift import Drift
from registry.rules.naming import without_secrets
from schemas.errors import Usage

EVERY_HOP = 1 << 30
_SELECTOR = re.compile(
    r"(?:(?P<up>\d{1,6})?(?P<above>\+))?(?P<name>.+?)(?:(?P<below>\+)(?P<down>\d{1,6})?)?", re.DOTALL
)


class Selector(msgspec.Struct, frozen=True):
    """Which part of the graph: a name, and how many hops up- and downstream of it."""

    name: str
    up: int
    down: int


class Node(msgspec.Struct, frozen=True, order=True):
    """A thing in the graph; `id` is what edges and gaps name."""

    id: str
    kind: str
    name: str
    namespace: str = ""
    version: str | None = None
    level: str = "reported"


class Edge(msgspec.Struct, frozen=True, order=True):
    """`source` was used to make `target`, or contains it, as `relation` says.

    `state` says of an output what became of it: `written`, `attempted`, `running`, `dropped` or `phantom`.
    """

    source: str
    target: str
    relation: str
    level: str = "reported"
    state: str = ""


class Gap(msgspec.Struct, frozen=True, order=True):
    """Something that is not known about the node `at`."""

    at: str
    reason: str


class Fold(msgspec.Struct, frozen=True, order=True):
    """The job `name` is shown as the job `into`, and why they count as one."""

    name: str
    into: str
    why: str


class Lineage(msgspec.Struct, frozen=True):
    """One answer: what was asked about, and everything that belongs to it.

    `joined` are pairs of dataset names that an alias makes one although runs wrote under either.
    """

    roots: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    gaps: tuple[Gap, ...]
    folds: tuple[Fold, ...] = ()
    drift: tuple[Drift, ...] = ()
    joined: tuple[tuple[str, str], ...] = ()


def parse_selector(text: str) -> Selector:
    """Return the selector `text` writes: `x`, `+x`, `x+`, `2+x+1`; raise Usage for an empty one.

    A plus without a number means every hop; `x` alone means one hop each way.
    """
    found = _SELECTOR.fullmatch(text)
    if found is None:
        raise Usage(f"expected a name, found {text[:60]!r}", hint="write for example +credit-risk@7")
    if not found["above"] and not found["below"]:
        return Selector(found["name"], 1, 1)
    up = int(found["up"] or EVERY_HOP) if found["above"] else 0
    down = int(found["down"] or EVERY_HOP) if found["below"] else 0
    return Selector(found["name"], up, down)


def select(lineage: Lineage, up: int, down: int) -> Lineage:
    """Return the part of `lineage` within so many hops of its roots."""
    graph = _graph(lineage)
    kept = set(lineage.roots)
    for root in lineage.roots:
        if root in graph:
            kept |= set(nx.single_source_shortest_path_length(graph, root, cutoff=down))
            kept |= set(nx.single_source_shortest_path_length(graph.reverse(copy=False), root, cutoff=up))
    return Lineage(
        lineage.roots,
        tuple(n for n in lineage.nodes if n.id in kept),
        tuple(e for e in lineage.edges if e.source in kept and e.target in kept),
        tuple(g for g in lineage.gaps if g.at in kept),
    )


def cycles(lineage: Lineage) -> list[list[str]]:
    """Return the groups of nodes that feed each other, each sorted."""
    groups = nx.strongly_connected_components(_graph(lineage))
    return sorted(sorted(group) for group in groups if len(group) > 1)


def tree(lineage: Lineage, *, upstream: bool) -> Iterator[str]:
    """Yield the lines of a tree from each root; what was drawn already is only named, gaps are leaves."""
    graph = _graph(lineage)
    nodes = {node.id: node for node in lineage.nodes}
    gaps: dict[str, list[str]] = {}
    for gap in lineage.gaps:
        gaps.setdefault(gap.at, []).append(gap.reason)
    drawn: set[str] = set()
    for root in lineage.roots:
        yield label(nodes.get(root), root)
        # A stack, not recursion: a chain of tables may be thousands long.
        stack = [_children(graph, root, gaps, "", upstream=upstream)]
        drawn.add(root)
        while stack:
            step = next(stack[-1], None)
            if step is None:
                stack.pop()
                continue
            child, prefix, last, note = step
            branch = f"{prefix}{'`- ' if last else '|- '}"
            if child is None:
                yield f"{branch}? {note}"
                continue
            seen = child in drawn
            yield f"{branch}{label(nodes.get(child), child)}{note}{'  (above)' if seen else ''}"
            if not seen:
                drawn.add(child)
                below = f"{prefix}{'   ' if last else '|  '}"
                stack.append(_children(graph, child, gaps, below, upstream=upstream))


def dot(lineage: Lineage) -> Iterator[str]:
    """Yield the lines of a Graphviz drawing, gaps as dashed boxes."""
    shapes = {"dataset": "box", "job": "ellipse", "run": "ellipse", "model": "hexagon"}
    yield "digraph lineage {"
    yield "  rankdir=LR;"
    for node in lineage.nodes:
        shape = shapes.get(node.kind, "box")
        yield f"  {_quoted(node.id)} [label={_quoted(label(node, node.id))}, shape={shape}];"
    for place, gap in enumerate(lineage.gaps):
        yield f"  gap{place} [label={_quoted(gap.reason)}, shape=box, style=dashed];"
        yield f"  gap{place} -> {_quoted(gap.at)} [style=dashed];"
    for edge in lineage.edges:
        style = "dashed" if edge.level == "inferred" or edge.relation.startswith("declared") else "solid"
        ends = f"{_quoted(edge.source)} -> {_quoted(edge.target)}"
        yield f"  {ends} [label={_quoted(edge.relation)}, style={style}];"
    yield "}"


def label(node: Node | None, fallback: str) -> str:
    """Return what a person calls the node."""
    if node is None:
        return without_secrets(fallback)
    named = without_secrets(f"{node.namespace}:{node.name}" if node.namespace else node.name)
    return f"{node.kind} {named}{f'@{node.version}' if node.version else ''}"


def _graph(lineage: Lineage) -> "nx.DiGraph[str]":
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(node.id for node in lineage.nodes)
    for edge in lineage.edges:
        graph.add_edge(edge.source, edge.target)
        if edge.relation == "alias":
            graph.add_edge(edge.target, edge.source)
    marks: dict[tuple[str, str], set[str]] = {}
    for edge in lineage.edges:
        for pair in ((edge.source, edge.target), (edge.target, edge.source)):
            marks.setdefault(pair, set()).update(_marks(edge))
    graph.graph["marks"] = marks
    return graph


def _marks(edge: Edge) -> Iterator[str]:
    """Yield what sets the edge apart from one that was simply reported and done."""
    if edge.level != "reported":
        yield f"{edge.relation}, {edge.level}"
    elif edge.state not in ("", "written"):
        yield f"{edge.relation}, {edge.state}"
    elif edge.relation == "alias" or edge.relation.startswith("declared"):
        yield edge.relation


def _children(
    graph: "nx.DiGraph[str]", node: str, gaps: dict[str, list[str]], prefix: str, *, upstream: bool
) -> Iterator[tuple[str | None, str, bool, str]]:
    """Yield (child or None for a gap, prefix, whether it is the last, note)."""
    near: Iterable[str] = ()
    if node in graph:
        near = graph.predecessors(node) if upstream else graph.successors(node)
    children = sorted(near)
    missing = sorted(gaps.get(node, ())) if upstream else []
    marks = graph.graph["marks"]
    for place, child in enumerate(children, start=1):
        note = f"  [{'; '.join(sorted(marks[node, child]))}]" if marks[node, child] else ""
        yield child, prefix, place == len(children) + len(missing), note
    for place, reason in enumerate(missing, start=1):
        yield None, prefix, place == len(missing), reason


def _quoted(text: str) -> str:
    escaped = without_secrets(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
