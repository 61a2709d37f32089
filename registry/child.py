"""A second process of this program and the pipe to it: `python -m MODULE PIPE WORDS...`.

A fresh interpreter and not a fork, for an open SQLite connection does not survive one; nothing is imported
from the folder it runs in. In a session of its own Ctrl-C is this process's to answer.
"""

import subprocess
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from schemas.errors import StoreError


class Child:
    """A process that runs `module`; raise StoreError when it does not start.

    One that `talks` shows its stderr to the person who runs this.
    """

    def __init__(self, module: str, *words: str | Path, talks: bool = False) -> None:
        self.pipe, theirs = Pipe()
        command = [sys.executable, "-P", "-m", module, str(theirs.fileno()), *map(str, words)]
        try:
            with theirs:
                self.process = subprocess.Popen(  # noqa: S603 - this interpreter, no shell
                    command,
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=None if talks else subprocess.DEVNULL,
                    start_new_session=True,
                )
        except OSError as error:
            self.pipe.close()
            raise StoreError(
                f"a second process does not start: {error.strerror}",
                hint="try again, or with --jobs 1 where there is a choice",
            ) from error

    def wait(self) -> str:
        """Wait for its end and say how it came to it."""
        code = self.process.wait()
        return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def end(self) -> None:
        """End it, whatever it is doing."""
        self.pipe.close()
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def pipe_to_parent() -> Connection:
    """Return the other end of the pipe, in the process that was started."""
    return Connection(int(sys.argv[1]))
