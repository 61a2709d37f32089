"""Which source a person means: a file, a folder, standard input, or a server's address."""

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from importers.openlineage.files import OpenLineageFiles
from schemas.errors import NotFound, SourceError
from schemas.observation import Source


def open_source(text: str, environ: Mapping[str, str], *, stdin: BinaryIO | None = None) -> Source:
    """Return the source `text` names; raise NotFound or SourceError when it cannot be read."""
    if text.startswith(("http://", "https://")):
        from importers.openlineage.marquez import MarquezEvents  # noqa: PLC0415 - brings the HTTP client

        return MarquezEvents(text, api_key=environ.get("MARQUEZ_API_KEY", ""))
    if text == "-":
        if stdin is None:
            raise SourceError("standard input is not connected", hint="name a file instead of -")
    elif not Path(text).exists():
        raise NotFound(f"{text}: there is no such file or folder", hint="check the path")
    return OpenLineageFiles(text, stdin=stdin)
