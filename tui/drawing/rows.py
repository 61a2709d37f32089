"""Layered drawing, step two: on which row each piece stands, order kept and lines as straight as can be."""

import itertools

from tui.drawing.layers import Layered

PASSES = 6


def place_rows(layered: Layered, gap: int) -> list[int]:
    """Return the row of every piece; neighbours in a layer are at least `gap` rows apart, bends one."""
    rows = [0.0] * len(layered.net)
    for layer in layered.layers:
        for index, piece in enumerate(layer):
            rows[piece] = float(index * gap)
    for turn in range(PASSES):
        down = turn % 2 == 0
        beside = layered.before if down else layered.after
        for layer in layered.layers if down else reversed(layered.layers):
            wish = []
            for piece in layer:
                near = beside[piece] or (layered.before[piece] + layered.after[piece])
                wish.append(_median([rows[n] for n in near], rows[piece]))
            for piece, row in zip(layer, settle(wish, gaps(layered, layer, gap)), strict=True):
                rows[piece] = row
    return _whole(layered, rows, gap)


def gaps(layered: Layered, layer: list[int], gap: int) -> list[int]:
    """Return the least distance of each piece from the one above it."""
    return [
        0,
        *(1 if layered.is_bend(a) and layered.is_bend(b) else gap for a, b in itertools.pairwise(layer)),
    ][: len(layer)]


def settle(wish: list[float], least: list[int]) -> list[float]:
    """Return the positions nearest to what is wished (least squares) that keep order and distances.

    Pool adjacent violators: neighbours that would collide share the mean of their wishes.
    """
    offsets, total = [], 0
    for distance in least:
        total += distance
        offsets.append(total)
    blocks: list[tuple[float, int]] = []
    for want, offset in zip(wish, offsets, strict=True):
        blocks.append((want - offset, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (mean, size), (other, more) = blocks[-2], blocks.pop()
            blocks[-1] = ((mean * size + other * more) / (size + more), size + more)
    flat = [mean for mean, size in blocks for _ in range(size)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]


def _whole(layered: Layered, rows: list[float], gap: int) -> list[int]:
    whole = [0] * len(rows)
    for layer in layered.layers:
        last = None
        for piece, distance in zip(layer, gaps(layered, layer, gap), strict=True):
            row = round(rows[piece])
            if last is not None and row < last + distance:
                row = last + distance
            whole[piece] = last = row
    top = min(whole, default=0)
    return [row - top for row in whole]


def _median(values: list[float], otherwise: float) -> float:
    if not values:
        return otherwise
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
