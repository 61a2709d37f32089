"""What could not be taken: kept byte for byte, with the source, the place there and the reason."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec
import zstandard

from registry.store.listing import Listed, Page
from schemas.errors import NotFound


class Held(msgspec.Struct, frozen=True):
    """One quarantined item. `raw` is cut when it is shorter than `size` (bytes)."""

    id: int
    kind: str
    source: str
    position: str
    reason: str
    digest: bytes
    size: int
    raw: bytes

    @property
    def is_whole(self) -> bool:
        """Tell whether all of its bytes are here."""
        return len(self.raw) == self.size


def list_held(connection: sqlite3.Connection, page: Page) -> Listed:
    """Return quarantined items in the order they came, without their bytes."""
    rows = connection.execute(
        "SELECT q.id, source.kind, source.name, q.position, q.reason, lower(hex(q.raw_digest)), q.size "
        "FROM quarantine AS q JOIN source ON source.id = q.source WHERE q.id > ? AND "
        "(source.name LIKE ? ESCAPE '!' OR q.position LIKE ? ESCAPE '!' OR q.reason LIKE ? ESCAPE '!') "
        "ORDER BY q.id LIMIT ?",
        (_behind(page.after), page.pattern, page.pattern, page.pattern, page.limit),
    ).fetchall()
    items: list[dict[str, Any]] = [
        {
            "id": row[0],
            "kind": row[1],
            "source": row[2],
            "position": row[3],
            "reason": row[4],
            "digest": f"sha256:{row[5]}",
            "size": row[6],
        }
        for row in rows
    ]
    return Listed(items, str(items[-1]["id"]) if len(items) == page.limit else None)


def get_held(connection: sqlite3.Connection, number: int) -> Held:
    """Return one quarantined item with its bytes; raise NotFound when there is none of that number."""
    row = connection.execute(
        "SELECT q.id, source.kind, source.name, q.position, q.reason, q.raw_digest, q.size, q.raw "
        "FROM quarantine AS q JOIN source ON source.id = q.source WHERE q.id = ?",
        (number,),
    ).fetchone()
    if row is None:
        raise NotFound(f"{number}: nothing in quarantine has that number", hint="muniment quarantine list")
    number, kind, source, position, reason, digest, size, packed = row
    raw = zstandard.ZstdDecompressor().decompress(packed)
    return Held(number, kind, source, position, reason, digest, size, raw)


def list_numbers(connection: sqlite3.Connection) -> list[int]:
    """Return the numbers of everything in quarantine, in the order it came."""
    return [row[0] for row in connection.execute("SELECT id FROM quarantine ORDER BY id")]


def release(connection: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Let go of items that are registry state by now; commits."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("DELETE FROM quarantine WHERE id = ?", [(number,) for number in numbers])
    connection.execute("COMMIT")


def _behind(after: str | None) -> int:
    if after is None:
        return 0
    if not after.isascii() or not after.isdigit():
        raise NotFound(f"{after}: no item of the list has that id")
    return min(int(after), (1 << 63) - 1)
