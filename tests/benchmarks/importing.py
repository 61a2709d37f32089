"""Importing OpenLineage beside its floor: bare SQLite given the same rows ready-made.

The floor inserts what the import wrote, one row a statement, into tables with the same indexes, with
write-ahead log, `synchronous=FULL` and a commit every 10,000 events. It decodes, hashes, merges and keeps
nothing else. MUNIMENT_MLMD names a Python that has ml-metadata, which then writes the same runs.
"""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from importers.openlineage.files import OpenLineageFiles
from registry.acts.init import found_registry
from registry.registry import DATABASE, open_registry
from tests.benchmarks import pairs
from tests.benchmarks.lineage_corpus import write_corpus
from tui.reading_ahead import import_with

TABLES = (
    "node",
    "dataset_version",
    "run",
    "event",
    "run_io",
    "edge",
    "run_derivation",
    "alias",
    "facet_head",
    "facet_row",
)
_COMMIT = 10_000


def show(folder: Path, quick: bool) -> None:
    """Print the import's speed as a share of the floor, its size on disk, and that of a second import."""
    file = folder / "events.jsonl"
    count = write_corpus(file, 20_000 if quick else 200_000)
    empty = folder / "empty"
    found_registry(empty, "bench", None)
    home = folder / "registry"
    _import(file, empty, home)
    rows = _rows(home / DATABASE)
    first, floor, again = [], [], []
    for _ in range(1 if quick else 3):
        floor.append(pairs.measure(lambda: _insert(rows, empty / DATABASE, folder / "floor.db", count)))
        first.append(pairs.measure(lambda: _import(file, empty, home)))
        again.append(pairs.measure(lambda: _import_again(file, home)))
    share = pairs.Spread.of([f / i for f, i in zip(floor, first, strict=True)])
    pairs.show_ratio(f"import of {count:,} OpenLineage events: share of bare inserts", share, 0.30)
    pairs.show_figure("  events a CPU second", pairs.Spread.of([count / i for i in first]), "events/s")
    pairs.show_figure("  bare inserts a CPU second", pairs.Spread.of([count / f for f in floor]), "events/s")
    faster = pairs.Spread.of([i / a for i, a in zip(first, again, strict=True)])
    pairs.show_figure("  second import of the same file", faster, "times as fast", ">= 4")
    _show_two(file, empty, home, count, floor)
    _show_peer(file, folder / "mlmd.db", first)
    size = (home / DATABASE).stat().st_size / file.stat().st_size
    pairs.show_figure("  database beside the raw bytes", pairs.Spread.of([size]), "", "<= 0.16")


def _show_two(file: Path, empty: Path, home: Path, count: int, floor: list[float]) -> None:
    two = [pairs.measure(lambda: _import(file, empty, home, 2), time.perf_counter) for _ in floor]
    share = pairs.Spread.of([f / i for f, i in zip(floor, two, strict=True)])
    pairs.show_ratio("  with --jobs 2, by wall time", share, 0.50)
    pairs.show_figure("  events a second", pairs.Spread.of([count / i for i in two]), "events/s")


def _show_peer(file: Path, database: Path, first: list[float]) -> None:
    python = os.environ.get("MUNIMENT_MLMD")
    if not python:
        return
    program = Path(__file__).with_name("peer_mlmd.py")
    command = [python, str(program), str(file), str(database)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    cpu = float(done.stdout.split()[1])
    faster = pairs.Spread.of([cpu / i for i in first])
    pairs.show_figure("  ml-metadata writing the same runs", faster, "times our CPU time", ">= 20")


def _import(file: Path, empty: Path, home: Path, jobs: int = 1) -> None:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(empty, home)
    _import_again(file, home, jobs)


def _import_again(file: Path, home: Path, jobs: int = 1) -> None:
    with open_registry(home) as registry:
        import_with(registry, OpenLineageFiles(str(file)), None, jobs)


def _rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {t: connection.execute(f"SELECT * FROM {t}").fetchall() for t in TABLES}  # noqa: S608 - ours


def _insert(rows: dict[str, list[tuple[object, ...]]], empty: Path, path: Path, count: int) -> None:
    with _fresh(empty, path) as connection:
        parts = -(-count // _COMMIT)
        for part in range(parts):
            connection.execute("BEGIN IMMEDIATE")
            for table, listed in rows.items():
                size = -(-len(listed) // parts)
                piece = listed[part * size : (part + 1) * size]
                if piece:
                    marks = ", ".join("?" * len(piece[0]))
                    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", piece)  # noqa: S608 - ours
            connection.execute("COMMIT")


@contextmanager
def _fresh(empty: Path, path: Path) -> Iterator[sqlite3.Connection]:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    with closing(sqlite3.connect(empty)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        yield connection
