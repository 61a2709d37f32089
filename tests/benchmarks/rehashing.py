"""Recomputing the tree of a log from its leaves, beside bare SHA-256 of the same entries in memory."""

import hashlib
from pathlib import Path

from registry.store.ledger import Ledger
from registry.trust import merkle
from tests.benchmarks.logs import log_of, opened
from tests.benchmarks.pairs import ratio, show_ratio


def show(place: Path, quick: bool) -> None:
    """Print the ratio of what `audit verify` does to recompute the tree."""
    leaves, rounds = (100_000, 3) if quick else (1_000_000, 5)
    database = log_of(place, leaves)
    connection = opened(database)
    datas = [row[0] for row in connection.execute("SELECT data FROM leaf ORDER BY seq")]
    connection.close()

    def floor() -> None:
        for data in datas:
            hashlib.sha256(data).digest()

    found = ratio(lambda: _rehash(database), floor, rounds=rounds)
    show_ratio(f"re-hash {leaves:,} leaves and the tree / bare SHA-256 of the leaves", found, 0.33)


def _rehash(database: Path) -> None:
    connection = opened(database)
    frontier = merkle.Frontier()
    for batch in Ledger(connection).leaf_batches():
        frontier.extend_noting(merkle.leaf_hashes(batch), ())
    connection.close()
