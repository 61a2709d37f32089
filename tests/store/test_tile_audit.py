"""An audit recomputes every stored tile from the leaves."""

import sqlite3
from datetime import UTC, datetime

import pytest

from registry.acts.audit_range import RangeAudit
from registry.acts.audit_tree import recompute_tree
from registry.store.ledger import Entry, Ledger
from schemas.ledger import origin_subject

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ABOUT = (origin_subject("x"),)


@pytest.fixture
def ledger(connection: sqlite3.Connection) -> Ledger:
    """A log of 66,000 leaves: 257 tiles on the lowest level, one above."""
    made = Ledger(connection)
    connection.execute("BEGIN")
    for start in range(0, 66_000, 3_000):
        made.append([Entry("seal", b"%d" % n, ABOUT) for n in range(start, start + 3_000)], NOW)
    connection.execute("COMMIT")
    return made


def audit(connection: sqlite3.Connection) -> list[str]:
    return recompute_tree(RangeAudit(connection, leaves=False), (), width=512).problems


def test_tiles_that_follow_from_the_leaves_pass_and_others_are_named(ledger, connection):
    assert ledger.count_tiles() == 258
    assert audit(connection) == []

    connection.execute("DROP TRIGGER tile_no_update")
    connection.execute("UPDATE tile SET hashes = zeroblob(8192) WHERE level = 0 AND position = 3")
    connection.execute("UPDATE tile SET hashes = zeroblob(8192) WHERE level = 1")
    connection.execute("INSERT INTO tile VALUES (0, 900, zeroblob(8192))")

    assert audit(connection) == [
        "tile 3 of level 0: TILE_MISMATCH: it is not what the leaves give",
        "tile 0 of level 1: TILE_MISMATCH: it is not what the leaves give",
        "TILE_MISMATCH: 259 tiles are kept, the leaves fill 258",
    ]


def test_a_tile_that_is_gone_is_named(ledger, connection):
    connection.execute("DROP TRIGGER tile_no_delete")
    connection.execute("DELETE FROM tile WHERE level = 0 AND position = 3")

    assert audit(connection) == ["tile 3 of level 0: TILE_MISMATCH: it is not what the leaves give"]


def test_a_hash_over_a_tile_that_is_another_is_named_and_one_that_is_gone_is_folded(ledger, connection):
    root = ledger.root_at(65_999)
    connection.execute("DROP TRIGGER tile_no_update")
    connection.execute("DROP TRIGGER tile_no_delete")
    connection.execute("DELETE FROM tile WHERE level = -1 AND position = 256")
    assert ledger.root_at(65_999) == root
    assert audit(connection) == []

    connection.execute("UPDATE tile SET hashes = zeroblob(32) WHERE level = -1 AND position = 255")

    assert audit(connection) == [
        "the hash over tile 255 of level 0: TILE_MISMATCH: it is not what the leaves give"
    ]
