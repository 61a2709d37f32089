"""A process of its own that projects and seals what `serve` receives: `python -m tui.sealing HOME PIPE`.

It does one transaction whenever it is asked, and ends when the other end is gone.
"""

import signal
import sqlite3
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from importers.openlineage.decode import read_event
from registry.acts.receive import Sealed
from registry.acts.seal_received import seal_received
from registry.registry import Registry, open_registry
from registry.store.columns import in_words
from registry.store.received import Received
from schemas.errors import Error


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Why nothing was sealed, in words."""

    message: str
    hint: str | None = None


class Done(msgspec.Struct, frozen=True, tag="done"):
    """What was sealed."""

    sealed: Sealed


Outcome = Done | Failed


def try_seal(registry: Registry) -> Outcome:
    """Seal some of what waits, or say why that cannot be done now."""
    try:
        done = seal_received(registry, read_event)
        return Done(Sealed(done, Received(registry.connection).count()))
    except Error as error:
        return Failed(error.message, error.hint)
    except sqlite3.Error as error:
        said = in_words(registry.home, error)
        return Failed(said.message, said.hint)


def serve(home: Path, pipe: Connection) -> None:
    """Seal as often as it is asked."""
    with open_registry(home) as registry:
        try:
            while True:
                pipe.recv_bytes()
                pipe.send_bytes(msgspec.msgpack.encode(try_seal(registry)))
        except (EOFError, ConnectionError):
            return


if __name__ == "__main__":
    # A service manager stops every process at once; this one ends when nobody is left to ask it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    serve(Path(sys.argv[1]), Connection(int(sys.argv[2])))
