"""A process of its own that audits ranges: `python -m registry.acts.audit_worker PIPE DATABASE PART`.

It opens the database itself, answers one request after another, and ends when the other end is gone.
"""

import sqlite3
import sys
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from registry.acts.audit_range import Range, RangeAudit, Rehashed
from registry.child import pipe_to_parent
from registry.store.columns import in_words
from registry.store.database import connect
from schemas.errors import Error, StoreBusy, StoreError, VerificationError


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Why a range could not be read, in words."""

    message: str
    hint: str | None
    busy: bool = False
    code: str = ""

    def error(self) -> Error:
        """Return the error as it was raised."""
        if self.code:
            return VerificationError(self.code, self.message, hint=self.hint)
        return (StoreBusy if self.busy else StoreError)(self.message, hint=self.hint)


Outcome = Rehashed | Failed


def try_range(audit: RangeAudit, wanted: Range, where: object) -> Outcome:
    """Return what a range of the log at `where` gives, or why it cannot be read."""
    try:
        return audit.audit(wanted)
    except VerificationError as error:
        return Failed(error.message.removeprefix(f"{error.code}: "), error.hint, code=error.code)
    except StoreError as error:
        return Failed(error.message, error.hint, busy=isinstance(error, StoreBusy))
    except sqlite3.Error as error:
        said = in_words(where, error)
        return Failed(said.message, said.hint, busy=isinstance(said, StoreBusy))


def serve(database: Path, pipe: Connection, *, leaves: bool) -> None:
    """Answer requests until nobody is there to ask."""
    read = msgspec.msgpack.Decoder(Range).decode
    with closing(connect(database, read_only=True)) as connection:
        audit = RangeAudit(connection, leaves=leaves)
        try:
            while True:
                outcome = try_range(audit, read(pipe.recv_bytes()), database.parent)
                pipe.send_bytes(msgspec.msgpack.encode(outcome))
        except (EOFError, ConnectionError):
            return


if __name__ == "__main__":
    serve(Path(sys.argv[2]), pipe_to_parent(), leaves=sys.argv[3] == "leaves")
