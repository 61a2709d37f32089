"""A real HTTP server on 127.0.0.1 answers as Marquez does, or badly."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from importers.openlineage.marquez import PAGE, MarquezEvents
from schemas.errors import SourceError, Usage
from schemas.observation import DatasetFact, Observation, Unreadable


def event(number: int) -> dict[str, Any]:
    return {"eventTime": "2026-01-02T03:04:05Z", "dataset": {"namespace": "n", "name": f"d{number}"}}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(asked.query).items()}
        self.server.seen.append((asked.path, query, self.headers.get("Authorization")))  # type: ignore[attr-defined]
        status, body = self.server.answer(query)  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@contextmanager
def serving(answer: Any) -> Iterator[tuple[str, list[Any]]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.answer = answer  # type: ignore[attr-defined]
    server.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.seen  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pages(count: int) -> Any:
    def answer(query: dict[str, str]) -> tuple[int, bytes]:
        start = int(query["offset"])
        listed = [event(i) for i in range(start, min(start + int(query["limit"]), count))]
        return 200, json.dumps({"events": listed, "totalCount": 10**6}).encode()

    return answer


def test_every_page_is_read_with_its_exact_bytes():
    with serving(pages(PAGE + 7)) as (url, seen):
        source = MarquezEvents(url + "/", api_key="key")
        found = list(source.collect())

    names = [
        o.facts[0].dataset.name
        for o in found
        if isinstance(o, Observation) and isinstance(o.facts[0], DatasetFact)
    ]
    assert names == [f"d{i}" for i in range(PAGE + 7)]
    assert isinstance(found[3], Observation)
    assert found[3].raw == json.dumps(event(3)).encode()
    assert found[-1].position == f"{url}#{PAGE + 6}"
    assert [(path, query["offset"], key) for path, query, key in seen] == [
        ("/api/v1/events/lineage", "0", "Bearer key"),
        ("/api/v1/events/lineage", str(PAGE), "Bearer key"),
    ]


def test_an_event_it_cannot_read_is_answered_with_its_place():
    with serving(lambda _: (200, b'{"events": [{"a": 1}, 7]}')) as (url, _):
        found = list(MarquezEvents(url).collect())

    assert [(o.position, o.reason) for o in found if isinstance(o, Unreadable)] == [
        (f"{url}#0", "expected run and job, or job, or dataset; found none of them"),
        (f"{url}#1", "expected an OpenLineage event, a JSON object, found a number"),
    ]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"", "answers 401"),
        (302, b"", "answers 302"),
        (500, b"oops", "answers 500"),
        (200, b"<html>", "does not answer as Marquez does"),
        (200, b'{"items": []}', "does not answer as Marquez does"),
    ],
)
def test_a_server_that_is_no_marquez_is_said(status: int, body: bytes, said: str):
    with serving(lambda _: (status, body)) as (url, _), pytest.raises(SourceError, match=said):
        list(MarquezEvents(url).collect())


def test_a_server_that_is_not_there_is_said():
    with serving(pages(0)) as (url, _):
        pass

    with pytest.raises(SourceError, match="cannot be reached"):
        list(MarquezEvents(url).collect())


@pytest.mark.parametrize("url", ["http://user:secret@host", "http://", "http://host:x"])
def test_a_url_that_is_unusable_is_refused_without_repeating_a_secret(url: str):
    with pytest.raises(Usage) as refused:
        MarquezEvents(url)

    assert "secret" not in refused.value.message
