"""Files of events read by a second process, while this one writes what was read before."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from pathlib import Path

import msgspec

from importers.openlineage.files import OpenLineageFiles
from registry.acts.take_in import ImportReport, Progress, import_source
from registry.registry import DATABASE, Registry
from registry.store.prepared import Prepared
from schemas.errors import SourceError
from schemas.observation import Source
from tui.read_process import Ended, Failed, Message

LARGE = 64 << 20
"""Bytes of a file from which on a second process is worth its start when nobody says how many."""


def import_with(
    registry: Registry, source: Source, progress: Progress | None, jobs: int | None
) -> ImportReport:
    """Import `source` with so many processes, 1 or 2; None leaves the choice to the size of the file."""
    if not isinstance(source, OpenLineageFiles) or source.path == "-":
        return import_source(registry, source, progress)
    if (jobs or _choose(source.path, os.cpu_count())) == 1:
        return import_source(registry, source, progress)
    with _process(registry.home / DATABASE, source.path) as pipe:
        return import_source(registry, source, progress, _batches(source, pipe))


def _choose(path: str, processors: int | None) -> int:
    large = os.path.isfile(path) and os.path.getsize(path) > LARGE
    return 2 if large and (processors or 1) > 1 else 1


def _batches(source: OpenLineageFiles, pipe: "_Reader") -> Iterator[Prepared]:
    while True:
        said = pipe.receive()
        if isinstance(said, Failed):
            raise said.error()
        if isinstance(said, Ended):
            source.file_digest = said.digest
            return
        yield said


class _Reader:
    """The process that reads, and the pipe from it."""

    def __init__(self, database: Path, path: str) -> None:
        self._pipe, theirs = Pipe(duplex=False)
        self._decode = msgspec.msgpack.Decoder(Message).decode
        # A fresh interpreter and not a fork, for an open SQLite connection does not survive one; nothing is
        # imported from the folder it runs in. In a session of its own Ctrl-C is this process's to answer.
        command = [sys.executable, "-P", "-m", "tui.read_process", str(database), str(theirs.fileno()), path]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, no shell
                command,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def receive(self) -> Message:
        """Wait for what it says next."""
        try:
            said: Message = self._decode(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            code = self._process.wait()
            how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
            raise SourceError(
                f"the process that reads the events {how}",
                hint="import again with --jobs 1: it goes on where this stopped",
            ) from error
        return said

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._pipe.close()
        self._process.kill()
        self._process.wait()


@contextmanager
def _process(database: Path, path: str) -> Iterator[_Reader]:
    reader = _Reader(database, path)
    try:
        yield reader
    finally:
        reader.close()
