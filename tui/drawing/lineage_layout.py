"""Layered drawing, put together: nodes and edges in, cells with line directions out.

Every edge is drawn, and lines of unrelated nodes never share a cell except to cross. Lines that end
in the same node do merge on its row; which edges there are is said by the cursor and the table.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

from tui.drawing.layers import Layered
from tui.drawing.rows import gaps, place_rows
from tui.drawing.tracks import Tracks, assign_tracks

N, S, W, E = 1, 2, 4, 8
Cell = tuple[int, int]
Cells = dict[Cell, int]


class Layout:
    """Where nodes stand and lines run. Cells are (row, column); values are sums of N, S, W, E."""

    def __init__(self, names: Sequence[str], edges: Sequence[tuple[str, str]], gap: int = 1) -> None:
        self.names = list(names)
        number = {name: index for index, name in enumerate(self.names)}
        self._layered = Layered(len(self.names), [(number[a], number[b]) for a, b in edges])
        self._number = number
        self._gap = gap
        self._rows = place_rows(self._layered, gap)
        self._hops: dict[tuple[int, int], Cells] = {}
        self.nets: dict[int, Cells] = defaultdict(dict)
        self.arrows: set[Cell] = set()
        self.x: dict[str, int] = {}
        self.y: dict[str, int] = {}
        self.layer: dict[str, int] = {}
        self.width = self.height = 0

    def route(self, width_of: Callable[[str], int]) -> "Layout":
        """Give every node its column, `width_of` cells wide, and draw the lines."""
        layered, left = self._layered, 0
        for index, layer in enumerate(layered.layers):
            nodes = [piece for piece in layer if not layered.is_bend(piece)]
            widths = {piece: width_of(self.names[piece]) for piece in nodes}
            widest = max(widths.values(), default=1)
            for piece in nodes:
                self.x[self.names[piece]] = left
                self.layer[self.names[piece]] = index
            if index + 1 == len(layered.layers):
                left += widest
                break
            following = layered.layers[index + 1]
            tracks = assign_tracks(layered, index, self._rows, gaps(layered, following, self._gap))
            gutter, end = left + widest, left + widest + tracks.count + 2
            for piece in layer:
                if layered.after[piece]:
                    self._draw(piece, left + widths.get(piece, 0), gutter, end, tracks)
            left = end + 1
        self.y = {name: self._rows[index] for name, index in self._number.items()}
        self.width, self.height = left, max(self._rows, default=-1) + 1
        return self

    def _draw(self, piece: int, start: int, gutter: int, end: int, tracks: Tracks) -> None:
        for target in self._layered.after[piece]:
            cells = self._hop(piece, target, start, gutter, end, tracks)
            self._hops[piece, target] = cells
            net = self.nets[self._layered.net[piece]]
            for cell, bits in cells.items():
                net[cell] = net.get(cell, 0) | bits
            if not self._layered.is_bend(target):
                self.arrows.add((self._rows[target], end))

    def _hop(self, piece: int, target: int, start: int, gutter: int, end: int, tracks: Tracks) -> Cells:
        row, goal = self._rows[piece], self._rows[target]
        cells: Cells = defaultdict(int)
        turn = gutter + 1 + tracks.of[piece] if piece in tracks.of else end + 1
        for column in range(start, min(turn, end + 1)):
            cells[row, column] |= W | E
        if turn > end:
            return dict(cells)
        step = 1 if goal > row else -1
        cells[row, turn] |= W
        for at in range(row, goal + step, step) if goal != row else ():
            cells[at, turn] |= (0 if at == row else N if step > 0 else S) | (
                0 if at == goal else S if step > 0 else N
            )
        cells[goal, turn] |= E
        for column in range(turn + 1, end + 1):
            cells[goal, column] |= W | E
        return dict(cells)

    def path(self, source: str, target: str) -> Cells:
        """Return exactly the cells of one edge, through its bends."""
        piece, goal = self._number[source], self._number[target]
        cells: Cells = {}
        while True:
            hop = self._hops.get((piece, goal))
            bend = next((p for p in self._layered.after[piece] if self._layered.is_bend(p)), None)
            if hop is None and bend is None:
                return cells
            for cell, bits in (hop if hop is not None else self._hops[piece, bend or 0]).items():
                cells[cell] = cells.get(cell, 0) | bits
            if hop is not None or bend is None:
                return cells
            piece = bend

    def pieces(self) -> dict[Cell, tuple[int, bool]]:
        """Return, for every cell with a line, its directions and whether two lines only cross there."""
        found: dict[Cell, list[int]] = defaultdict(list)
        for net in self.nets.values():
            for cell, bits in net.items():
                found[cell].append(bits)
        return {cell: (_union(parts), _crosses(parts)) for cell, parts in found.items()}


def _union(parts: list[int]) -> int:
    total = 0
    for bits in parts:
        total |= bits
    return total


def _crosses(parts: list[int]) -> bool:
    return len(parts) > 1 and _union(parts) == N | S | W | E and all(p in (N | S, W | E) for p in parts)
