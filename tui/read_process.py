"""A process of its own that reads a source for another: `python -m tui.read_process PIPE DATABASE PATH`.

It makes batches ready while the other writes, asks the database only what is known, and never writes to it.
"""

import sys
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from importers.openlineage.files import OpenLineageFiles
from registry.child import pipe_to_parent
from registry.store.database import connect
from registry.store.doubles import is_known_in
from registry.store.prepared import Prepared, prepared
from schemas.errors import NotFound, SourceError


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The source was read to its end; `digest` is the SHA-256 of a source that is one file."""

    digest: bytes | None


class Read(msgspec.Struct, frozen=True, tag="read"):
    """The next batch, and how much of the whole was read with it."""

    batch: Prepared
    share: float | None


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Why the source could not be read, in words."""

    message: str
    hint: str | None
    is_missing: bool

    def error(self) -> NotFound | SourceError:
        """Return the error as it was raised."""
        return (NotFound if self.is_missing else SourceError)(self.message, hint=self.hint)


Message = Read | Ended | Failed


def read(database: Path, pipe: Connection, path: str) -> None:
    """Send every batch of the source at `path`, then how it ended."""
    encode = msgspec.msgpack.Encoder().encode
    source = OpenLineageFiles(path)
    with closing(connect(database, read_only=True)) as connection:
        try:
            for batch in prepared(source.collect(is_known_in(connection))):
                pipe.send_bytes(encode(Read(batch, source.share)))
            said: Message = Ended(source.file_digest)
        except (NotFound, SourceError) as error:
            said = Failed(error.message, error.hint, isinstance(error, NotFound))
    pipe.send_bytes(encode(said))


if __name__ == "__main__":
    try:
        read(Path(sys.argv[2]), pipe_to_parent(), sys.argv[3])
    except ConnectionError:
        # Nobody is there to read for any more.
        sys.exit(1)
