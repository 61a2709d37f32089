"""Small files that travel: read up to a limit, written whole or not at all, never over another file."""

import os
from pathlib import Path

from schemas.errors import Conflict, Malformed, NotFound, Usage


def read_small(name: str, limit: int) -> bytes:
    """Return the bytes of the file `name`; raise Malformed when there are more than `limit`."""
    try:
        with Path(name).expanduser().open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError as error:
        raise NotFound(f"{name}: no such file", hint="check the path") from error
    except OSError as error:
        raise Usage(f"{name}: cannot be read: {error.strerror}", hint="check the path") from error
    if len(data) > limit:
        raise Malformed(f"{name}: over {limit} bytes, no file of this kind is that large")
    return data


def refuse_taken(name: str) -> None:
    """Raise Conflict when something is called `name` already: asked before an act that cannot be undone."""
    if Path(name).expanduser().exists():
        raise Conflict(f"{name}: a file is already here", hint="name another file")


def write_new(name: str, data: bytes) -> None:
    """Write `data` to the new file `name`, durable when this returns; raise Conflict when one is there."""
    path = Path(name).expanduser()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError as error:
        raise Conflict(f"{name}: a file is already here", hint="name another file with -o") from error
    except OSError as error:
        raise Usage(f"{name}: cannot be written: {error.strerror}", hint="check the folder") from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def replace_file(name: str, data: bytes) -> None:
    """Put `data` in the place of the file `name`, whole or not at all, durable when this returns."""
    path = Path(name).expanduser()
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    write_new(str(beside), data)
    beside.replace(path)
