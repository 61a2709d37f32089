"""Load on a receiver, from a process of its own: `python -m tests.benchmarks.posting URL FILE CONNECTIONS`.

Bare sockets and requests made beforehand, so that the client costs little beside the server. Prints one JSON
object: the seconds, the time of each answer, and the numbers of the lines acknowledged and refused. A
connection that breaks ends, as it does when the server is killed.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_HEAD = (
    b"POST /api/v1/lineage HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: load\r\nAccept: */*\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n"
)


class _Connection(asyncio.Protocol):
    """Posts the next request when the last one is answered."""

    def __init__(self, requests: Iterator[tuple[int, bytes]], told: dict[str, list[Any]]) -> None:
        self._requests = requests
        self._told = told
        self._heard = b""
        self._number = -1
        self._since = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._post()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]):
            return
        self._heard = b""
        if head.startswith(b"HTTP/1.1 201"):
            self._told["latencies"].append(time.perf_counter() - self._since)
            self._told["acknowledged"].append(self._number)
            self._told["duplicates"].append(b'"duplicate"' in body)
        else:
            self._told["refused"].append(self._number)
        self._post()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def _post(self) -> None:
        self._number, request = next(self._requests, (-1, b""))
        if not request:
            self._transport.close()
            return
        self._since = time.perf_counter()
        self._transport.write(request)


async def _load(url: str, lines: list[bytes], connections: int) -> dict[str, Any]:
    place = urlsplit(url)
    host, port = place.hostname or "", place.port or 80
    requests = enumerate(_HEAD % len(line) + line for line in lines)
    told: dict[str, Any] = {"latencies": [], "acknowledged": [], "duplicates": [], "refused": []}
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Connection(requests, told), host, port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    told["duplicates"] = sum(told["duplicates"])
    return {**told, "seconds": time.perf_counter() - start, "cpu": time.process_time()}


def main() -> None:
    """Post every line of the file and print what came of it."""
    url, file, connections = sys.argv[1:]
    lines = Path(file).read_bytes().splitlines()
    json.dump(asyncio.run(_load(url, lines, int(connections))), sys.stdout)


if __name__ == "__main__":
    main()
