"""What an import touched: counted by rows, and named as closures name it."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator

from registry.rules.naming import dataset_member, run_member
from registry.store.codes import Kind
from registry.store.many_rows import select_each
from schemas.observation import Name, RunKey

_KINDS = "SELECT node.kind FROM asked CROSS JOIN node ON node.id = k1 AND node.seen"
_NAMES = "SELECT node.kind, node.namespace, node.name FROM asked CROSS JOIN node ON node.id = k1"
_RUNS = (
    "SELECT run.run_id, node.namespace, node.name FROM asked CROSS JOIN run ON run.id = k1 "
    "CROSS JOIN node ON node.id = run.job"
)


class Marks:
    """A set of row ids at one bit each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, ids: Iterable[int]) -> None:
        """Mark each id."""
        for number in ids:
            byte = number >> 3
            if byte >= len(self._bits):
                self._bits.extend(bytes(byte + 1 - len(self._bits)))
            self._bits[byte] |= 1 << (number & 7)

    def __len__(self) -> int:
        return sum(map(int.bit_count, self._bits))

    def __iter__(self) -> Iterator[int]:
        for byte, bits in enumerate(self._bits):
            if bits:
                yield from ((byte << 3) + bit for bit in range(8) if bits >> bit & 1)


def count_seen(connection: sqlite3.Connection, nodes: Iterable[int]) -> Counter[int]:
    """Return how many of the nodes there are of each kind, without those that are only mentioned."""
    return Counter(row[0] for row in select_each(connection, _KINDS, 1, ((node,) for node in nodes)))


def members(connection: sqlite3.Connection, nodes: Iterable[int], runs: Iterable[int]) -> Iterator[str]:
    """Yield the closure members that these datasets and runs are; nothing while there are no closures."""
    if connection.execute("SELECT 1 FROM closure LIMIT 1").fetchone() is None:
        return
    for kind, namespace, name in select_each(connection, _NAMES, 1, ((node,) for node in nodes)):
        if kind == Kind.DATASET:
            yield dataset_member(Name(namespace, name))
    for run_id, namespace, name in select_each(connection, _RUNS, 1, ((run,) for run in runs)):
        yield run_member(RunKey(run_id, Name(namespace, name)))
