"""Hashing the files of a version."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from schemas.asset import FileEntry
from schemas.digest import Digest
from schemas.errors import Malformed, NotFound, Usage

_MAX_FILES = 5_000


def hash_files(paths: Sequence[Path]) -> tuple[FileEntry, ...]:
    """Return the entries of `paths`: files under their base name, folders by what lies below them."""
    entries: dict[str, FileEntry] = {}
    for path in paths:
        if not path.exists():
            raise NotFound(f"{path}: no such file or folder", hint="check --artifact")
        base = path.parent if path.is_file() else path
        for file in _files_of(path):
            name = file.relative_to(base).as_posix()
            if name in entries:
                raise Usage(f"two files are called {name!r}", hint="register one folder that holds both")
            entries[name] = _entry(file, name)
    if not entries:
        raise Malformed(f"{', '.join(map(str, paths))}: no files", hint="name the model's files")
    if len(entries) > _MAX_FILES:
        raise Malformed(f"{len(entries)} files, at most {_MAX_FILES} make one version")
    return tuple(sorted(entries.values(), key=lambda e: e.path.encode()))


def _files_of(path: Path) -> list[Path]:
    """Return the regular files at or below `path`, raise Malformed for a link, even to a folder.

    What a link shows can change without any byte below `path` changing, so no digest would stand for it.
    """
    below = [path] if path.is_symlink() or path.is_file() else list(_below(path))
    for file in below:
        if file.is_symlink() or not (file.is_file() or file.is_dir()):
            raise Malformed(f"{file}: not a regular file", hint="register regular files only")
    return [file for file in below if not file.is_dir()]


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder, onerror=_refuse):
        yield from (Path(parent, name) for name in (*folders, *files))


def _refuse(error: OSError) -> None:
    # A folder that cannot be read must not be left out in silence.
    raise NotFound(f"{error.filename}: cannot be read: {error.strerror}", hint="check its permissions")


def _entry(file: Path, name: str) -> FileEntry:
    try:
        with file.open("rb") as stream:
            before = os.fstat(stream.fileno())
            digest, size = Digest.of_stream(stream)
            after = os.fstat(stream.fileno())
    except OSError as error:
        raise NotFound(f"{file}: cannot be read: {error.strerror}", hint="check its permissions") from error
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != before.st_size:
        raise Malformed(f"{file}: changed while it was hashed", hint="register it when it is at rest")
    return FileEntry(name, digest, size)
