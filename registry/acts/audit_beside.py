"""What stands beside the log and can be recomputed: hash tiles, witnesses' lines, timestamp tokens."""

import msgspec

from registry.acts.heads import find_root_at
from registry.registry import Registry
from registry.store.ledger import Ledger
from registry.trust.cosignature import find_cosignatures
from registry.trust.merkle import fold_row
from registry.trust.state import State
from registry.trust.tiles import WIDTH
from schemas.errors import VerificationError


class TileAudit:
    """The tiles as they follow from leaf hashes, compared with those kept, one at a time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._rows: list[list[bytes]] = [[]]
        self._full = [0]
        self.problems: list[str] = []

    def append(self, leaf_hash: bytes) -> None:
        """Take the next leaf's hash; compare every tile that it makes full."""
        node, level = leaf_hash, 0
        while True:
            row = self._rows[level]
            row.append(node)
            if len(row) < WIDTH:
                return
            position = self._full[level]
            if self._ledger.stored_tile(level, position) != b"".join(row):
                where = f"tile {position} of level {level}"
                self.problems.append(f"{where}: TILE_MISMATCH: it is not what the leaves give")
            self._full[level] += 1
            node = fold_row(row)
            if self._ledger.stored_top(level, position) not in (None, node):
                where = f"the hash over tile {position} of level {level}"
                self.problems.append(f"{where}: TILE_MISMATCH: it is not what the leaves give")
            row.clear()
            level += 1
            if level == len(self._rows):
                self._rows.append([])
                self._full.append(0)

    def finish(self) -> list[str]:
        """Return what is wrong with the tiles, too many of them included."""
        kept, full = self._ledger.count_tiles(), sum(self._full)
        if kept > full:
            self.problems.append(f"TILE_MISMATCH: {kept} tiles are kept, the leaves fill {full}")
        return self.problems


class TokenAudit(msgspec.Struct, frozen=True):
    """What is wrong with timestamp tokens, and how many were not looked at for want of the library."""

    problems: tuple[str, ...] = ()
    unchecked: int = 0


def audit_tokens(registry: Registry, state: State) -> TokenAudit:
    """Check every timestamp token against the authorities that the root in force for its head pins."""
    kept = registry.confirmations.tokens()
    if not kept:
        return TokenAudit()
    from registry.bundle.timestamps import can_read_tokens, verify_token  # noqa: PLC0415 - for tokens alone

    if not can_read_tokens():
        return TokenAudit(unchecked=len(kept))
    problems = []
    for size, token in kept:
        head, root = registry.ledger.find_checkpoint(size), find_root_at(state, size)
        try:
            verify_token(token, head[1].encode() if head else b"", root.tsa_roots if root else ())
        except VerificationError as error:
            problems.append(f"timestamp of the head at {size}: {error.message}")
    return TokenAudit(tuple(problems))


def find_confirmation_problems(registry: Registry, state: State) -> list[str]:
    """Return which witnesses' lines are not what they say, or stand on a head that is not kept."""
    problems = []
    newest: dict[str, tuple[int, int]] = {}
    for size in reversed(registry.confirmations.witnessed_sizes()):
        kept, root = registry.ledger.find_checkpoint(size), find_root_at(state, size)
        if kept is None or root is None:
            problems.append(f"witnesses of the head at {size}: LOG_TRUNCATED: no such head is kept")
            continue
        for line in registry.confirmations.lines(size):
            where = f"witness's line on the head at {size}"
            try:
                found = find_cosignatures(kept[1], (line,), root.witnesses)
            except VerificationError as error:
                problems.append(f"{where}: {error.message}")
                continue
            if not found:
                problems.append(f"{where}: NOTE_UNKNOWN_SIGNER: the trust root names no such witness")
            for item, _ in found:
                before, time = newest.get(item.witness, (0, 0))
                if item.time < time:
                    said = f"{item.name} confirmed {before} leaves after it confirmed {size}"
                    problems.append(f"{where}: WITNESS_TIME_ORDER: {said}")
                newest[item.witness] = (size, item.time)
    return problems
