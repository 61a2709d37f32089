"""Proofs out of the stored tiles of a large log, from a cold and from a warm reader."""

import random
from collections.abc import Callable
from pathlib import Path

from registry.store.ledger import Ledger
from registry.store.tree import Tree
from registry.trust import merkle
from tests.benchmarks.logs import log_of, opened
from tests.benchmarks.pairs import Spread, measure, show_figure


def show(place: Path, quick: bool) -> None:
    """Print how long a proof takes: the median over leaves drawn everywhere, and at the log's open end."""
    leaves = 100_000 if quick else 1_000_000
    database = log_of(place, leaves)
    drawn = random.Random(1).sample(range(leaves), 300)  # noqa: S311 - a sample, no secret
    last = range(leaves - 300, leaves)
    size = f"{leaves:,} leaves"
    show_figure(f"inclusion proof, {size}, database just opened", _cold(database, drawn), "ms", "<= 1 ms")
    show_figure(f"inclusion proof, {size}, just opened, the last 300", _cold(database, last), "ms", "<= 1 ms")
    connection = opened(database)
    prove = Ledger(connection).prover(leaves)
    found = Spread.of([1_000 * measure(lambda seq=seq: prove(seq)) for seq in drawn])  # type: ignore[misc]
    show_figure(f"inclusion proof, {size}, one reader for many", found, "ms", "<= 1 ms")
    tree = Tree(connection)
    found = _timed(lambda old: merkle.consistency_proof(old, leaves, tree.get_hash(leaves)), drawn)
    show_figure(f"consistency proof, {size}", found, "ms", "<= 1 ms")
    connection.close()


def _cold(database: Path, seqs: "range | list[int]") -> Spread:
    found = []
    for seq in seqs:
        connection = opened(database)
        ledger = Ledger(connection)
        size = ledger.head().size
        found.append(1_000 * measure(lambda: ledger.inclusion_proof(size, seq)))  # noqa: B023 - run at once
        connection.close()
    return Spread.of(found)


def _timed(prove: Callable[[int], object], sizes: list[int]) -> Spread:
    return Spread.of([1_000 * measure(lambda: prove(old)) for old in sizes if old])  # noqa: B023
