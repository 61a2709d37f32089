"""Pulling from a Marquez server again and again, from a real HTTP server that lists events as it does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from importers.openlineage.decode import read_event
from registry.acts.take_in import import_source
from registry.registry import open_registry
from tests.sources.serving import event


class Marquez(ThreadingHTTPServer):
    """Lists `events` half-open by the time they are about; remembers from when on it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.events: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def add(self, number: int, days_ago: float, **more: Any) -> None:
        """Get one more event, about a time so many days ago."""
        time = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat()
        self.events.append({**event(number, **more), "eventTime": time})


class Handler(BaseHTTPRequestHandler):
    server: Marquez

    def do_GET(self) -> None:
        query = {key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()}
        after, before = (datetime.fromisoformat(query[key]) for key in ("after", "before"))
        self.server.asked.append(query["after"])
        found = sorted(self.server.events, key=lambda e: str(e["eventTime"]))
        found = [e for e in found if after <= datetime.fromisoformat(e["eventTime"]) < before]
        start = int(query["offset"])
        body = json.dumps({"events": found[start : start + int(query["limit"])]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@contextmanager
def _running() -> Iterator[Marquez]:
    with Marquez() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def marquez() -> Iterator[Marquez]:
    with _running() as server:
        yield server


@pytest.fixture
def pull(founded, marquez):
    """Import from the server; return how many events were new."""

    def run(*words):
        done = founded("import", "openlineage", marquez.url, *words, "--json")
        assert done.code == 0, done.err
        return done.json["taken"]

    return run


def test_a_second_pull_finds_what_is_new_and_what_came_late(pull, marquez):
    marquez.add(1, days_ago=30)
    marquez.add(2, days_ago=1)
    first = pull()
    marquez.add(3, days_ago=0)
    marquez.add(4, days_ago=6)

    assert (first, pull(), pull()) == (2, 2, 0)
    assert marquez.asked[0] == "0001-01-01T00:00:00Z"
    week_ago = datetime.now(UTC) - timedelta(days=7)
    assert week_ago - timedelta(minutes=2) < datetime.fromisoformat(marquez.asked[1]) < week_ago


def test_what_came_later_than_that_is_said_to_be_unseen_and_found_when_asked(pull, founded, marquez):
    marquez.add(1, days_ago=1)
    pull()
    marquez.add(2, days_ago=20)

    said = founded("import", "openlineage", marquez.url)

    assert "that reached Marquez since the last import are not seen" in said.out
    assert (pull("--overlap", 19), pull("--overlap", 21)) == (0, 1)
    marquez.add(3, days_ago=300)
    assert (pull(), pull("--all")) == (0, 1)


def test_a_pull_that_broke_off_counts_for_nothing(pull, founded, marquez):
    marquez.add(1, days_ago=30)
    real, marquez.RequestHandlerClass = marquez.RequestHandlerClass, BaseHTTPRequestHandler
    assert founded("import", "openlineage", marquez.url).code == 6
    marquez.RequestHandlerClass = real

    assert pull() == 1


def test_some_of_its_events_taken_in_by_another_way_are_no_pull(pull, marquez, tmp_path):
    class Retried:
        """What `quarantine retry` takes in: events of the server, and no word about what it leaves out."""

        kind = "openlineage"
        name = marquez.url
        blind_spots: tuple[str, ...] = ()

        def collect(self, known: Any = None) -> Iterator[Any]:
            yield read_event(json.dumps(event(1)).encode(), "quarantined")

    with open_registry(tmp_path / "registry") as registry:
        assert import_source(registry, Retried()).leaf is not None
    marquez.add(2, days_ago=30)

    assert pull() == 1
    assert marquez.asked == ["0001-01-01T00:00:00Z"]
