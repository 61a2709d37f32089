"""Sending OpenLineage events through the official client's transports: console, file, HTTP."""

import logging
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from openlineage.client.serde import Serde
from openlineage.client.transport.console import ConsoleConfig, ConsoleTransport
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider
from openlineage.client.transport.transport import Transport

from registry.rules.naming import without_secrets
from schemas.errors import Conflict, SourceError, Usage

API_KEY = "OPENLINEAGE_API_KEY"
_CONSOLE = "openlineage.client.transport.console"


def transport_to(target: str) -> Transport:
    """Return the transport for `-` (standard output), a new file, or the URL of an OpenLineage receiver.

    A URL's path is the endpoint, `/api/v1/lineage` when it has none; the key comes from OPENLINEAGE_API_KEY.
    """
    if target == "-":
        _print_events()
        return ConsoleTransport(ConsoleConfig())
    parts = urlsplit(target)
    if parts.scheme in ("http", "https"):
        if parts.username or parts.password:
            raise Usage("a URL with a password in it is not used", hint=f"set {API_KEY} instead")
        key = os.environ.get(API_KEY)
        auth = ApiKeyTokenProvider({"api_key": key}) if key else TokenProvider({})
        endpoint = parts.path.lstrip("/") or "api/v1/lineage"
        base = f"{parts.scheme}://{parts.netloc}/"
        return HttpTransport(HttpConfig(url=base, endpoint=endpoint, auth=auth, retry={"total": 2}))
    path = Path(target.removeprefix("file:"))
    if path.exists():
        raise Conflict(f"{path}: a file is already here", hint="name a new file with --to")
    return FileTransport(FileConfig(log_file_path=str(path), append=True))


def send(events: Iterable[Any], transport: Transport, target: str, sent: Callable[[int], None]) -> int:
    """Emit every event in order and return how many; `sent` hears the count. Raise SourceError otherwise."""
    count = 0
    for event in events:
        try:
            transport.emit(event)
        except BrokenPipeError:
            raise  # whoever read standard output has seen enough
        except (OSError, RuntimeError, ValueError) as error:
            raise SourceError(
                f"{without_secrets(target)}: event {count + 1} was not taken: {_said(error)}",
                hint="check that it receives OpenLineage; sending again is harmless, events keep their ids",
            ) from error
        count += 1
        sent(count)
    transport.close()
    return count


def as_json(event: Any) -> str:
    """Return the event as the client writes it."""
    return str(Serde.to_json(event))


def _said(error: Exception) -> str:
    return without_secrets(str(error)).replace("\n", " ")[:200]


class _Printer(logging.StreamHandler[TextIO]):
    """Prints on standard output; what goes wrong there is told once, by whoever asked for it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - the base class's name
        raise  # noqa: PLE0704 - called while the error is handled


def _print_events() -> None:
    # The console transport writes to a log; here that log is standard output, one event a line.
    log = logging.getLogger(_CONSOLE)
    handler = _Printer(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.handlers, log.propagate = [handler], False
    log.setLevel(logging.INFO)
