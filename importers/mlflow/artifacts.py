"""Listing, and where they are on this machine hashing, the files of model versions."""

import hashlib
import os
import posixpath
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from importers.mlflow import shapes
from importers.mlflow.answers import API, Call, Fetch
from importers.mlflow.contents import MAX_FILES, MAX_MLMODEL, Contents, Listed, read_listing
from importers.mlflow.places import MLMODEL, model_of, run_path_of
from schemas.errors import Malformed

_MAX_FOLDERS = 100
_BLOCK = 1 << 20


def list_on_server(fetch: Fetch, version: shapes.ModelVersion) -> Contents | None:
    """Return what the server lists of a version, with the MLmodel file it gives."""
    try:
        files = list(_walk(fetch, version))
    except Malformed:
        return None
    if not files:
        return None
    params = {"name": version.name, "version": version.version, "path": MLMODEL}
    answer = fetch(Call("GET", "/model-versions/get-artifact", params=params))
    text = _text(answer.content) if answer.status == 200 else None
    return Contents(version.name, version.version, "reported", files, text)


def list_in_folder(folder: Path, version: shapes.ModelVersion) -> Contents:
    """Return the files of a folder with their sizes, not hashed."""
    return _read(folder, version, "reported", lambda _: None)


def hash_folder(folder: Path, version: shapes.ModelVersion) -> Contents:
    """Return the files of a folder with the SHA-256 of each, read now."""
    return _read(folder, version, "verified", _hash)


def _walk(fetch: Fetch, version: shapes.ModelVersion) -> Iterator[Listed]:
    model, run = model_of(version), run_path_of(version)
    if model:
        call, params, above = f"{API}/logged-models/{model}/artifacts/directories", {}, ""
        key = "artifact_directory_path"
    elif run is not None:
        call, params, above, key = f"{API}/artifacts/list", {"run_id": run[0]}, run[1], "path"
    else:
        return
    waiting, seen, count = [above], 0, 0
    while waiting and seen < _MAX_FOLDERS and count < MAX_FILES:
        place = waiting.pop(0)
        seen += 1
        answer = fetch(Call("GET", call, params={**params, **({key: place} if place else {})}))
        if answer.status != 200:
            return
        for item in read_listing(_json(answer.content)):
            if item.is_dir:
                waiting.append(item.path)
                continue
            count += 1
            yield Listed(posixpath.relpath(item.path, above) if above else item.path, item.file_size)


def _read(
    folder: Path, version: shapes.ModelVersion, level: str, digest: Callable[[Path], str | None]
) -> Contents:
    # Links are not followed: a folder that came from elsewhere may point anywhere.
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())[:MAX_FILES]
    files = [Listed(name_within(p, folder), p.stat().st_size, sha256=digest(p)) for p in paths]
    with (folder / MLMODEL).open("rb") as stream:
        text = _text(stream.read(MAX_MLMODEL + 1))
    return Contents(version.name, version.version, level, files, text)


def name_within(path: Path, folder: Path) -> str:
    """Return the path below `folder` with slashes; a byte that is no UTF-8 is written as an escape."""
    return os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _text(data: bytes) -> str | None:
    if len(data) > MAX_MLMODEL:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _json(data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("not JSON") from error
