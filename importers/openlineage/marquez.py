"""Events kept by a Marquez server, page by page over its `/api/v1/events/lineage`.

Marquez lists events by the time they are about, not by when it got them. So a server that was read before is
read from some time before that on: what is known there is passed over, and what arrived late is found.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx2
import msgspec

from importers.openlineage.decode import read_event
from schemas.errors import SourceError, Usage
from schemas.identity import raw_digest
from schemas.observation import IsKnown, Known, Observation, Unreadable

PAGE = 500
_ANSWER_SECONDS = 60.0
_CONNECT_SECONDS = 5.0
_MAX_BYTES = 1 << 28
_PATH = "/api/v1/events/lineage"
_EVER = {"after": "0001-01-01T00:00:00Z", "before": "9999-12-31T23:59:59Z", "sortDirection": "asc"}
OVERLAP = timedelta(days=7)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

BLIND_SPOTS = (
    "Marquez gives back run events only: what static job and dataset events declared is not seen",
    "Marquez keeps events re-written by itself: fields it does not know may be missing",
    "events that arrive while its pages are read may be missed; import again",
)


class _Page(msgspec.Struct):
    events: list[msgspec.Raw]


class MarquezEvents:
    """The events of the Marquez server at `url`; `api_key` is sent as a bearer token and named nowhere."""

    kind = "openlineage"
    blind_spots: tuple[str, ...] = BLIND_SPOTS
    mark = BLIND_SPOTS[0]
    """The blind spot by which the log shows that a server was read."""

    def __init__(self, url: str, *, api_key: str = "") -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise Usage("expected the URL of a Marquez server", hint="http://localhost:5000") from error
        if not host or parts.username or parts.password:
            raise Usage(
                "expected the URL of a Marquez server without user and password",
                hint="put a key into MARQUEZ_API_KEY",
            )
        if not (api_key.isascii() and api_key.isprintable()):
            raise Usage("MARQUEZ_API_KEY holds characters that an HTTP header cannot carry")
        shown = f"[{host}]" if ":" in host else host
        self._base = f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}"
        self.name = self._base
        self._headers = {"Accept": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._span: dict[str, str] = _EVER
        # A server on this machine is never asked through a proxy.
        self._trust_env = host not in _LOOPBACK

    def go_on(self, read_at: datetime, overlap: timedelta = OVERLAP) -> None:
        """Read only what is about times since `read_at`, when all was read, less `overlap`."""
        start = (read_at - overlap).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._span = {**_EVER, "after": start}
        late = f"events about times before {start} that reached Marquez since the last import are not seen"
        self.blind_spots = (*BLIND_SPOTS, late)

    def collect(self, known: IsKnown | None = None) -> Iterator[Observation | Unreadable | Known]:
        """Yield every event, oldest first; raise SourceError when the server answers otherwise."""
        with httpx2.Client(
            headers=self._headers,
            timeout=httpx2.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS),
            trust_env=self._trust_env,
        ) as client:
            offset = 0
            while True:
                events = self._page(client, offset)
                for place, raw in enumerate(events):
                    yield _read(bytes(raw), f"{self.name}#{offset + place}", known)
                if len(events) < PAGE:
                    return
                offset += len(events)

    def _page(self, client: httpx2.Client, offset: int) -> list[msgspec.Raw]:
        url = self._base + _PATH
        body = bytearray()
        try:
            with client.stream(
                "GET", url, params={**self._span, "limit": PAGE, "offset": offset}
            ) as response:
                if response.status_code != httpx2.codes.OK:
                    raise SourceError(
                        f"{url} answers {response.status_code}, expected 200", hint=_hint(response)
                    )
                for part in response.iter_bytes():
                    body += part
                    if len(body) > _MAX_BYTES:
                        raise SourceError(f"{url} answers with more than {_MAX_BYTES} bytes a page")
        except (httpx2.TransportError, httpx2.DecodingError, httpx2.InvalidURL) as error:
            raise SourceError(
                f"{url} cannot be reached ({type(error).__name__})",
                hint="check the URL and that Marquez runs",
            ) from error
        try:
            return msgspec.json.decode(bytes(body), type=_Page).events
        except msgspec.DecodeError as error:
            raise SourceError(
                f"{url} does not answer as Marquez does: {error}", hint="check that this is a Marquez server"
            ) from error


def _read(raw: bytes, position: str, known: IsKnown | None) -> Observation | Unreadable | Known:
    if known is not None and known([digest := raw_digest(raw)]):
        return Known(digest, position)
    return read_event(raw, position)


def _hint(response: httpx2.Response) -> str:
    if response.status_code in (401, 403):
        return "put the server's key into MARQUEZ_API_KEY"
    return "check that this is a Marquez server"
