"""Going through versions for their files: what the server lists, or what is hashed on this machine."""

from collections.abc import Iterator, Sequence

import msgspec

from importers.mlflow import shapes
from importers.mlflow.answers import Fetch
from importers.mlflow.artifacts import hash_folder, list_in_folder, list_on_server
from importers.mlflow.contents import Contents
from importers.mlflow.places import Places

_OTHER = "the server lists other files than lie here"


class Found(msgspec.Struct, frozen=True):
    """One version's files; None where they could not be listed, or were listed before."""

    version: shapes.ModelVersion
    contents: Contents | None
    reached: bool
    warnings: tuple[str, ...] = ()


def find_contents(
    versions: Sequence[shapes.ModelVersion],
    places: Places,
    fetch: Fetch | None,
    listed: frozenset[tuple[str, str]],
    *,
    verify: bool,
) -> Iterator[Found]:
    """Yield what each version is made of; `verify` hashes what lies on this machine, known or not."""
    for version in versions:
        folder = places.find_folder(version) if verify or places.root is not None else None
        known = (version.name, version.version) in listed
        try:
            if folder is not None and verify:
                contents = hash_folder(folder, version)
                yield Found(version, contents, reached=True, warnings=_compare(fetch, version, contents))
                continue
            if folder is not None and not known:
                yield Found(version, list_in_folder(folder, version), reached=False)
                continue
        except OSError as error:
            why = f"files of version {version.version} of {version.name} cannot be read ({error.strerror})"
            yield Found(version, None, reached=False, warnings=(why,))
            continue
        contents_there = None if known or fetch is None else list_on_server(fetch, version)
        yield Found(version, contents_there, reached=False)


def _compare(fetch: Fetch | None, version: shapes.ModelVersion, here: Contents) -> tuple[str, ...]:
    there = None if fetch is None else list_on_server(fetch, version)
    if there is None:
        return ()
    said = {file.path: str(file.file_size) for file in there.files}
    found = {file.path: str(file.file_size) for file in here.files}
    return () if said == found else (f"version {version.version} of {version.name}: {_OTHER}",)
