"""Receiving events over HTTP: 16 keep-alive connections from a process of their own, then a kill under load.

Ours is the real `muniment serve` on loopback with a fresh registry: parsed, checked, deduplicated, durable in
a group commit before the answer, projected and sealed behind it. The floor inserts the same bytes into one
table, sixteen a commit, and neither speaks HTTP nor looks at an event.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from registry.store.database import connect, create_database
from tests.benchmarks.lineage_corpus import write_corpus
from tests.benchmarks.logs import new_registry
from tests.benchmarks.pairs import Spread, measure, show_figure

CONNECTIONS = 16


def show(place: Path, quick: bool) -> None:
    """Print events a second, how long answers take, and what a kill loses."""
    events, rounds = (10_000, 2) if quick else (40_000, 3)
    corpus = place / "receiving.jsonl"
    write_corpus(corpus, events)
    found = [_receive(place / f"receive-{number}", corpus) for number in range(rounds)]
    shares = [_floor(place / f"receive-floor-{number}.db", corpus) for number in range(rounds)]
    show_figure("durable events received, 16 connections", _spread(found, "rate"), "thousand/s", ">= 2")
    show_figure("half of the answers come within", _spread(found, "p50"), "ms")
    show_figure("99 of 100 answers come within", _spread(found, "p99"), "ms", "< 100 ms")
    show_figure("sealed as well, first post to last seal", _spread(found, "sealed"), "thousand/s")
    show_figure("the same bytes inserted by sixteens, no HTTP", Spread.of(shares), "thousand/s")
    lost, acknowledged = _kill(place / "receive-killed", corpus)
    what = f"acknowledged events lost to SIGKILL under load, of {acknowledged:,}"
    show_figure(what, Spread.of([float(lost)]), "events", "0")


def _receive(home: Path, corpus: Path) -> dict[str, float]:
    new_registry(home)
    with _serving(home) as (process, url):
        start = time.perf_counter()
        with _load(url, corpus) as load:
            told = json.loads(load.communicate()[0])
        process.send_signal(signal.SIGTERM)
        process.wait()
        sealed = len(told["acknowledged"]) / (time.perf_counter() - start) / 1000
    if told["refused"]:
        sys.exit(f"{len(told['refused'])} events were refused")
    latencies = sorted(1000 * seconds for seconds in told["latencies"])
    middle, late = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
    return {"rate": len(latencies) / told["seconds"] / 1000, "p50": middle, "p99": late, "sealed": sealed}


def _kill(home: Path, corpus: Path) -> tuple[int, int]:
    """Kill the server while it is posted to; return how many acknowledged events are gone, and of how many.

    What was acknowledged is posted once more to the server that comes after it: each must be known there.
    """
    new_registry(home)
    with _serving(home) as (process, url), _load(url, corpus) as load:
        time.sleep(1)
        process.kill()
        process.wait()
        told = json.loads(load.communicate()[0])
    lines = corpus.read_bytes().splitlines()
    known = home / "acknowledged.jsonl"
    known.write_bytes(b"".join(lines[number] + b"\n" for number in told["acknowledged"]))
    with _serving(home) as (process, url):
        with _load(url, known) as load:
            again = json.loads(load.communicate()[0])
        process.send_signal(signal.SIGTERM)
        process.wait()
    return len(told["acknowledged"]) - again["duplicates"], len(told["acknowledged"])


def _floor(database: Path, corpus: Path) -> float:
    """Return how many thousand events a second one process inserts durably, sixteen a commit."""
    create_database(database)
    lines = corpus.read_bytes().splitlines()
    with closing(connect(database)) as connection:
        connection.execute("CREATE TABLE floor (id INTEGER PRIMARY KEY, raw BLOB NOT NULL)")

        def insert() -> None:
            for start in range(0, len(lines), CONNECTIONS):
                rows = [(line,) for line in lines[start : start + CONNECTIONS]]
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany("INSERT INTO floor (raw) VALUES (?)", rows)
                connection.execute("COMMIT")

        return len(lines) / measure(insert, time.perf_counter) / 1000


@contextmanager
def _serving(home: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    words = [sys.executable, "-m", "tui", "--registry", str(home), "serve", "--port", "0"]
    talk = home / "talk.txt"
    with (
        talk.open("a") as said,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            if process.poll() is None:
                process.kill()


def _load(url: str, corpus: Path) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "tests.benchmarks.posting", url, str(corpus), str(CONNECTIONS)]
    return subprocess.Popen(words, stdout=subprocess.PIPE)


def _spread(found: list[dict[str, float]], name: str) -> Spread:
    return Spread.of([one[name] for one in found])
