"""The log's tables, spoken to in a handful of statements (RECORDS section 3).

Nothing here commits: the caller holds the transaction, so that leaves, bodies and head appear together.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from registry.store.columns import as_bytes, blob, count, text
from registry.store.erasures import Erasures
from registry.store.tree import Tree
from registry.trust import merkle, tiles
from registry.trust.fold import Record
from schemas.digest import Digest
from schemas.errors import StoreError, Unproven, VerificationError
from schemas.ledger import RECORD_TYPES, Leaf, moment, parse_leaf, parse_time_text, time_text

_CLOCK_TOLERANCE = timedelta(minutes=5)
_LEAF, _HEAD = "a leaf of the log", "the cached head of the log"


class Head(msgspec.Struct, frozen=True):
    """Where the log ends: size, RFC 6962 root, and the last leaf's time (empty before the first)."""

    size: int
    root: bytes
    time: str


class Entry(msgspec.Struct, frozen=True):
    """A record to append: its type, its exact envelope, what it is about."""

    type: str
    envelope: bytes
    subjects: tuple[Digest, ...]


class Ledger:
    """The log of one registry over one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._tree = Tree(connection)
        self.erasures = Erasures(connection)

    def head(self) -> Head:
        """Return the end of the log."""
        size, frontier, time = self._head_row()
        return Head(size, frontier.root(), time)

    def append(self, entries: Sequence[Entry], now: datetime) -> list[Leaf]:
        """Append `entries` at the end and return their leaves; times never decrease."""
        size, frontier, last = self._head_row()
        time = _not_before(last, now)
        leaves = [
            Leaf(size + offset, entry.type, time, Digest.of(entry.envelope), entry.subjects)
            for offset, entry in enumerate(entries)
        ]
        rows = [(leaf.seq, leaf.to_bytes()) for leaf in leaves]
        hashes = [merkle.leaf_hash(data) for _, data in rows]
        self._connection.executemany(
            "INSERT OR IGNORE INTO body (digest, bytes) VALUES (?, ?)",
            [(leaf.body, entry.envelope) for leaf, entry in zip(leaves, entries, strict=True)],
        )
        closed = tiles.tiles_for(size, hashes, self._tree.get_hash(size))
        frontier.extend(hashes)
        self._connection.executemany("INSERT INTO leaf (seq, data) VALUES (?, ?)", rows)
        self._connection.executemany(
            "INSERT INTO leaf_subject (subject, seq) VALUES (?, ?)",
            [
                (subject, leaf.seq)
                for leaf in leaves
                if RECORD_TYPES[leaf.type].decides
                for subject in leaf.subjects
            ],
        )
        self._tree.add(closed)
        self._connection.execute(
            "INSERT INTO head (id, size, frontier, time) VALUES (1, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET size = excluded.size, frontier = excluded.frontier, time = excluded.time",
            (size + len(leaves), frontier.to_bytes(), time),
        )
        return leaves

    def put_body(self, data: bytes) -> Digest:
        """Keep `data` under its digest and return the digest."""
        digest = Digest.of(data)
        self._connection.execute("INSERT OR IGNORE INTO body (digest, bytes) VALUES (?, ?)", (digest, data))
        return digest

    def find_body(self, digest: Digest) -> bytes | None:
        """Return the bytes of `digest`, re-hashed; None when absent, erased or not what they should be."""
        data = self.stored_body(digest)
        return data if data is not None and Digest.of(data) == digest else None

    def get_body(self, digest: Digest) -> bytes:
        """Return the bytes of `digest`, re-hashed; raise Unproven when they are not here."""
        data = self.find_body(digest)
        if data is None:
            erased = self.erasures.find(digest)
            said = "is absent or damaged" if erased is None else f"was {erased}"
            raise Unproven(f"the document {digest} {said}", hint="muniment audit verify")
        return data

    def leaf(self, seq: int) -> Leaf:
        """Return the leaf at `seq`."""
        return parse_leaf(self._leaf_data(seq))

    def records(self, start: int = 0, stop: int | None = None) -> Iterator[Record]:
        """Yield the records from `start` up to and without `stop`, in order."""
        rows = self._connection.execute(
            "SELECT data FROM leaf WHERE seq >= ? AND seq < ? ORDER BY seq", (start, _last(stop))
        )
        return (self._record(blob(data, _LEAF)) for (data,) in rows)

    def records_about(self, subjects: Iterable[Digest]) -> Iterator[Record]:
        """Yield the records about any of `subjects`, in order, each once."""
        wanted = json.dumps(sorted(set(subjects)))
        rows = self._connection.execute(
            "SELECT data FROM leaf WHERE seq IN (SELECT seq FROM leaf_subject "
            "WHERE subject IN (SELECT value FROM json_each(?))) ORDER BY seq",
            (wanted,),
        )
        return (self._record(blob(data, _LEAF)) for (data,) in rows)

    def leaf_datas(self, stop: int | None = None, *, start: int = 0) -> Iterator[bytes]:
        """Yield the exact bytes of every leaf from `start` up to and without `stop`, in order."""
        rows = self._connection.execute(
            "SELECT data FROM leaf WHERE seq >= ? AND seq < ? ORDER BY seq", (start, _last(stop))
        )
        return (blob(data, _LEAF) for (data,) in rows)

    def root_at(self, size: int) -> bytes:
        """Return the root over the first `size` leaves."""
        return merkle.range_hash(0, size, self._tree.get_hash(size)) if size else merkle.EMPTY_ROOT

    def inclusion_proof(self, size: int, seq: int) -> tuple[bytes, ...]:
        """Return the path from leaf `seq` to the root over `size` leaves."""
        return merkle.inclusion_proof(size, seq, self._tree.get_hash(size))

    def consistency_proof(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the proof that the tree of `new` leaves continues the one of `old`."""
        return merkle.consistency_proof(old, new, self._tree.get_hash(new))

    def prover(self, size: int) -> Callable[[int], tuple[bytes, ...]]:
        """Return a function from a leaf's place to its path in the tree of `size` leaves."""
        get_hash = self._tree.get_hash(size)
        return lambda seq: merkle.inclusion_proof(size, seq, get_hash)

    def time_before(self, size: int) -> str:
        """Return the time of the last leaf below `size`, empty for the empty log."""
        return self.leaf(size - 1).time if size else ""

    def save_checkpoint(self, size: int, note: str) -> None:
        """Keep a signed head."""
        self._connection.execute("INSERT OR IGNORE INTO checkpoint (size, note) VALUES (?, ?)", (size, note))

    def find_checkpoint(self, size: int | None = None) -> tuple[int, str] | None:
        """Return the newest signed head, or the one at exactly `size`."""
        row = self._connection.execute(
            "SELECT size, note FROM checkpoint WHERE ?1 IS NULL OR size = ?1 ORDER BY size DESC LIMIT 1",
            (size,),
        ).fetchone()
        return None if row is None else _signed_head(row)

    def newest_checkpoints(self) -> Iterator[tuple[int, str]]:
        """Yield every signed head, the newest first."""
        rows = self._connection.execute("SELECT size, note FROM checkpoint ORDER BY size DESC")
        return map(_signed_head, rows)

    def checkpoints(self) -> dict[int, str]:
        """Return every signed head by size."""
        return dict(map(_signed_head, self._connection.execute("SELECT size, note FROM checkpoint")))

    def count_types(self) -> dict[str, int]:
        """Return how many leaves there are of each record type."""
        rows = self._connection.execute(
            "SELECT json_extract(CAST(data AS TEXT), '$.type'), count(*) FROM leaf GROUP BY 1"
        )
        return dict(rows.fetchall())

    def stored_body(self, digest: Digest) -> bytes | None:
        """Return what is stored under `digest`, whatever it is: only an audit wants that."""
        row = self._connection.execute("SELECT bytes FROM body WHERE digest = ?", (digest,)).fetchone()
        return None if row is None or row[0] is None else as_bytes(row[0])

    def documents(self) -> Iterator[tuple[str, bytes]]:
        """Yield every stored body under its digest, whatever it is: only an audit wants that."""
        rows = self._connection.execute(
            "SELECT digest, bytes FROM body WHERE bytes IS NOT NULL ORDER BY digest"
        )
        return ((str(digest), as_bytes(data)) for digest, data in rows)

    def stored_tile(self, level: int, position: int) -> bytes | None:
        """Return what is stored as a tile, whatever it is: only an audit wants that."""
        return self._tree.stored(level, position)

    def stored_top(self, level: int, position: int) -> bytes | None:
        """Return what is stored as the hash over a tile, whatever it is; older logs keep none."""
        return self._tree.stored(~level, position)

    def count_tiles(self) -> int:
        """Return how many tiles are stored."""
        return self._tree.count()

    def indexed_subjects(self, seq: int) -> frozenset[str]:
        """Return the subjects under which the leaf at `seq` is found."""
        rows = self._connection.execute("SELECT subject FROM leaf_subject WHERE seq = ?", (seq,))
        return frozenset(str(row[0]) for row in rows)

    def _record(self, data: bytes) -> Record:
        leaf = parse_leaf(data)
        return Record(leaf, self.find_body(leaf.body))

    def _leaf_data(self, seq: int) -> bytes:
        row = self._connection.execute("SELECT data FROM leaf WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            raise StoreError(f"leaf {seq} is missing from the log", hint="muniment audit verify")
        return blob(row[0], f"leaf {seq}")

    def _head_row(self) -> tuple[int, merkle.Frontier, str]:
        row = self._connection.execute("SELECT size, frontier, time FROM head").fetchone()
        if row is None:
            return 0, merkle.Frontier(), ""
        try:
            frontier = merkle.Frontier.from_bytes(blob(row[1], _HEAD))
            return count(row[0], _HEAD), frontier, parse_time_text(row[2])
        except VerificationError as error:
            raise StoreError(
                f"{_HEAD} is damaged: {error.message}", hint="restore it from a backup"
            ) from error


def _signed_head(row: tuple[Any, Any]) -> tuple[int, str]:
    return count(row[0], "the size of a signed head"), text(row[1], "a signed head")


def _last(stop: int | None) -> int:
    return (1 << 62) if stop is None else stop


def _not_before(last: str, now: datetime) -> str:
    """Return the time of the next leaf: now, or the last leaf's when this clock is a little behind."""
    if not last or time_text(now) >= last:
        return time_text(now)
    if moment(last) - now > _CLOCK_TOLERANCE:
        raise StoreError(
            f"this clock says {time_text(now)}, the last record says {last}",
            hint="set the clock; a log cannot go back in time",
        )
    return last
