"""Events without their ids: they are worked out when two statements tie, and statements name event rows.

| table | what changes |
|---|---|
| event | `likeness` for `event_id`: equal events are alike, and few others are |
| facet_row, facet_head | a facet without its producer and schema, which few facets differ in |
| facet_row, declared_by, run | `event` or `parent_event` is a row of `event` |
| declared_derivation | what static events say was made from what; the latest of each replaces the others |
| alias | the first statement of it counts: `instant`, `rank`, `event` |
| seal_items | the digests a seal proves, 32 bytes each in order, for `seal_item` |
"""

import sqlite3
from typing import Any

import msgspec
import zstandard
from alembic import op

from schemas.identity import compact, event_likeness, value_likeness

revision = "0006"
down_revision = "0005"

_EVENT = "(SELECT id FROM event WHERE event.event_id = {of})"

STATEMENTS = (
    "CREATE TABLE event_lean (id INTEGER NOT NULL, raw_digest BLOB NOT NULL, source INTEGER NOT NULL, "
    "block INTEGER NOT NULL, slot INTEGER NOT NULL, run INTEGER, likeness INTEGER NOT NULL, "
    "PRIMARY KEY (id))",
    "INSERT INTO event_lean SELECT id, raw_digest, source, block, slot, run, likeness(block, slot) "
    "FROM event ORDER BY id",
    "CREATE TABLE facet_head (id INTEGER NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (id), UNIQUE (value))",
    "CREATE TABLE facet_row (node INTEGER NOT NULL, name VARCHAR NOT NULL, instant BIGINT NOT NULL, "
    "rank INTEGER NOT NULL, event INTEGER NOT NULL, head INTEGER NOT NULL, value BLOB, "
    "PRIMARY KEY (node, name)) WITHOUT ROWID",
    "INSERT INTO facet_row "
    f"SELECT node, name, instant, rank, {_EVENT.format(of='facet.event_id')}, 0, value FROM facet",
    "CREATE TABLE alias_lean (a INTEGER NOT NULL, b INTEGER NOT NULL, reason VARCHAR NOT NULL, "
    "instant BIGINT NOT NULL, rank INTEGER NOT NULL, event INTEGER NOT NULL, PRIMARY KEY (a, b)) "
    "WITHOUT ROWID",
    # Nobody wrote down when it was said: whatever says it again takes its place.
    "INSERT INTO alias_lean SELECT a, b, reason, 9223372036854775807, 9, "
    f"{_EVENT.format(of='alias.event_id')} FROM alias",
    "CREATE TABLE declared_derivation (said_by INTEGER NOT NULL, source INTEGER NOT NULL, "
    "target INTEGER NOT NULL, PRIMARY KEY (said_by, source, target)) WITHOUT ROWID",
    "CREATE INDEX declared_derivation_by_pair ON declared_derivation (source, target)",
    "CREATE TABLE declared_by_lean (node INTEGER NOT NULL, instant BIGINT NOT NULL, event INTEGER NOT NULL, "
    "PRIMARY KEY (node))",
    f"INSERT INTO declared_by_lean SELECT job, instant, {_EVENT.format(of='declared_by.event_id')} "
    "FROM declared_by",
    "ALTER TABLE run ADD COLUMN parent_said INTEGER",
    f"UPDATE run SET parent_said = {_EVENT.format(of='run.parent_event')} WHERE parent_event IS NOT NULL",
    "ALTER TABLE run DROP COLUMN parent_event",
    "ALTER TABLE run RENAME COLUMN parent_said TO parent_event",
    "DROP VIEW same_name",
    "DROP TABLE event",
    "DROP TABLE facet",
    "DROP TABLE alias",
    "DROP TABLE declared_by",
    "ALTER TABLE event_lean RENAME TO event",
    "CREATE VIEW facet AS SELECT node, name, instant, rank, event, CASE WHEN head = 0 THEN f.value "
    "ELSE CAST(json_patch(CAST(f.value AS TEXT), h.value) AS BLOB) END AS value "
    "FROM facet_row AS f LEFT JOIN facet_head AS h ON h.id = f.head",
    "ALTER TABLE alias_lean RENAME TO alias",
    "ALTER TABLE declared_by_lean RENAME TO declared_by",
    "CREATE INDEX event_by_raw ON event (substr(raw_digest, 1, 8))",
    "CREATE INDEX event_by_run ON event (run, likeness)",
    "CREATE INDEX alias_by_b ON alias (b)",
    "CREATE VIEW same_name AS SELECT a, b FROM alias WHERE NOT EXISTS (SELECT 1 FROM alias_edit AS edit "
    "WHERE edit.a = alias.a AND edit.b = alias.b AND edit.same = 0) "
    "UNION SELECT a, b FROM alias_edit WHERE same = 1",
    "CREATE TABLE seal_items (seq INTEGER PRIMARY KEY REFERENCES leaf (seq), digests BLOB NOT NULL "
    "CHECK (typeof(digests) = 'blob' AND length(digests) % 32 = 0))",
    "INSERT INTO seal_items SELECT seq, joined(digest) FROM "
    "(SELECT seq, digest FROM seal_item ORDER BY seq, position) GROUP BY seq",
    "DROP TABLE seal_item",
    "CREATE TRIGGER seal_items_no_update BEFORE UPDATE ON seal_items "
    "BEGIN SELECT RAISE(ABORT, 'seal_items is append-only'); END",
    "CREATE TRIGGER seal_items_no_delete BEFORE DELETE ON seal_items "
    "BEGIN SELECT RAISE(ABORT, 'seal_items is append-only'); END",
)


def upgrade() -> None:
    """Carry everything over."""
    connection: Any = op.get_bind().connection.driver_connection
    connection.create_function("likeness", 2, _Blocks(connection).likeness)
    connection.create_aggregate("joined", 1, _Joined)
    for statement in STATEMENTS:
        op.execute(statement)


class _Joined:
    """Digests as text, joined as bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def step(self, digest: str) -> None:
        """Take the next one."""
        self._parts.append(bytes.fromhex(digest.removeprefix("sha256:")))

    def finalize(self) -> bytes:
        """Return all of them."""
        return b"".join(self._parts)


class _Blocks:
    """The events of the block last asked for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._held: tuple[int, list[bytes]] = (0, [])

    def likeness(self, block: int, slot: int) -> int:
        """Return the likeness of one event."""
        if self._held[0] != block:
            row = self._connection.execute("SELECT data FROM event_block WHERE id = ?", (block,)).fetchone()
            packed = zstandard.ZstdDecompressor().decompress(row[0])
            self._held = (block, msgspec.msgpack.decode(packed, type=list[bytes]))
        return _likeness(msgspec.json.decode(self._held[1][slot]))


def _likeness(event: dict[str, Any]) -> int:
    about = event.get("job") or event.get("dataset")
    if "eventTime" not in event or not isinstance(about, dict):
        return value_likeness(compact(event))
    return event_likeness(event.get("eventType"), event["eventTime"], about["namespace"], about["name"])


def downgrade() -> None:
    """Refuse: a registry is never downgraded, restore the backup that `migrate` makes."""
    raise NotImplementedError
