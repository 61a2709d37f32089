"""The log's tables: append-only, in order, and the root is RFC 6962's over the leaves."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from registry.store.ledger import Entry, Ledger
from registry.trust import merkle
from schemas.digest import Digest
from schemas.errors import StoreError

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ABOUT = (Digest.of(b"a subject"),)


def entries(count: int, start: int = 0) -> list[Entry]:
    return [Entry("approval", b"envelope %d" % i, ABOUT) for i in range(start, start + count)]


@pytest.fixture
def ledger(connection: sqlite3.Connection) -> Ledger:
    return Ledger(connection)


def test_an_empty_log_has_the_root_of_nothing(ledger):
    assert ledger.head().root == merkle.EMPTY_ROOT


@pytest.mark.parametrize("batches", [(1,), (1, 1, 1), (255, 1, 1), (256,), (300, 400, 3)])
def test_the_head_is_the_root_over_all_leaves_however_they_were_appended(ledger, batches):
    for done, count in enumerate(batches):
        ledger.append(entries(count, start=sum(batches[:done])), NOON)

    hashes = [merkle.leaf_hash(data) for data in ledger.leaf_datas()]
    assert ledger.head().root == merkle.root(hashes)


def test_the_root_at_every_earlier_size_is_recomputed_from_tiles_and_leaves(ledger):
    ledger.append(entries(520), NOON)
    hashes = [merkle.leaf_hash(data) for data in ledger.leaf_datas()]

    for size in (0, 1, 255, 256, 257, 511, 512, 519, 520):
        assert ledger.root_at(size) == merkle.root(hashes[:size])


def test_an_inclusion_proof_from_the_store_verifies(ledger):
    ledger.append(entries(600), NOON)
    head = ledger.head()

    for seq in (0, 255, 256, 511, 599):
        leaf = merkle.leaf_hash(ledger.leaf(seq).to_bytes())
        merkle.verify_inclusion(leaf, seq, 600, ledger.inclusion_proof(600, seq), head.root)


def test_leaves_are_numbered_without_gaps(ledger):
    ledger.append(entries(3), NOON)
    ledger.append(entries(2, start=3), NOON)

    assert [record.leaf.seq for record in ledger.records()] == [0, 1, 2, 3, 4]


def test_a_clock_a_little_behind_takes_the_last_leafs_time(ledger):
    ledger.append(entries(1), NOON)

    later = ledger.append(entries(1, start=1), NOON - timedelta(minutes=4))

    assert later[0].time == "2026-11-23T12:00:00Z"


def test_a_clock_far_behind_is_refused_with_both_times(ledger):
    ledger.append(entries(1), NOON)

    with pytest.raises(StoreError, match=r"11:54:00Z.*12:00:00Z"):
        ledger.append(entries(1, start=1), NOON - timedelta(minutes=6))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaf SET data = x'00'",
        "DELETE FROM leaf",
        "DELETE FROM leaf_subject",
        "DELETE FROM body",
        "UPDATE body SET bytes = x'00'",
        "UPDATE body SET bytes = NULL",
        "UPDATE checkpoint SET note = ''",
    ],
)
def test_what_is_kept_cannot_be_changed_by_accident(ledger, connection, statement):
    ledger.append(entries(1), NOON)
    ledger.save_checkpoint(1, "note")

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)


def test_a_body_can_be_erased_once_a_redaction_names_it(ledger, connection):
    digest = ledger.put_body(b"text of a person")
    connection.execute("INSERT INTO redaction VALUES (?, 7)", (digest,))

    connection.execute("UPDATE body SET bytes = NULL WHERE digest = ?", (digest,))

    assert ledger.find_body(digest) is None


def test_a_body_whose_bytes_were_changed_behind_our_back_is_not_given_out(ledger, connection):
    digest = ledger.put_body(b"what was signed")
    connection.execute("DROP TRIGGER body_only_redacted")
    connection.execute("UPDATE body SET bytes = ? WHERE digest = ?", (b"what was not", digest))

    assert ledger.find_body(digest) is None


def test_records_about_a_subject_come_in_order_and_once(ledger):
    other = Digest.of(b"another subject")
    ledger.append([Entry("approval", b"1", (ABOUT[0], other)), Entry("approval", b"2", (other,))], NOON)

    assert [r.leaf.seq for r in ledger.records_about((ABOUT[0], other))] == [0, 1]
