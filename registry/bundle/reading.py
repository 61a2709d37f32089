"""Read a bundle from disk: one file, or the folder it was unpacked to; every byte is read once.

A folder is read as the one archive that holds its files, so all that is said of archives is said of it. Only
regular files of one name count: no link leads out, no pipe blocks, no device answers.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from registry.bundle.container import MAX_BUNDLE, MAX_FILES, MAX_NAME, build_container, check_name
from schemas.errors import VerificationError

MAX_DEPTH = 16
_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


def read_bundle(path: Path) -> bytes:
    """Return the archive at `path`, or the one archive of the folder at `path`.

    Raise VerificationError CONTAINER_NOT_REGULAR, CONTAINER_TOO_LARGE or CONTAINER_NAME before anything large
    is read, and OSError where the machine refuses.
    """
    # A link that somebody names on purpose is theirs to name.
    target = Path(os.path.realpath(path, strict=True))
    if target.is_dir():
        return build_container(_read_folder(target))
    return _read_file(target, path.name, MAX_BUNDLE, single=False)


def _read_folder(folder: Path) -> dict[str, bytes]:
    listed = []
    for name in _list(folder, "", 1):
        listed.append(name)
        if len(listed) > MAX_FILES:
            raise VerificationError("CONTAINER_TOO_LARGE", f"more than {MAX_FILES} files in the folder")
    files: dict[str, bytes] = {}
    left = MAX_BUNDLE
    for name in listed:
        files[name] = _read_file(folder / name, name, left, single=True)
        left -= len(files[name])
    return files


def _list(folder: Path, above: str, depth: int) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{above}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if depth >= MAX_DEPTH or len(name) > MAX_NAME:
                    raise VerificationError("CONTAINER_NAME", f"{name[:80]!r} is too deep for a bundle")
                yield from _list(folder / entry.name, f"{name}/", depth + 1)
            else:
                # Told before it is opened: opening a device may do something.
                _refuse_kind(name, entry.stat(follow_symlinks=False).st_mode)
                yield check_name(name)


def _read_file(path: Path, name: str, limit: int, *, single: bool) -> bytes:
    _refuse_kind(name, path.stat(follow_symlinks=False).st_mode)
    with os.fdopen(os.open(path, _OPEN), "rb") as stream:
        found = os.fstat(stream.fileno())
        _refuse_kind(name, found.st_mode)
        if single and found.st_nlink != 1:
            raise VerificationError("CONTAINER_NOT_REGULAR", f"{name[:80]!r} is a hard link, or has one")
        if found.st_size > limit:
            raise VerificationError("CONTAINER_TOO_LARGE", f"{name[:80]!r} is larger than {limit} bytes")
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise VerificationError("CONTAINER_TOO_LARGE", f"{name[:80]!r} is larger than {limit} bytes")
    return data


def _refuse_kind(name: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "not a regular file")
        raise VerificationError("CONTAINER_NOT_REGULAR", f"{name[:80]!r} is {kind}")
