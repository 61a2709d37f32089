"""Layered drawing, step one: which layer each node is in, and in which order the nodes of a layer stand.

A line that passes layers has a bend in each of them; all lines of one source share one chain of bends,
so that a fan-out is one trunk. Method: Sugiyama, Tagawa and Toda 1981; crossings counted as in
Barth, Juenger and Mutzel 2002.
"""

from collections.abc import Sequence

SWEEPS = 6


class Layered:
    """Pieces by number: the first `count` are nodes, the rest bends. Neighbours are one layer away."""

    def __init__(self, count: int, edges: Sequence[tuple[int, int]]) -> None:
        self.count = count
        self.net: list[int] = list(range(count))
        self.after: list[list[int]] = [[] for _ in range(count)]
        self.before: list[list[int]] = [[] for _ in range(count)]
        rank = ranks(count, edges)
        self.layers: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
        for node in range(count):
            self.layers[rank[node]].append(node)
        self._bend(edges, rank)
        self._order()

    def is_bend(self, piece: int) -> bool:
        """Tell a bend from a node."""
        return piece >= self.count

    def _bend(self, edges: Sequence[tuple[int, int]], rank: list[int]) -> None:
        targets: list[list[int]] = [[] for _ in range(self.count)]
        for source, target in edges:
            if target not in targets[source]:
                targets[source].append(target)
        for source in range(self.count):
            if not targets[source]:
                continue
            last = max(rank[target] for target in targets[source])
            piece = source
            for layer in range(rank[source] + 1, last + 1):
                for target in targets[source]:
                    if rank[target] == layer:
                        self._join(piece, target)
                if layer < last:
                    bend = self._add_bend(source, layer)
                    self._join(piece, bend)
                    piece = bend

    def _add_bend(self, source: int, layer: int) -> int:
        bend = len(self.net)
        self.net.append(source)
        self.after.append([])
        self.before.append([])
        self.layers[layer].append(bend)
        return bend

    def _join(self, left: int, right: int) -> None:
        self.after[left].append(right)
        self.before[right].append(left)

    def _order(self) -> None:
        place = self._families()
        best, kept = self._crossings(place), [layer[:] for layer in self.layers]
        for sweep in range(SWEEPS):
            if not best:
                break
            down = sweep % 2 == 0
            beside = self.before if down else self.after
            for layer in self.layers if down else reversed(self.layers):
                wish = {p: _mean([place[n] for n in beside[p]], place[p]) for p in layer}
                layer.sort(key=wish.__getitem__)
                for index, piece in enumerate(layer):
                    place[piece] = index
            crossings = self._crossings(place)
            if crossings < best:
                best, kept = crossings, [layer[:] for layer in self.layers]
        self.layers = kept

    def _families(self) -> list[int]:
        """Order every layer by a walk from the sources, which keeps families together; return the places."""
        order: dict[int, int] = {}
        for layer in self.layers:
            stack = [piece for piece in reversed(layer) if not self.before[piece]]
            while stack:
                piece = stack.pop()
                if piece not in order:
                    order[piece] = len(order)
                    stack.extend(reversed(self.after[piece]))
        place = [0] * len(self.net)
        for layer in self.layers:
            layer.sort(key=lambda piece: order.get(piece, 0))
            for index, piece in enumerate(layer):
                place[piece] = index
        return place

    def _crossings(self, place: list[int]) -> int:
        total = 0
        for left, right in zip(self.layers, self.layers[1:], strict=False):
            ends = sorted((place[a], place[b]) for a in left for b in self.after[a])
            total += _inversions([end for _, end in ends], len(right))
        return total


def ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Return the longest way from a source to each node; a source stands right before its first consumer."""
    after: list[list[int]] = [[] for _ in range(count)]
    degree = [0] * count
    for source, target in edges:
        after[source].append(target)
        degree[target] += 1
    sources = [node for node in range(count) if not degree[node]]
    rank, ready, done = [0] * count, sources[:], 0
    while ready:
        node = ready.pop()
        done += 1
        for target in after[node]:
            rank[target] = max(rank[target], rank[node] + 1)
            degree[target] -= 1
            if not degree[target]:
                ready.append(target)
    if done < count:
        raise ValueError("a graph with a loop has no layers")
    for node in sources:
        if after[node]:
            rank[node] = min(rank[target] for target in after[node]) - 1
    return rank


def _mean(places: list[int], otherwise: int) -> float:
    return sum(places) / len(places) if places else float(otherwise)


def _inversions(ends: list[int], size: int) -> int:
    """Return how many pairs stand in the wrong order, with a Fenwick tree."""
    tree, total = [0] * (size + 1), 0
    for seen, end in enumerate(ends):
        index, before = end + 1, 0
        while index > 0:
            before += tree[index]
            index -= index & -index
        total += seen - before
        index = end + 1
        while index <= size:
            tree[index] += 1
            index += index & -index
    return total
