"""The files of model versions in a folder on this machine: listed, or hashed."""

import hashlib
import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from importers.mlflow import shapes
from importers.mlflow.contents import MAX_FILES, Contents, Listed, read_mlmodel
from importers.mlflow.places import MLMODEL
from schemas.errors import Malformed

_BLOCK = 1 << 20


def list_in_folder(folder: Path, version: shapes.ModelVersion) -> Contents:
    """Return the files of a folder with their sizes, not hashed; raise Malformed for too many."""
    return _read(folder, version, "reported", lambda _: None)


def hash_folder(folder: Path, version: shapes.ModelVersion) -> Contents:
    """Return the files of a folder with the SHA-256 of each, read now; raise Malformed for too many."""
    return _read(folder, version, "verified", _hash)


def _read(
    folder: Path, version: shapes.ModelVersion, level: str, digest: Callable[[Path], str | None]
) -> Contents:
    # Links are not followed: a folder that came from elsewhere may point anywhere.
    every = (p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    paths = sorted(islice(every, MAX_FILES + 1))
    if len(paths) > MAX_FILES:
        raise Malformed(f"more than {MAX_FILES} files")
    files = [Listed(name_within(p, folder), p.stat().st_size, sha256=digest(p)) for p in paths]
    return Contents(version.name, version.version, level, files, read_mlmodel(folder / MLMODEL))


def name_within(path: Path, folder: Path) -> str:
    """Return the path below `folder` with slashes; a byte that is no UTF-8 is written as an escape."""
    return os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
