"""What arrives on the wire as no library writes it: endless heads, two hosts, pipelined and slow requests."""

import json
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.sources.serving import PATH, Receiver, event, make_registry, serving


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with serving(make_registry(tmp_path_factory.mktemp("wire"))) as it:
        yield it


def answers(receiver: Receiver, *parts: bytes) -> list[int]:
    """Send some bytes as they are and return the status of every answer until the line is closed."""
    port = int(receiver.url.rpartition(":")[2])
    heard = b""
    with closing(socket.create_connection(("127.0.0.1", port))) as line:
        line.settimeout(10)
        try:
            for part in parts:
                line.sendall(part)
            while got := line.recv(65_536):
                heard += got
        except ConnectionError:
            pass
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3})", heard)]


def head(*lines: str, body: bytes = b"") -> bytes:
    size = f"Content-Length: {len(body)}"
    return "\r\n".join((f"POST {PATH} HTTP/1.1", "Host: localhost", size, *lines, "", "")).encode() + body


def test_a_head_that_does_not_end_is_cut_off(receiver):
    endless = (b"x" * 60_000 for _ in range(100))

    assert answers(receiver, head()[:-2] + b"X: ", *endless) in ([400], [])
    assert receiver.post(event(1)).status_code == 201


def test_large_bodies_and_requests_sent_ahead_are_not_taken_for_heads(receiver):
    bodies = [json.dumps(event(number, filler="x" * 300_000)).encode() for number in range(3)]

    ahead = [head(body=bodies[0]), head(body=bodies[1]), head("Connection: close", body=bodies[2])]

    assert answers(receiver, b"".join(ahead)) == [201, 201, 201]


def test_two_hosts_are_refused(receiver):
    assert answers(receiver, head("Host: evil.example", "Connection: close", body=b"{}")) in ([403], [400])


def test_two_lengths_are_refused(receiver):
    assert answers(receiver, head("Transfer-Encoding: chunked", "Connection: close", body=b"0\r\n\r\n")) == [
        400
    ]


def test_without_httptools_the_slower_reader_serves_as_well(receiver, tmp_path, monkeypatch):
    from tui.serving import _protocol  # noqa: PLC0415 - beside what it looks for

    monkeypatch.setitem(sys.modules, "httptools", None)
    for name in ("tui.bounded_http", "uvicorn.protocols.http.httptools_impl"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    assert _protocol() == "h11"
