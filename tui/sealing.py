"""A process of its own that projects and seals what `serve` receives: `python -m tui.sealing PIPE HOME`.

It does one transaction whenever it is asked, and ends when the other end is gone.
"""

import gc
import signal
import sqlite3
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from importers.openlineage.posted import read_kept
from registry.acts.receive import Sealed
from registry.acts.seal_received import seal_received
from registry.child import pipe_to_parent
from registry.registry import Registry, open_registry
from registry.store.columns import in_words
from registry.store.received import Received
from schemas.errors import Error

_SECONDS = 0.06
"""What one transaction takes, about half of it under the write lock that posted events wait for."""

_FIRST, _LEAST, _MOST = 200, 50, 10_000


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Why nothing was sealed, in words."""

    message: str
    hint: str | None = None


class Done(msgspec.Struct, frozen=True, tag="done"):
    """What was sealed."""

    sealed: Sealed


Outcome = Done | Failed


def try_seal(registry: Registry, limit: int) -> Outcome:
    """Seal at most `limit` events that wait, or say why that cannot be done now."""
    try:
        done = seal_received(registry, read_kept, limit)
        return Done(Sealed(done, Received(registry.connection).count()))
    except Error as error:
        return Failed(error.message, error.hint)
    except sqlite3.Error as error:
        said = in_words(registry.home, error)
        return Failed(said.message, said.hint)


def serve(home: Path, pipe: Connection) -> None:
    """Seal as often as it is asked, as many events at once as can be done in a short time."""
    limit = _FIRST
    # Events hold many objects and no cycles: looking for some costs as much as reading them does.
    gc.freeze()
    gc.disable()
    with open_registry(home) as registry:
        try:
            while True:
                pipe.recv_bytes()
                start = time.perf_counter()
                outcome = try_seal(registry, limit)
                seconds = time.perf_counter() - start
                pipe.send_bytes(msgspec.msgpack.encode(outcome))
                gc.collect()
                if isinstance(outcome, Done) and outcome.sealed.done >= limit:
                    limit = max(_LEAST, min(int(limit * min(_SECONDS / seconds, 2)), _MOST))
        except (EOFError, ConnectionError):
            return


if __name__ == "__main__":
    # A service manager stops every process at once; this one ends when nobody is left to ask it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    serve(Path(sys.argv[2]), pipe_to_parent())
