"""Reading columns of a file that a person, a disk or another program may have changed.

SQLite puts any type into any column, so what was written as bytes may come back as a number: every value
that is read goes through one of these, and damage is said in words.
"""

import sqlite3
from typing import Any

from schemas.digest import Digest
from schemas.errors import StoreBusy, StoreError

_MAX_COUNT = (1 << 53) - 1


def blob(value: Any, what: str) -> bytes:
    """Return the bytes of a column; raise StoreError when `what` is none."""
    if not isinstance(value, bytes):
        raise _damaged(what)
    return value


def as_bytes(value: Any) -> bytes:
    """Return the column as bytes, whatever it is: for an audit, whose digests then show the damage."""
    return value if isinstance(value, bytes) else str(value).encode()


def text(value: Any, what: str) -> str:
    """Return the text of a column; raise StoreError when `what` is none."""
    if not isinstance(value, str):
        raise _damaged(what)
    return value


def count(value: Any, what: str) -> int:
    """Return the whole number, zero or more, of a column; raise StoreError when `what` is none."""
    if not isinstance(value, int) or not 0 <= value <= _MAX_COUNT:
        raise _damaged(what)
    return value


def digest(value: Any, what: str) -> Digest:
    """Return the digest in a column; raise StoreError when `what` is none."""
    found = find_digest(value)
    if found is None:
        raise _damaged(what)
    return found


def find_digest(value: Any) -> Digest | None:
    """Return the digest in a column; None when there is none."""
    try:
        return Digest(value)
    except (TypeError, ValueError):
        return None


def in_words(where: object, error: sqlite3.Error) -> StoreError:
    """Return what to tell a person when SQLite cannot read or write the file at `where`."""
    if "locked" in str(error):
        return StoreBusy(f"{where}: another process is writing", hint="try again in a moment")
    return StoreError(f"{where}: the database cannot be used: {error}", hint="restore it from a backup")


def _damaged(what: str) -> StoreError:
    return StoreError(f"{what} is damaged", hint="muniment audit verify")
