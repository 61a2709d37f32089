"""A file named on the command line, or standard input."""

import sys
from pathlib import Path
from typing import BinaryIO

from schemas.errors import Usage


def read_input(file: str, limit: int | None = None) -> tuple[str, bytes]:
    """Return what FILE is called in messages and records, and its bytes; `-` is standard input.

    Raise Usage for one of more than `limit` bytes, of which no more is read.
    """
    if file == "-":
        return "standard input", _read(sys.stdin.buffer, "standard input", limit)
    path = Path(file).expanduser()
    name = path.name.encode(errors="surrogateescape").decode(errors="replace")
    try:
        with path.open("rb") as stream:
            return name, _read(stream, name, limit)
    except OSError as error:
        raise Usage(f"{file}: cannot be read: {error.strerror}", hint="check the file's name") from error


def _read(stream: BinaryIO, name: str, limit: int | None) -> bytes:
    data = stream.read() if limit is None else stream.read(limit + 1)
    if limit is not None and len(data) > limit:
        raise Usage(f"{name}: more than {limit >> 20} MiB, no more is read", hint="export a part of it")
    return data
