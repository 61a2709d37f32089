"""The files of model versions that a server keeps: as it lists them, or hashed as it gives them."""

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import msgspec

from importers.mlflow import shapes
from importers.mlflow.answers import API, Call, Fetch, Hashed, Link
from importers.mlflow.contents import MAX_FILES, Contents, Listed, decode_mlmodel, read_listing, size_of
from importers.mlflow.places import MLMODEL, model_of, run_path_of
from schemas.errors import Malformed

_MAX_FOLDERS = 100
_MAX_FILE = 1 << 36
"""Of a file whose size nobody states: 64 GiB."""
_PROXY = "/api/2.0/mlflow-artifacts/artifacts"
_OF_VERSION = "/model-versions/get-artifact"
_OF_RUN = "/get-artifact"


def list_on_server(fetch: Fetch, version: shapes.ModelVersion) -> Contents | None:
    """Return what the server lists of a version, with the MLmodel file it gives; None where it lists none.

    Raise Malformed when the list is no list, or too long to be read whole.
    """
    files = list(_walk(fetch, version))
    if not files:
        return None
    params = {"name": version.name, "version": version.version, "path": MLMODEL}
    answer = fetch(Call("GET", _OF_VERSION, params=params))
    text = decode_mlmodel(answer.content) if answer.status == 200 else None
    return Contents(version.name, version.version, "reported", files, text)


def hash_on_server(
    link: Link, listed: Contents, version: shapes.ModelVersion, proxied: str | None
) -> Contents:
    """Return what `listed` lists with the SHA-256 of each file as the server gives it now.

    `proxied` is where the version lies below the artifacts that the server passes on. Raise Malformed for a
    file that it does not give, or gives with another size than it lists.
    """
    files = []
    for file in listed.files:
        listed_size = size_of(file.file_size)
        limit = _MAX_FILE if listed_size is None else listed_size
        got = _hash(link, version, proxied, file.path, limit)
        if got is None:
            raise Malformed(f"the server does not give {file.path[:200]}")
        if got.size > limit:
            raise Malformed(f"the server gives more of {file.path[:200]} than {limit} bytes")
        if listed_size not in (None, got.size):
            raise Malformed(f"the server lists {file.path[:200]} with {listed_size} bytes, gives {got.size}")
        files.append(msgspec.structs.replace(file, file_size=got.size, sha256=got.sha256))
    return msgspec.structs.replace(listed, level="verified", files=files)


def _hash(
    link: Link, version: shapes.ModelVersion, proxied: str | None, path: str, limit: int
) -> Hashed | None:
    run = run_path_of(version)
    calls = []
    if proxied is not None:
        calls.append(Call("GET", f"{_PROXY}/{quote(f'{proxied}/{path}')}"))
    named = {"name": version.name, "version": version.version, "path": path}
    calls.append(Call("GET", _OF_VERSION, params=named))
    if run is not None:
        calls.append(Call("GET", _OF_RUN, params={"run_uuid": run[0], "path": f"{run[1]}/{path}"}))
    found = (link.hash(call, limit) for call in calls)
    return next((got for got in found if got.status == 200), None)


def _walk(fetch: Fetch, version: shapes.ModelVersion) -> Iterator[Listed]:
    model, run = model_of(version), run_path_of(version)
    if model:
        path, params, above = f"{API}/logged-models/{model}/artifacts/directories", {}, ""
        key = "artifact_directory_path"
    elif run is not None:
        path, params, above, key = f"{API}/artifacts/list", {"run_id": run[0]}, run[1], "path"
    else:
        return
    waiting, seen, count = [above], 0, 0
    while waiting:
        place = waiting.pop(0)
        seen += 1
        for item in _listed(fetch, path, {**params, **({key: place} if place else {})}, first=place == above):
            if item.is_dir:
                waiting.append(item.path)
                continue
            count += 1
            yield Listed(_below(item.path, above), item.file_size)
        if seen + len(waiting) > _MAX_FOLDERS or count > MAX_FILES:
            raise Malformed(f"more than {_MAX_FOLDERS} folders or {MAX_FILES} files")


def _listed(fetch: Fetch, path: str, params: dict[str, str], *, first: bool) -> Iterator[Listed]:
    """Yield what is in one folder, page by page; nothing where the server does not know the first."""
    token = ""
    for _ in range(MAX_FILES):
        answer = fetch(Call("GET", path, params={**params, **({"page_token": token} if token else {})}))
        if answer.status != 200 and first and not token:
            return
        if answer.status != 200:
            raise Malformed("the server does not list all of its folders")
        value = _json(answer.content)
        yield from read_listing(value)
        following = value.get("next_page_token") if isinstance(value, dict) else None
        if not isinstance(following, str) or following in ("", token):
            return
        token = following


def _below(path: str, above: str) -> str:
    found = posixpath.relpath(path, above) if above else posixpath.normpath(path)
    if found.startswith(("/", "..")):
        raise Malformed(f"{path[:200]!r} is no file of the version")
    return found


def _json(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("the list of files is not JSON") from error
