"""Going through versions for their files: what the server lists, or what is hashed, here or on its way."""

from collections.abc import Iterator, Sequence

import msgspec

from importers.mlflow import shapes
from importers.mlflow.answers import Link
from importers.mlflow.artifacts import hash_folder, list_in_folder
from importers.mlflow.contents import Contents
from importers.mlflow.places import Places
from importers.mlflow.server_files import hash_on_server, list_on_server
from schemas.errors import Malformed

_OTHER = "the server lists other files than lie here"


class Found(msgspec.Struct, frozen=True):
    """One version's files; None where they could not be listed, or were listed before.

    `reached` says that all of them were hashed now.
    """

    version: shapes.ModelVersion
    contents: Contents | None
    reached: bool = False
    warnings: tuple[str, ...] = ()


def find_contents(
    versions: Sequence[shapes.ModelVersion],
    places: Places,
    link: Link | None,
    listed: frozenset[tuple[str, str]],
    *,
    verify: bool,
) -> Iterator[Found]:
    """Yield what each version is made of; `verify` hashes all that can be reached, known or not."""
    for version in versions:
        known = not verify and (version.name, version.version) in listed
        try:
            yield Found(version, None) if known else _find(version, places, link, verify=verify)
        except (OSError, Malformed) as error:
            why = error.message if isinstance(error, Malformed) else error.strerror
            yield Found(version, None, warnings=(f"{_files_of(version)} cannot be read: {why}",))


def _find(version: shapes.ModelVersion, places: Places, link: Link | None, *, verify: bool) -> Found:
    folder = places.find_folder(version) if verify or places.root is not None else None
    if folder is not None and verify:
        contents = hash_folder(folder, version)
        return Found(version, contents, reached=True, warnings=_compare(link, version, contents))
    if folder is not None:
        return Found(version, list_in_folder(folder, version))
    there = None if link is None else list_on_server(link.fetch, version)
    if there is None or link is None or not verify:
        return Found(version, there)
    try:
        hashed = hash_on_server(link, there, version, places.find_proxied(version))
    except Malformed as error:
        return Found(version, there, warnings=(f"{_files_of(version)} are not verified: {error.message}",))
    return Found(version, hashed, reached=True)


def _files_of(version: shapes.ModelVersion) -> str:
    return f"files of version {version.version} of {version.name}"


def _compare(link: Link | None, version: shapes.ModelVersion, here: Contents) -> tuple[str, ...]:
    there = None if link is None else list_on_server(link.fetch, version)
    if there is None:
        return ()
    said = {file.path: str(file.file_size) for file in there.files}
    found = {file.path: str(file.file_size) for file in here.files}
    return () if said == found else (f"version {version.version} of {version.name}: {_OTHER}",)
