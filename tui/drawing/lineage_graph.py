"""The lineage as something to walk through: neighbours, what lies within some hops, loops, gaps as nodes."""

from collections import deque
from collections.abc import Iterable

from registry.views import LineageEdge, LineageNode, LineagePage

GAP = "gap"


class LineageGraph:
    """Nodes by id with their neighbours up and down; every gap of the page is a node of kind `gap`."""

    def __init__(self, page: LineagePage) -> None:
        self.root = page.root
        self.nodes: dict[str, LineageNode] = {node.id: node for node in page.nodes}
        self.edges: list[LineageEdge] = [
            edge for edge in page.edges if edge.source in self.nodes and edge.target in self.nodes
        ]
        for number, gap in enumerate(page.gaps):
            name = f"{GAP}:{number}"
            self.nodes[name] = LineageNode(name, GAP, gap.reason, "absent")
            if gap.at in self.nodes:
                self.edges.append(LineageEdge(name, gap.at, "unknown", "absent"))
        self.above: dict[str, list[str]] = {name: [] for name in self.nodes}
        self.below: dict[str, list[str]] = {name: [] for name in self.nodes}
        for edge in self.edges:
            if edge.source not in self.above[edge.target]:
                self.above[edge.target].append(edge.source)
                self.below[edge.source].append(edge.target)

    def within(self, hops: int, at: str | None = None) -> set[str]:
        """Return what lies at most `hops` upstream or downstream of a node."""
        start = at or self.root
        if start not in self.nodes:
            return set()
        return set(distances(start, self.above, hops)) | set(distances(start, self.below, hops))

    def closure(self, at: str, *, up: bool) -> set[str]:
        """Return everything upstream, or downstream, of a node, without the node."""
        return set(distances(at, self.above if up else self.below)) - {at}

    def hidden(self, at: str, shown: Iterable[str]) -> int:
        """Return how many neighbours of a node are not among those shown."""
        return len({*self.above[at], *self.below[at]} - set(shown))


def distances(start: str, adjacent: dict[str, list[str]], limit: int | None = None) -> dict[str, int]:
    """Return how many hops away each node reachable from `start` is, up to a limit."""
    found = {start: 0}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if limit is not None and found[node] >= limit:
            continue
        for neighbour in adjacent.get(node, ()):
            if neighbour not in found:
                found[neighbour] = found[node] + 1
                queue.append(neighbour)
    return found


def find_loop(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """Return two neighbours on a loop, or None when nothing feeds itself."""
    below: dict[str, list[str]] = {node: [] for node in nodes}
    degree = dict.fromkeys(below, 0)
    for source, target in edges:
        below[source].append(target)
        degree[target] += 1
    ready = [node for node, count in degree.items() if not count]
    while ready:
        for target in below[ready.pop()]:
            degree[target] -= 1
            if not degree[target]:
                ready.append(target)
    # What is left lies on a loop or behind one; walking down from it inside the rest ends on a loop.
    left = {node for node, count in degree.items() if count}
    above = {node: [s for s in left if node in below[s]] for node in left}
    if not left:
        return None
    node, seen = min(left), set[str]()
    while node not in seen:
        seen.add(node)
        source = min(above[node])
        if source in seen:
            return source, node
        node = source
    return None
