"""What the log and the bundle cost beside their floors, measured in one run and printed as ratios."""

import hashlib
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from registry.store.database import connect, create_database
from registry.store.ledger import Entry, Ledger
from registry.trust import merkle
from schemas.digest import Digest

LEAVES, BATCH, ROUNDS = 20_000, 1_000, 3
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ABOUT = (Digest.of(b"subject"),)


def main() -> None:
    """Run every measurement and print a line each."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for number in range(ROUNDS):
            create_database(place / f"ours-{number}.db")
            create_database(place / f"floor-{number}.db")
        show("append, batches of 1,000 / plain inserts of the same rows", append_leaves, insert_rows, place)
        show("re-hash the log / bare SHA-256 of the same entries", rehash, bare_hash, place)


def show(
    what: str, ours: Callable[[Path, int], None], floor: Callable[[Path, int], None], place: Path
) -> None:
    """Print how fast `ours` is as a share of `floor`, by CPU time, the median of paired rounds."""
    ratios = [cpu(floor, place, number) / cpu(ours, place, number) for number in range(ROUNDS)]
    sys.stdout.write(
        f"{what}: {statistics.median(ratios):.2f} (from {min(ratios):.2f} to {max(ratios):.2f})\n"
    )


def cpu(work: Callable[[Path, int], None], place: Path, number: int) -> float:
    """Return the CPU seconds of one piece of work."""
    before = time.process_time()
    work(place, number)
    return time.process_time() - before


def append_leaves(place: Path, number: int) -> None:
    """Append through the ledger: bodies, leaves, index, tiles, head."""
    connection = connect(place / f"ours-{number}.db")
    ledger = Ledger(connection)
    for start in range(0, LEAVES, BATCH):
        connection.execute("BEGIN IMMEDIATE")
        rows = [Entry("approval", b"%0600d" % i, ABOUT) for i in range(start, start + BATCH)]
        ledger.append(rows, NOW)
        connection.execute("COMMIT")
    connection.close()


def insert_rows(place: Path, number: int) -> None:
    """Insert rows of the same sizes into the same tables with plain executemany."""
    connection = connect(place / f"floor-{number}.db")
    for start in range(0, LEAVES, BATCH):
        connection.execute("BEGIN IMMEDIATE")
        numbers = range(start, start + BATCH)
        connection.executemany("INSERT INTO leaf VALUES (?, ?)", [(i, b"%0231d" % i) for i in numbers])
        connection.executemany(
            "INSERT INTO body VALUES (?, ?)", [(Digest.of(b"%d" % i), b"%0600d" % i) for i in numbers]
        )
        connection.executemany(
            "INSERT INTO leaf_subject VALUES (?, ?)", [(f"sha256:{0:064}", i) for i in numbers]
        )
        connection.execute("COMMIT")
    connection.close()


def rehash(place: Path, number: int) -> None:
    """Read every leaf and compute the root."""
    connection = connect(place / f"ours-{number}.db")
    frontier = merkle.Frontier()
    for data in Ledger(connection).leaf_datas():
        frontier.append(merkle.leaf_hash(data))
    connection.close()


def bare_hash(place: Path, number: int) -> None:
    """Hash the same entries, held in memory."""
    connection = sqlite3.connect(place / f"ours-{number}.db")
    rows = connection.execute("SELECT data FROM leaf").fetchall()
    connection.close()
    for (data,) in rows:
        hashlib.sha256(data).digest()


if __name__ == "__main__":
    main()
