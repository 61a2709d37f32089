"""Appending leaves beside inserting the same rows.

Ours is one transaction of the log per batch, as every act makes it: the last signed head is checked, leaves,
bodies and the index of subjects go in, tiles and the tree's edge are kept, the head is signed, the commit is
durable, the last-head file moves on. The floor inserts the very rows of leaf, body and leaf_subject that ours
left, into the same tables of an empty database, with sqlite3's executemany and as many commits.
"""

import itertools
from pathlib import Path
from typing import Any

from registry.acts.writing import writing
from registry.registry import open_registry
from registry.store.database import connect, create_database
from tests.benchmarks.logs import NOW, entries, new_registry, opened
from tests.benchmarks.pairs import Spread, measure, show_ratio

BATCH = 1_000
Rows = dict[str, list[tuple[Any, ...]]]


def show(place: Path, quick: bool) -> None:
    """Print the ratio."""
    leaves, rounds = (10_000, 3) if quick else (50_000, 7)
    found = [_pair(place / f"append-{number}", leaves) for number in range(rounds)]
    show_ratio("append in batches of 1,000, head signed / inserting the same rows", Spread.of(found), 0.50)


def _pair(folder: Path, leaves: int) -> float:
    folder.mkdir()
    home = new_registry(folder / "ours")
    ours = measure(lambda: _append(home, leaves))
    batches = _rows_of(home / "registry.db", leaves)
    create_database(folder / "floor.db")
    return measure(lambda: _insert(folder / "floor.db", batches)) / ours


def _append(home: Path, leaves: int) -> None:
    with open_registry(home, clock=lambda: NOW) as registry:
        for start in range(0, leaves, BATCH):
            with writing(registry) as writer:
                writer.registry.ledger.append(entries(start, start + BATCH), NOW)


def _rows_of(database: Path, leaves: int) -> list[Rows]:
    connection = opened(database)
    first = connection.execute("SELECT max(seq) + 1 FROM leaf").fetchone()[0] - leaves
    queries = {
        "leaf": "SELECT seq, data FROM leaf WHERE seq >= ? AND seq < ? ORDER BY seq",
        "body": "SELECT digest, bytes FROM leaf JOIN body ON digest = json_extract(CAST(data AS TEXT), "
        "'$.body') WHERE seq >= ? AND seq < ? ORDER BY seq",
        "leaf_subject": "SELECT subject, leaf_subject.seq FROM leaf_subject "
        "WHERE seq >= ? AND seq < ? ORDER BY seq",
    }
    batches: list[Rows] = []
    for start in itertools.takewhile(lambda at: at < first + leaves, itertools.count(first, BATCH)):
        span = (start, start + BATCH)
        batches.append({table: connection.execute(sql, span).fetchall() for table, sql in queries.items()})
    connection.close()
    return batches


def _insert(database: Path, batches: list[Rows]) -> None:
    connection = connect(database)
    for rows in batches:
        connection.execute("BEGIN IMMEDIATE")
        for table, values in rows.items():
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", values)  # noqa: S608 - our tables
        connection.execute("COMMIT")
    connection.close()
