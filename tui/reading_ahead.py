"""Files of events read by a second process, while this one writes what was read before."""

import os
from collections.abc import Iterator

import msgspec

from importers.openlineage.files import OpenLineageFiles
from registry.acts.take_in import ImportReport, Progress, import_source
from registry.child import Child
from registry.registry import DATABASE, Registry
from registry.store.prepared import Prepared
from schemas.errors import SourceError
from schemas.observation import Source
from tui.read_process import Ended, Failed, Message

LARGE = 64 << 20
"""Bytes of a file from which on a second process is worth its start when nobody says how many."""

_decode = msgspec.msgpack.Decoder(Message).decode


def import_with(
    registry: Registry, source: Source, progress: Progress | None, jobs: int | None
) -> ImportReport:
    """Import `source` with so many processes, 1 or 2; None leaves the choice to the size of the file."""
    if not isinstance(source, OpenLineageFiles) or source.path == "-":
        return import_source(registry, source, progress)
    if (jobs or _choose(source.path, os.cpu_count())) == 1:
        return import_source(registry, source, progress)
    with Child("tui.read_process", registry.home / DATABASE, source.path) as reader:
        return import_source(registry, source, progress, _batches(source, reader))


def _choose(path: str, processors: int | None) -> int:
    large = os.path.isfile(path) and os.path.getsize(path) > LARGE
    return 2 if large and (processors or 1) > 1 else 1


def _batches(source: OpenLineageFiles, reader: Child) -> Iterator[Prepared]:
    while True:
        said = _receive(reader)
        if isinstance(said, Failed):
            raise said.error()
        if isinstance(said, Ended):
            source.file_digest = said.digest
            return
        source.share = said.share
        yield said.batch


def _receive(reader: Child) -> Message:
    try:
        said: Message = _decode(reader.pipe.recv_bytes())
    except (EOFError, OSError) as error:
        raise SourceError(
            f"the process that reads the events {reader.wait()}",
            hint="import again with --jobs 1: it goes on where this stopped",
        ) from error
    return said
