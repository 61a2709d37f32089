"""The last signed head, kept beside the log key and outside the database (RECORDS section 3).

It tells a restored backup or a copied database from the log that was signed before. It holds the tree's
frontier, so that the next head is grown from what was signed and from new leaves alone: a root that only
stands in the database is never signed.
"""

import base64
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.trust.merkle import Frontier
from schemas.errors import Refused, StoreError, VerificationError

_NAME = "last-head"


def read_last_head(keys: Path) -> Frontier | None:
    """Return the edge of the tree that was signed last with this log key; raise StoreError when damaged."""
    path = keys / _NAME
    try:
        return Frontier.from_bytes(base64.b64decode(path.read_bytes().strip(), validate=True))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, VerificationError) as error:
        raise StoreError(
            f"{path}: damaged or not readable", hint="restore it from the backup of the key folder"
        ) from error


def write_last_head(keys: Path, frontier: Frontier) -> None:
    """Move the file on to a head whose commit is durable; a longer head already there stays."""
    with _locked(keys):
        known = read_last_head(keys)
        if known is not None and known.size >= frontier.size:
            return
        temporary = keys / f"{_NAME}.new"
        with temporary.open("wb") as file:
            file.write(base64.b64encode(frontier.to_bytes()) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(keys / _NAME)


def check_last_head(known: Frontier | None, size: int, root_at: Callable[[int], bytes]) -> None:
    """Raise Refused unless the log of `size` leaves continues the head that was signed last."""
    if known is None:
        return
    hint = "restore the newer database, or start a new registry with muniment init and import into it"
    if size < known.size:
        raise Refused(
            f"HEAD_BEHIND_LAST_SIGNED: this log ends at {size}, but a head of {known.size} leaves was signed "
            "before; the database is older than its key folder",
            hint=hint,
        )
    if root_at(known.size) != known.root():
        raise Refused(
            f"HEAD_FORKED: the first {known.size} leaves of this log are not those that were signed before",
            hint=hint,
        )


@contextmanager
def _locked(keys: Path) -> Iterator[None]:
    with (keys / f"{_NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
