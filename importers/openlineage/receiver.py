"""The OpenLineage HTTP receiver: an ASGI application in front of whatever keeps events.

Every answer below 400 to a posted event says that it is durable. Nothing is ever redirected: clients turn a
redirected POST into a GET and report success. Overload is 503 with Retry-After, which every client retries.
"""

import asyncio
import ipaddress
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

from importers.openlineage.answers import Answer, refuse, tell, tell_metrics, tell_receipts
from importers.openlineage.body import read_body
from importers.openlineage.posted import read_posted, refused
from schemas.errors import StoreError
from schemas.receiving import Posted, Receipt, Writer

LIMIT = 10 << 20
"""Bytes of one body, decompressed."""

_HELD = 128 << 20
_LARGE = 128 << 10
_PATIENCE = 8
"""Seconds for a body to arrive: longer than clients wait, shorter than a stop takes."""
_SENDERS = 256
_RETRY = ((b"retry-after", b"1"),)
_NAMES = frozenset(("localhost", ""))

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]


class Keeper(Protocol):
    """What stands behind the receiver."""

    async def accept(self, posted: Sequence[Posted]) -> list[Receipt]:
        """Return receipts when the events are durable; raise StoreError when they are not."""
        ...

    def figures(self) -> dict[str, int]:
        """Return counts by name; `waiting` events wait for their seal, the oldest for `waiting_seconds`."""
        ...

    def trouble(self) -> str | None:
        """Return what is wrong, if anything."""
        ...


class Admits(Protocol):
    """Who may post."""

    def admit(self, secret: str | None, *, local: bool) -> Writer | None:
        """Return who posts with `secret`, from this machine if `local`; None when they may not."""
        ...


class _Gone(Exception):
    """The sender hung up."""


class _Request:
    """One request: its headers, and its body as it comes."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.client: tuple[str, int] | None = scope.get("client")
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        self._headers = dict(headers)
        self.hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        self._receive = receive

    def header(self, name: bytes) -> str:
        """Return a header, empty where there is none."""
        return self._headers.get(name, b"").decode("latin-1")

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _Gone
            yield message.get("body", b"")
            if not message.get("more_body", False):
                return


Handler = Callable[[_Request], Awaitable[Answer]]


class Receiver:
    """The application; `hosts` are the names it answers to, besides localhost and bare addresses."""

    def __init__(
        self, keeper: Keeper, door: Admits, hosts: Sequence[str] = (), *, limit: int = LIMIT
    ) -> None:
        self._keeper = keeper
        self._door = door
        self._hosts = _NAMES | {host.lower() for host in hosts}
        self._limit = limit
        self._held = 0
        self._statuses: Counter[int] = Counter()
        self._routes: dict[str, tuple[tuple[str, ...], Handler]] = {
            "/api/v1/lineage": (("POST",), self._lineage),
            "/api/v1/lineage/batch": (("POST",), self._batch),
            "/healthz": (("GET", "HEAD"), self._health),
            "/metrics": (("GET", "HEAD"), self._metrics),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        answer = await self._answer(_Request(scope, receive))
        self._statuses[answer.status] += 1
        headers = answer.all_headers()
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, request: _Request) -> Answer:
        if not self._is_ours(request.hosts):
            return refuse(403, "this receiver does not answer to that Host", "muniment serve --allow-host")
        if request.header(b"origin"):
            return refuse(403, "requests from web pages are not taken")
        methods, handler = self._routes.get(request.path.rstrip("/"), ((), None))
        if handler is None:
            return refuse(404, "there is nothing here", "post to /api/v1/lineage")
        if request.method not in methods:
            allowed = ", ".join(methods).encode()
            return refuse(405, f"expected {methods[0]}", headers=((b"allow", allowed),))
        return await _guarded(handler, request)

    def _is_ours(self, hosts: Sequence[str]) -> bool:
        # A web page whose name was re-pointed to this machine sends that name; a bare address it cannot send.
        name = _name_of("".join(hosts)) if len(hosts) < 2 else None
        return name is not None and (name in self._hosts or _address_of(name) is not None)

    async def _lineage(self, request: _Request) -> Answer:
        return await self._post(request, as_batch=False)

    async def _batch(self, request: _Request) -> Answer:
        return await self._post(request, as_batch=True)

    async def _post(self, request: _Request, *, as_batch: bool) -> Answer:
        writer = self._door.admit(_secret(request), local=_is_local(request))
        if writer is None:
            asked = ((b"www-authenticate", b"Bearer"),)
            return refuse(401, "expected the Bearer token of a sender", "muniment token new", asked)
        reserved = 0

        def reserve(size: int) -> None:
            nonlocal reserved
            if self._held + size > _HELD:
                raise StoreError("too much is being received at once", hint="post again in a second")
            self._held += size
            reserved += size

        try:
            said = (request.header(b"content-type"), request.header(b"content-encoding"))
            async with asyncio.timeout(_PATIENCE):
                body = await read_body(request.chunks(), said, self._limit, reserve)
            if body.status is not None:
                reason = body.reason or "unreadable"
                await self._keeper.accept([refused(body.raw, reason, writer)])
                return refuse(body.status, reason, headers=((b"accept-encoding", b"gzip"),))
            if len(body.raw) > _LARGE:
                reading = await asyncio.to_thread(read_posted, body.raw, writer)
            else:
                reading = read_posted(body.raw, writer)
            receipts = await self._keeper.accept(reading.events)
        finally:
            self._held -= reserved
        return tell_receipts(reading, receipts, as_batch=as_batch)

    async def _health(self, request: _Request) -> Answer:  # noqa: ARG002 - one signature for all
        trouble = self._keeper.trouble()
        figures = self._keeper.figures()
        waits = {name: figures[name] for name in ("waiting", "waiting_seconds")}
        return tell({"status": trouble or "ok", **waits}, 503 if trouble else 200)

    async def _metrics(self, request: _Request) -> Answer:  # noqa: ARG002 - one signature for all
        return tell_metrics(self._keeper.figures(), self._statuses)


async def _guarded(handler: Handler, request: _Request) -> Answer:
    try:
        return await handler(request)
    except StoreError as error:
        return refuse(503, error.message, error.hint, _RETRY)
    except TimeoutError:
        # Not a 408: senders give up at every 4xx, and nothing of this event is kept.
        return refuse(503, "the body did not arrive in time", "post again", _RETRY)
    except _Gone:
        return Answer(400, b"")


def _secret(request: _Request) -> str | None:
    scheme, _, secret = request.header(b"authorization").partition(" ")
    if scheme.lower() == "bearer" and secret.strip():
        return secret.strip()
    return request.header(b"x-api-key") or None


def _is_local(request: _Request) -> bool:
    # What a proxy on this machine passes on comes from wherever.
    if request.client is None or request.header(b"x-forwarded-for") or request.header(b"forwarded"):
        return False
    address = _address_of(request.client[0])
    mapped = getattr(address, "ipv4_mapped", None)
    return address is not None and (mapped or address).is_loopback


@lru_cache(maxsize=_SENDERS)
def _name_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return None


@lru_cache(maxsize=_SENDERS)
def _address_of(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
