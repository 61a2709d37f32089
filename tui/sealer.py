"""The process that seals, as seen by the one that receives."""

from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from registry.acts.receive import Sealed
from registry.child import Child
from schemas.errors import StoreError
from tui.sealing import Failed, Outcome


class Sealer:
    """Seals what waits in the registry at `home` by a process that is started anew should it ever end."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._decode = msgspec.msgpack.Decoder(Outcome).decode
        self._child: Child | None = None

    def seal(self) -> Sealed:
        """Seal some of what waits, oldest first; raise StoreError when that fails and it goes on waiting."""
        child = self._child or self._start()
        try:
            child.pipe.send_bytes(b"")
            outcome: Outcome = self._decode(child.pipe.recv_bytes())
        except (EOFError, OSError) as error:
            raise StoreError(f"the process that seals {self._end()}", hint="it is started again") from error
        if isinstance(outcome, Failed):
            raise StoreError(outcome.message, hint=outcome.hint)
        return outcome.sealed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _start(self) -> Child:
        self._child = Child("tui.sealing", self._home, talks=True)
        return self._child

    def _end(self) -> str:
        """Let the process end when it has finished what it does; say how it came to its end."""
        child, self._child = self._child, None
        if child is None:
            return "was not running"
        child.pipe.close()
        return child.wait()
