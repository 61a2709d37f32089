"""Layered drawing, step three: between two layers every line that changes its row gets a vertical track.

Where one line leaves to the left on the row on which another arrives from the right, the first must
turn off before the second comes in, or the two would lie on each other and seem to be one.
"""

from collections import defaultdict

import msgspec

from tui.drawing.layers import Layered

ATTEMPTS = 400


class Tracks(msgspec.Struct, frozen=True):
    """The vertical track of each line that has one, its rows, and how many tracks there are."""

    of: dict[int, int]
    spans: dict[int, tuple[int, int]]
    count: int


class _Stuck(Exception):
    """No order of tracks is truthful while this piece stands on its row."""

    def __init__(self, piece: int) -> None:
        super().__init__(piece)
        self.piece = piece


def assign_tracks(layered: Layered, layer: int, rows: list[int], least: list[int]) -> Tracks:
    """Return the tracks right of a layer; pieces of the next layer move down where no order is truthful."""
    following = layered.layers[layer + 1]
    for _ in range(ATTEMPTS):
        try:
            return _try(layered, layer, rows)
        except _Stuck as stuck:
            index = following.index(stuck.piece)
            rows[stuck.piece] += 1
            for above, below in zip(following[index:], following[index + 1 :], strict=False):
                rows[below] = max(rows[below], rows[above] + least[following.index(below)])
    raise ValueError("the lines between two layers cannot be drawn apart")


def _try(layered: Layered, layer: int, rows: list[int]) -> Tracks:
    lines = [piece for piece in layered.layers[layer] if layered.after[piece]]
    spans = {}
    for piece in lines:
        reach = [rows[piece], *(rows[target] for target in layered.after[piece])]
        if min(reach) != max(reach):
            spans[piece] = (min(reach), max(reach))
    before, why = _constraints(layered, lines, spans, rows)
    taken: list[list[tuple[int, int]]] = []
    of: dict[int, int] = {}
    todo = sorted(spans, key=lambda piece: (spans[piece][1] - spans[piece][0], spans[piece][0]))
    while todo:
        free = [piece for piece in todo if before[piece] <= of.keys()]
        if not free:
            piece = min(todo, key=lambda p: len(before[p] - of.keys()))
            raise _Stuck(why[min(before[piece] - of.keys()), piece])
        todo.remove(free[0])
        of[free[0]] = _track(free[0], spans, before, of, taken)
    return Tracks(of, spans, len(taken))


def _constraints(
    layered: Layered, lines: list[int], spans: dict[int, tuple[int, int]], rows: list[int]
) -> tuple[dict[int, set[int]], dict[tuple[int, int], int]]:
    leaving = {rows[piece]: piece for piece in lines}
    before: dict[int, set[int]] = defaultdict(set)
    why: dict[tuple[int, int], int] = {}
    for arriving in lines:
        for target in layered.after[arriving]:
            other = leaving.get(rows[target])
            if other is None or other == arriving:
                continue
            if other in spans:
                before[arriving].add(other)
                why[other, arriving] = target
            elif target not in layered.after[other]:
                raise _Stuck(target)
    return before, why


def _track(
    piece: int,
    spans: dict[int, tuple[int, int]],
    before: dict[int, set[int]],
    of: dict[int, int],
    taken: list[list[tuple[int, int]]],
) -> int:
    top, bottom = spans[piece]
    track = max((of[other] + 1 for other in before[piece]), default=0)
    while True:
        if track == len(taken):
            taken.append([])
        if all(bottom < start or top > end for start, end in taken[track]):
            taken[track].append((top, bottom))
            return track
        track += 1
