"""The OpenLineage HTTP receiver: an ASGI application in front of whatever keeps events.

Every answer below 400 to a posted event says that it is durable. Nothing is ever redirected: clients turn a
redirected POST into a GET and report success. Overload is 503 with Retry-After, which every client retries.
"""

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from importers.openlineage.body import read_body
from importers.openlineage.posted import Reading, read_posted, refused
from schemas.errors import StoreError
from schemas.receiving import Posted, Receipt, Writer

LIMIT = 10 << 20
"""Bytes of one body, decompressed."""

_HELD = 128 << 20
_LARGE = 128 << 10
_PATIENCE = 8
"""Seconds for a body to arrive: longer than clients wait, shorter than a stop takes."""
_RETRY = {"Retry-After": "1"}
_NAMES = frozenset(("localhost", ""))


Handler = Callable[[Request], Awaitable[Response]]


class Keeper(Protocol):
    """What stands behind the receiver."""

    def accept(self, posted: Sequence[Posted]) -> "Future[list[Receipt]]":
        """Return receipts to come, there when the events are durable; raise StoreError otherwise."""
        ...

    def figures(self) -> dict[str, int]:
        """Return counts by name; `waiting` is how many events wait for their seal."""
        ...

    def trouble(self) -> str | None:
        """Return what is wrong, if anything."""
        ...


class Admits(Protocol):
    """Who may post."""

    def admit(self, secret: str | None, *, local: bool) -> Writer | None:
        """Return who posts with `secret`, from this machine if `local`; None when they may not."""
        ...


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
        response = await self._answer(Request(scope, receive))
        self._statuses[response.status_code] += 1
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if not self._is_ours(request.headers.get("host", "")):
            return _problem(403, "this receiver does not answer to that Host", "muniment serve --allow-host")
        if "origin" in request.headers:
            return _problem(403, "requests from web pages are not taken")
        methods, handler = self._routes.get(request.scope["path"].rstrip("/"), ((), None))
        if handler is None:
            return _problem(404, "there is nothing here", "post to /api/v1/lineage")
        if request.method not in methods:
            return _problem(405, f"expected {methods[0]}", headers={"Allow": ", ".join(methods)})
        return await _guarded(handler, request)

    def _is_ours(self, host: str) -> bool:
        # A web page whose name was re-pointed to this machine sends that name; a bare address it cannot send.
        try:
            name = urlsplit(f"//{host}").hostname or ""
            return name in self._hosts or bool(ipaddress.ip_address(name))
        except ValueError:
            return False

    async def _lineage(self, request: Request) -> Response:
        return await self._post(request, as_batch=False)

    async def _batch(self, request: Request) -> Response:
        return await self._post(request, as_batch=True)

    async def _post(self, request: Request, *, as_batch: bool) -> Response:
        writer = self._door.admit(_secret(request), local=_is_local(request))
        if writer is None:
            headers = {"WWW-Authenticate": "Bearer"}
            return _problem(401, "expected the Bearer token of a sender", "muniment token new", headers)
        reserved = 0

        def reserve(size: int) -> None:
            nonlocal reserved
            if self._held + size > _HELD:
                raise StoreError("too much is being received at once", hint="post again in a second")
            self._held += size
            reserved += size

        try:
            said = (request.headers.get("content-type", ""), request.headers.get("content-encoding", ""))
            async with asyncio.timeout(_PATIENCE):
                body = await read_body(request.stream(), said, self._limit, reserve)
            if body.status is not None:
                reason = body.reason or "unreadable"
                await asyncio.wrap_future(self._keeper.accept([refused(body.raw, reason, writer)]))
                return _problem(body.status, reason, headers={"Accept-Encoding": "gzip"})
            if len(body.raw) > _LARGE:
                reading = await asyncio.to_thread(read_posted, body.raw, writer)
            else:
                reading = read_posted(body.raw, writer)
            receipts = await asyncio.wrap_future(self._keeper.accept(reading.events))
        finally:
            self._held -= reserved
        return _answer_to(reading, receipts, as_batch=as_batch)

    async def _health(self, request: Request) -> Response:  # noqa: ARG002 - one signature for all
        trouble = self._keeper.trouble()
        value = {"status": trouble or "ok", "waiting": self._keeper.figures()["waiting"]}
        return JSONResponse(value, status_code=503 if trouble else 200)

    async def _metrics(self, request: Request) -> Response:  # noqa: ARG002 - one signature for all
        figures = self._keeper.figures()
        lines = [
            "# HELP muniment_events_waiting Durable events that wait for their seal.",
            "# TYPE muniment_events_waiting gauge",
            f"muniment_events_waiting {figures.pop('waiting')}",
            "# HELP muniment_events_sealed_total Events that were projected and sealed.",
            "# TYPE muniment_events_sealed_total counter",
            f"muniment_events_sealed_total {figures.pop('sealed')}",
            "# HELP muniment_events_total Posted events by what became of them.",
            "# TYPE muniment_events_total counter",
            *(f'muniment_events_total{{outcome="{name}"}} {n}' for name, n in sorted(figures.items())),
            "# HELP muniment_http_requests_total Requests by status of the answer.",
            "# TYPE muniment_http_requests_total counter",
            *(f'muniment_http_requests_total{{status="{s}"}} {n}' for s, n in sorted(self._statuses.items())),
        ]
        return PlainTextResponse(
            "\n".join(lines) + "\n", headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )


async def _guarded(handler: Handler, request: Request) -> Response:
    try:
        return await handler(request)
    except StoreError as error:
        return _problem(503, error.message, error.hint, headers=_RETRY)
    except TimeoutError:
        return _problem(408, "the body did not arrive in time", "post again")
    except ClientDisconnect:
        return Response(status_code=400)


def _answer_to(reading: Reading, receipts: Sequence[Receipt], *, as_batch: bool) -> Response:
    if reading.is_malformed and not reading.is_list:
        return _problem(400, receipts[0].reason or "malformed")
    if not (as_batch or reading.is_list):
        receipt = receipts[0]
        value: dict[str, Any] = {"status": receipt.status, "event_id": receipt.event_id}
        if receipt.reason:
            value["reason"] = receipt.reason
        return JSONResponse(value, status_code=201)
    failed = [
        {"index": i, "reason": receipt.reason, "retriable": False}
        for i, receipt in enumerate(receipts)
        if receipt.status == "quarantined"
    ]
    counts = {"received": len(receipts), "successful": len(receipts) - len(failed), "failed": len(failed)}
    return JSONResponse(
        {
            "status": "partial_success" if failed else "success",
            "summary": {**counts, "retriable": 0, "non_retriable": len(failed)},
            "failed_events": failed,
        }
    )


def _problem(
    status: int, reason: str, hint: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    value = {"status": "error", "reason": reason} | ({"next": hint} if hint else {})
    return JSONResponse(value, status_code=status, headers=headers)


def _secret(request: Request) -> str | None:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret.strip():
        return secret.strip()
    return request.headers.get("x-api-key")


def _is_local(request: Request) -> bool:
    if request.client is None:
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
