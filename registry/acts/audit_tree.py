"""The tree of the log put together again from its ranges, whoever re-hashed them."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

from registry.acts.audit_range import Range, RangeAudit, Rehashed
from registry.acts.audit_tiles import TileAudit
from registry.acts.audit_worker import Failed, try_range
from registry.acts.audit_workers import Worker, share_out
from registry.store.whole_log import WholeLog
from registry.trust.merkle import HASH_BYTES, Frontier
from registry.trust.tiles import HEIGHT, WIDTH

Progress = Callable[[int, int], None]
_RANGE = 8 * WIDTH
"""Few enough leaves at once to stay near the processor: four times as many take a little longer each."""


class Recomputed(msgspec.Struct):
    """The tree over the leaves in a row, its root at each signed head, and what was found on the way."""

    frontier: Frontier
    roots: dict[int, bytes]
    problems: list[str]
    bodies: int = 0
    absent: int = 0


def recompute_tree(
    audit: RangeAudit,
    heads: Collection[int],
    *,
    helpers: Sequence[Worker] = (),
    where: object = "",
    progress: Progress | None = None,
    width: int = _RANGE,
) -> Recomputed:
    """Re-hash the log `width` leaves at a time and fold what each range gives into one tree."""
    log, tiles = audit.log, TileAudit(audit.ledger)
    tree, tile_problems, end = Recomputed(Frontier(), {}, []), list[str](), log.end()
    wanted = ranges(log, sorted(heads), end, width)
    for found in share_out(wanted, lambda item: try_range(audit, item, where), helpers):
        if isinstance(found, Failed):
            raise found.error()
        if found.start == tree.frontier.size:
            tiles.extend(_take(tree, found))
        tree.problems += found.problems
        tree.bodies += found.bodies
        tree.absent += found.absent
        tile_problems += found.tiles
        if progress is not None:
            progress(min(found.start + width, end), end)
    if tree.frontier.size < end:
        said = "it is gone, and leaves behind it are here"
        tree.problems.append(f"leaf {tree.frontier.size}: LEAF_MISSING: {said}")
    if strays := log.count_strays():
        tree.problems.append(f"LEAF_SEQ: {strays} leaves lie before the first")
    tree.problems += tile_problems + tiles.finish()
    return tree


def ranges(log: WholeLog, heads: Sequence[int], end: int, width: int) -> Iterator[Range]:
    """Yield the ranges below `end` that hold leaves, in order."""
    if width % WIDTH:
        raise ValueError(f"expected a multiple of {WIDTH} leaves, found {width}")
    place = log.next_place(0)
    while place is not None and place < end:
        start = place // width * width
        stop = min(start + width, end)
        inside = heads[bisect_right(heads, start) : bisect_right(heads, stop)]
        yield Range(start, stop, tuple(inside))
        place = log.next_place(stop)


def _take(tree: Recomputed, found: Rehashed) -> list[bytes]:
    """Continue the tree with a range; return the hashes over its full tiles."""
    tops = [found.tops[at : at + HASH_BYTES] for at in range(0, len(found.tops), HASH_BYTES)]
    taken = 0
    for size, edge in sorted(found.edges.items()):
        full = (size - found.start) // WIDTH
        tree.frontier.extend(tops[taken:full], HEIGHT)
        tree.roots[size] = tree.frontier.joined(Frontier.from_bytes(edge)).root()
        taken = full
    tree.frontier.extend(tops[taken:], HEIGHT)
    tree.frontier = tree.frontier.joined(Frontier.from_bytes(found.tail))
    return tops
