"""Running the receiver: listen, serve, and leave nothing behind when told to stop."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TextIO

import msgspec

from registry.acts.door import Door
from registry.acts.receive import Receiving
from registry.acts.service_key import get_service_signer
from registry.registry import Registry
from registry.store.tokens import Tokens
from schemas.errors import SourceError, Usage
from tui.diagnostics import say
from tui.progress import working

_PATIENCE = 10
_IDLE = 75
"""Seconds a connection is kept open: one closed early is found dead by a sender with the next event."""


class Served(msgspec.Struct, frozen=True):
    """Where to listen, to whom, and how much."""

    host: str
    port: int
    hosts: tuple[str, ...]
    tokens: tuple[str, ...]
    max_bytes: int
    seal_every: float


def serve(registry: Registry, served: Served, out: TextIO) -> None:
    """Receive events until SIGINT or SIGTERM; everything acknowledged is sealed when this returns."""
    try:
        import uvicorn  # noqa: PLC0415 - an extra

        from importers.openlineage.posted import prepare  # noqa: PLC0415 - beside the receiver
        from importers.openlineage.receiver import Receiver  # noqa: PLC0415 - needs the extra
    except ImportError as error:
        raise Usage(f"the receiver needs {error.name}", hint="pip install 'muniment[serve]'") from error
    from tui.sealer import Sealer  # noqa: PLC0415 - beside the receiver

    door = _door(registry, served)
    with _listening(served.host, served.port) as listener, Sealer(registry.home) as seals, _signals_ignored():
        receiving = Receiving(registry.home, seals, longest=served.seal_every)
        receiving.start()
        try:
            app = Receiver(receiving, door, served.hosts, limit=served.max_bytes)
            config = uvicorn.Config(
                app,
                http=_protocol(),
                log_config=None,
                log_level="error",
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_IDLE,
                timeout_graceful_shutdown=_PATIENCE,
            )
            prepare()
            _announce(listener, served.host, out)
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            with working("sealing what was received"):
                left = receiving.close()
    say(f"muniment: stopped; {left} events wait for their seal" if left else "muniment: stopped; all sealed")


def _protocol() -> "type[asyncio.Protocol] | str":
    try:
        from tui.bounded_http import BoundedHttp  # noqa: PLC0415 - beside the receiver
    except ImportError:
        return "h11"
    return BoundedHttp


def _door(registry: Registry, served: Served) -> Door:
    get_service_signer(registry, "seals of posted events")
    door = Door(Tokens(registry.connection), served.tokens)
    if door.is_open and not _is_loopback(served.host):
        raise Usage(
            f"{served.host} is reached from other machines, and no token was made",
            hint="muniment token new NAME",
        )
    return door


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends small answers at once only where it is: 40 ms each.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(512)
        except OSError as error:
            raise SourceError(
                f"{host}:{port}: cannot listen: {error.strerror}", hint="name another --port"
            ) from error
        yield listener


@contextmanager
def _signals_ignored() -> Iterator[None]:
    """Outlive the signal that the server passes on when it has stopped: events are still to be sealed."""
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(listener: socket.socket, host: str, out: TextIO) -> None:
    shown = f"[{host}]" if ":" in host else host
    out.write(f"http://{shown}:{listener.getsockname()[1]}\n")
    out.flush()
    say("muniment: receiving at /api/v1/lineage; stop with ctrl+c")
