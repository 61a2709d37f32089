"""The process that seals, as seen by the one that receives."""

import subprocess
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from registry.acts.receive import Sealed
from schemas.errors import StoreError
from tui.sealing import Failed, Outcome


class Sealer:
    """Seals what waits in the registry at `home` by a process that is started anew should it ever end."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._decode = msgspec.msgpack.Decoder(Outcome).decode
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def seal(self) -> Sealed:
        """Seal some of what waits, oldest first; raise StoreError when that fails and it goes on waiting."""
        pipe = self._pipe or self._start()
        try:
            pipe.send_bytes(b"")
            outcome: Outcome = self._decode(pipe.recv_bytes())
        except (EOFError, ConnectionError) as error:
            code = self._end()
            raise StoreError(
                f"the process that seals ended with code {code}", hint="it is started again"
            ) from error
        if isinstance(outcome, Failed):
            raise StoreError(outcome.message, hint=outcome.hint)
        return outcome.sealed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _start(self) -> Connection:
        ours, theirs = Pipe()
        # A fresh interpreter and not a fork, for an open SQLite connection does not survive one; nothing is
        # imported from the folder it runs in.
        command = [sys.executable, "-P", "-m", "tui.sealing", str(self._home), str(theirs.fileno())]
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - this interpreter, no shell
                    command,
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    start_new_session=True,
                )
        except OSError as error:
            ours.close()
            raise StoreError(
                f"the process that seals does not start: {error.strerror}", hint="it is tried again"
            ) from error
        self._pipe = ours
        return ours

    def _end(self) -> int:
        """Let the process end when it has finished what it does; return its exit code."""
        if self._process is None or self._pipe is None:
            return 0
        self._pipe.close()
        code = self._process.wait()
        self._process = self._pipe = None
        return code
