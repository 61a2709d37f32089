"""The last signed head, kept beside the log key and outside the database (RECORDS section 3).

It tells a restored backup or a copied database from the log that was signed before.
"""

import base64
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import Refused

_NAME = "last-head"


def read_last_head(keys: Path) -> tuple[int, bytes] | None:
    """Return size and root of the last head signed with this log key."""
    path = keys / _NAME
    if not path.exists():
        return None
    size, root = path.read_text("ascii").split()
    return int(size), base64.b64decode(root)


def write_last_head(keys: Path, size: int, root: bytes) -> None:
    """Move the file on to a head whose commit is durable; a longer head already there stays."""
    with _locked(keys):
        known = read_last_head(keys)
        if known is not None and known[0] >= size:
            return
        temporary = keys / f"{_NAME}.new"
        with temporary.open("w", encoding="ascii") as file:
            file.write(f"{size} {base64.b64encode(root).decode()}\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(keys / _NAME)


def check_last_head(keys: Path, size: int, root_at: Callable[[int], bytes]) -> None:
    """Raise Refused unless the log of `size` leaves continues the last head that was signed."""
    known = read_last_head(keys)
    if known is None:
        return
    hint = "restore the newer database, or start a new registry with muniment init and import into it"
    if size < known[0]:
        raise Refused(
            f"HEAD_BEHIND_LAST_SIGNED: this log ends at {size}, but a head of {known[0]} leaves was signed "
            "before; the database is older than its key folder",
            hint=hint,
        )
    if root_at(known[0]) != known[1]:
        raise Refused(
            f"HEAD_FORKED: the first {known[0]} leaves of this log are not those that were signed before",
            hint=hint,
        )


@contextmanager
def _locked(keys: Path) -> Iterator[None]:
    with (keys / f"{_NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
