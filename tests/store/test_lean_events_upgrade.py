"""A registry from before event ids were left out: everything in it is carried over."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import zstandard

from importers.openlineage.decode import read_event
from registry.store.database import connect, upgrade
from registry.store.inbox import Inbox
from registry.store.listing import Page, list_datasets
from registry.store.take_in import Intake
from schemas.identity import compact
from tests.store.revisions import make_at

RUN = "3b452093-782c-4ef2-9c0c-aafe2aa6f34d"
EVENTS = [
    {
        "eventTime": "2026-01-02T03:04:05Z",
        "dataset": {"namespace": "n", "name": "d", "facets": {"o": {"v": 1}}},
    },
    {
        "eventType": "START",
        "eventTime": "2026-01-02T03:04:05Z",
        "run": {"runId": RUN},
        "job": {"namespace": "j", "name": "train"},
    },
]
RAWS = [json.dumps(value).encode() for value in EVENTS]
IDS = [hashlib.sha256(compact(value)).digest() for value in EVENTS]
DIGESTS = [hashlib.sha256(raw).digest() for raw in RAWS]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    make_at(path, "0005")
    with closing(connect(path)) as connection:
        _fill(connection)
    return path


def _fill(connection: sqlite3.Connection) -> None:
    do = connection.execute
    packed = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode(RAWS))
    do("INSERT INTO source VALUES (1, 'openlineage', 'file')")
    do("INSERT INTO event_block VALUES (1, ?)", (packed,))
    do("INSERT INTO event VALUES (1, ?, ?, 1, 1, 0, NULL)", (IDS[0], DIGESTS[0]))
    do("INSERT INTO event VALUES (2, ?, ?, 1, 1, 1, 1)", (IDS[1], DIGESTS[1]))
    do("INSERT INTO node VALUES (1, 1, 'n', 'd', 1), (2, 2, 'j', 'train', 1), (3, 1, 'n', 'z', 0)")
    do("INSERT INTO facet VALUES (1, 'o', 5, 2, ?, ?)", (IDS[0], b'{"v":1}'))
    do("INSERT INTO alias VALUES (1, 3, 'symlink', ?)", (IDS[0],))
    do("INSERT INTO declared_by VALUES (2, 5, ?)", (IDS[1],))
    do(
        "INSERT INTO run (id, run_id, job, source, events, state, state_instant, state_time, instant, "
        "streaming, parent, parent_instant, parent_rank, parent_event) "
        "VALUES (1, ?, 2, 1, 1, 'START', 5, 't', 5, 0, 1, 5, 0, ?)",
        (RUN, IDS[1]),
    )
    do("INSERT INTO leaf VALUES (7, x'00')")
    for place, digest in enumerate(DIGESTS):
        do("INSERT INTO seal_item VALUES (7, ?, ?)", (place, f"sha256:{digest.hex()}"))


def test_statements_name_the_events_that_made_them(old: Path):
    upgrade(old)

    with closing(connect(old)) as connection:
        rows = connection.execute
        assert rows("SELECT node, name, event, value FROM facet").fetchall() == [(1, "o", 1, b'{"v":1}')]
        assert rows("SELECT a, b, reason, event FROM alias").fetchall() == [(1, 3, "symlink", 1)]
        assert rows("SELECT node, event FROM declared_by").fetchall() == [(2, 2)]
        assert rows("SELECT parent, parent_event FROM run").fetchall() == [(1, 2)]
        assert rows("SELECT raw_digest FROM event ORDER BY id").fetchall() == [(d,) for d in DIGESTS]


def test_the_items_of_seals_keep_their_order(old: Path):
    upgrade(old)

    with closing(connect(old)) as connection:
        assert [digest.raw for digest in Inbox(connection).sealed(7)] == DIGESTS


def test_what_was_taken_before_is_known_in_any_spelling(old: Path):
    upgrade(old)

    with closing(connect(old)) as connection:
        again = [read_event(json.dumps(value, indent=2).encode(), "") for value in EVENTS]
        batch = Intake(connection, "openlineage", "file").write(again)

        assert (batch.taken, batch.duplicate) == (0, 2)
        assert list_datasets(connection, Page()).items[0]["facets"] == {"o": {"v": 1}}
