"""The tree's stored tiles against those that follow from the leaves."""

from collections.abc import Iterable

from registry.store.ledger import Ledger
from registry.trust.merkle import fold_row
from registry.trust.tiles import WIDTH

Found = tuple[bytes, bytes]
"""The hashes of a tile, joined, and the hash over them."""


def find_tile_problems(
    level: int, position: int, found: Found, stored: tuple[bytes | None, bytes | None]
) -> list[str]:
    """Return what is wrong with a stored tile and the hash over it; older logs keep no such hash."""
    where = f"tile {position} of level {level}"
    said = "TILE_MISMATCH: it is not what the leaves give"
    problems = [] if stored[0] == found[0] else [f"{where}: {said}"]
    if stored[1] not in (None, found[1]):
        problems.append(f"the hash over {where}: {said}")
    return problems


class TileAudit:
    """The tiles above the lowest as they follow from the hashes over those, compared with those kept."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rows: list[list[bytes]] = [[]]
        self._full = [0]
        self.problems: list[str] = []

    def extend(self, tops: Iterable[bytes]) -> None:
        """Take the hashes over the next lowest tiles; compare every tile that they make full."""
        for top in tops:
            self._take(top)

    def _take(self, node: bytes) -> None:
        level = 0
        while True:
            self._full[level] += 1
            level += 1
            if level == len(self._rows):
                self._rows.append([])
                self._full.append(0)
            row = self._rows[level]
            row.append(node)
            if len(row) < WIDTH:
                return
            position, node = self._full[level], fold_row(row)
            stored = self._ledger.stored_tile(level, position), self._ledger.stored_top(level, position)
            self.problems += find_tile_problems(level, position, (b"".join(row), node), stored)
            row.clear()

    def finish(self) -> list[str]:
        """Return what is wrong with the tiles, too many of them included."""
        kept, full = self._ledger.count_tiles(), sum(self._full)
        if kept > full:
            self.problems.append(f"TILE_MISMATCH: {kept} tiles are kept, the leaves fill {full}")
        return self.problems
