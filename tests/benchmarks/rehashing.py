"""Re-hashing a log and its tree, beside bare SHA-256 of the same entries in memory.

One process is measured by its CPU time, two by the clock on the wall: there the floor has one processor
and they have two, while it lasts to start the second.
"""

import hashlib
import time
from pathlib import Path

from registry.acts.audit_range import RangeAudit
from registry.acts.audit_tree import recompute_tree
from registry.acts.audit_workers import workers
from tests.benchmarks.logs import log_of, opened
from tests.benchmarks.pairs import ratio, show_ratio


def show(place: Path, quick: bool) -> None:
    """Print the ratios of what `audit verify` does to recompute the tree and compare the stored tiles."""
    leaves, rounds = (100_000, 3) if quick else (1_000_000, 5)
    database = log_of(place, leaves)
    connection = opened(database)
    datas = [row[0] for row in connection.execute("SELECT data FROM leaf ORDER BY seq")]
    connection.close()

    def floor() -> None:
        for data in datas:
            hashlib.sha256(data).digest()

    one = ratio(lambda: _rehash(database, 1), floor, rounds=rounds)
    show_ratio(f"re-hash {leaves:,} leaves and the tree / bare SHA-256 of the leaves", one, 0.33)
    two = ratio(lambda: _rehash(database, 2), floor, rounds=rounds, clock=time.perf_counter)
    show_ratio("the same by two processes, wall time", two, 0.55)


def _rehash(database: Path, jobs: int) -> None:
    connection = opened(database)
    with workers(database, jobs - 1, leaves=False) as helpers:
        found = recompute_tree(RangeAudit(connection, leaves=False), (), helpers=helpers)
    connection.close()
    if found.problems:
        raise ValueError(f"expected a log that holds, found {found.problems[0]}")
