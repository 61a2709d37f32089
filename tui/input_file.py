"""A file named on the command line, or standard input."""

import sys
from pathlib import Path

from schemas.errors import Usage


def read_input(file: str) -> tuple[str, bytes]:
    """Return what FILE is called in messages and records, and its bytes; `-` is standard input."""
    if file == "-":
        return "standard input", sys.stdin.buffer.read()
    path = Path(file).expanduser()
    try:
        return path.name.encode(errors="surrogateescape").decode(errors="replace"), path.read_bytes()
    except OSError as error:
        raise Usage(f"{file}: cannot be read: {error.strerror}", hint="check the file's name") from error
