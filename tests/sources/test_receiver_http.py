"""What clients of OpenLineage meet: paths, bodies, codings, answers. One receiver serves the whole file."""

import asyncio
import gzip
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from threading import Timer
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState
from openlineage.client.transport.async_http import AsyncHttpConfig, AsyncHttpTransport
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import HttpCompression, HttpConfig, HttpTransport

from importers.openlineage import posted
from schemas.receiving import Writer
from tests.sources.serving import PATH, Receiver, event, make_registry, serving, until, zipped
from tui.cli import cli

BATCH = PATH + "/batch"


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    home = make_registry(tmp_path_factory.mktemp("receiver"))
    with serving(home, "--max-bytes", "100000", "--seal-every", "0.1", "--allow-host", "lineage.test") as it:
        yield it


def runs(receiver: Receiver) -> dict[str, str]:
    done = CliRunner().invoke(cli, ["--registry", str(receiver.home), "runs", "--json"])
    assert done.exit_code == 0, done.output
    return {item["run_id"]: item["state"] for item in json.loads(done.output)["items"]}


def safe(receiver: Receiver, reason: str) -> Any:
    """How many bodies are kept with this reason: in quarantine, or durable on their way there."""
    with closing(sqlite3.connect(receiver.home / "registry.db")) as connection:
        sql = "SELECT (SELECT count(*) FROM quarantine WHERE instr(reason, ?1)) + "
        sql += "(SELECT count(*) FROM received WHERE instr(reason, ?1))"
        return connection.execute(sql, (reason,)).fetchone()[0]


def run_id(number: int) -> Any:
    return event(number)["run"]["runId"]


def a_run(number: int, state: RunState, time: str) -> RunEvent:
    return RunEvent(
        eventType=state,
        eventTime=time,
        run=Run(runId=run_id(number)),
        job=Job(namespace="prod", name="train"),
        producer="https://example.org/test",
    )


def test_the_unmodified_python_client_posts_gzipped_events_that_become_runs(receiver):
    config = HttpConfig(url=receiver.url, compression=HttpCompression.GZIP)
    client = OpenLineageClient(transport=HttpTransport(config))
    client.emit(a_run(1, RunState.START, "2026-11-20T09:00:00Z"))
    client.emit(a_run(1, RunState.COMPLETE, "2026-11-20T09:00:01Z"))
    client.close()

    until(lambda: runs(receiver).get(run_id(1)), "COMPLETE")


def test_the_unmodified_async_client_posts_what_it_queued(receiver):
    transport = AsyncHttpTransport(AsyncHttpConfig(url=receiver.url))
    client = OpenLineageClient(transport=transport)
    for number in range(30, 40):
        client.emit(a_run(number, RunState.COMPLETE, "2026-11-20T09:00:00Z"))
    client.close(timeout=10)

    until(lambda: {run_id(number) for number in range(30, 40)} <= set(runs(receiver)), wanted=True)


@pytest.mark.parametrize("append", [True, False])
def test_what_the_unmodified_file_transport_wrote_is_known_where_it_was_posted(receiver, tmp_path, append):
    (tmp_path / "log").mkdir()
    config = FileConfig(log_file_path=str(tmp_path / "log" / "events"), append=append)
    transports = [FileTransport(config), HttpTransport(HttpConfig(url=receiver.url))]
    for number in (50, 51):
        for transport in transports:
            transport.emit(a_run(number, RunState.COMPLETE, f"2026-11-20T09:00:0{int(append)}Z"))
    until(lambda: receiver.get("/healthz").json()["waiting"], 0)

    words = ["--registry", str(receiver.home), "import", "openlineage", str(tmp_path / "log"), "--json"]
    done = json.loads(CliRunner().invoke(cli, words).stdout)

    assert (done["taken"], done["duplicate"], done["quarantined"]) == (0, 2, 0)


def test_the_unmodified_client_comes_back_by_itself_after_a_busy_time(receiver):
    with closing(sqlite3.connect(receiver.home / "registry.db", check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        free = Timer(2.5, lambda: other.execute("ROLLBACK"))
        free.start()
        HttpTransport(HttpConfig(url=receiver.url)).emit(a_run(52, RunState.COMPLETE, "2026-11-20T09:00:00Z"))
        free.join()

    assert 'muniment_http_requests_total{status="503"}' in receiver.get("/metrics").text
    until(lambda: runs(receiver).get(run_id(52)), "COMPLETE")


def test_a_new_event_is_answered_201_and_the_same_one_again_as_a_duplicate(receiver):
    first, again = receiver.post(event(2)), receiver.post(event(2))

    assert (first.status_code, first.json()["status"]) == (201, "accepted")
    assert (again.status_code, again.json()["status"]) == (201, "duplicate")
    assert first.json()["event_id"] == again.json()["event_id"]


def test_a_duplicate_is_known_after_it_was_sealed_and_however_it_is_spelt(receiver):
    receiver.post(event(3))
    until(lambda: receiver.get("/healthz").json()["waiting"], 0)

    spelt = json.dumps(dict(reversed(event(3).items())), indent=2).encode()

    assert receiver.post(spelt).json()["status"] == "duplicate"


@pytest.mark.parametrize("path", [PATH, PATH + "/", PATH + "?x=1", BATCH, BATCH + "/"])
def test_every_path_answers_itself_and_never_redirects(receiver, path):
    answer = receiver.post(event(4), path)

    assert answer.status_code in (200, 201)
    assert answer.history == []


def test_an_array_on_the_single_path_is_taken_whole(receiver):
    answer = receiver.post([event(5), event(6)])

    assert answer.json()["summary"]["successful"] == 2
    until(lambda: {run_id(5), run_id(6)} <= set(runs(receiver)), wanted=True)


def test_a_batch_says_which_of_its_events_failed(receiver):
    answer = receiver.post([event(7), {"eventType": "START"}, 5], BATCH)

    assert answer.status_code == 200
    assert answer.json()["status"] == "partial_success"
    counts = {"received": 3, "successful": 1, "failed": 2, "retriable": 0, "non_retriable": 2}
    assert answer.json()["summary"] == counts
    assert [failed["index"] for failed in answer.json()["failed_events"]] == [1, 2]


def test_an_empty_batch_is_a_success(receiver):
    assert receiver.post([], BATCH).json()["status"] == "success"


def test_gzip_is_read_with_and_without_a_content_length(receiver):
    async def chunks():
        body = zipped(event(9))
        yield body[:10]
        yield body[10:]

    async def post_chunked():
        async with httpx2.AsyncClient() as client:
            headers = {"content-encoding": "gzip", "content-type": "application/json; charset=UTF-8"}
            return await client.post(receiver.url + PATH, content=chunks(), headers=headers)

    assert receiver.post(zipped(event(8)), content_encoding="gzip").status_code == 201
    assert asyncio.run(post_chunked()).status_code == 201


def test_a_gzip_bomb_is_413_and_its_beginning_is_kept(receiver):
    bomb = gzip.compress(b" " * 50_000_000)

    assert len(bomb) < 100_000
    assert receiver.post(bomb, content_encoding="gzip").status_code == 413
    assert safe(receiver, "larger than 100000 bytes when decompressed") == 1


def test_a_body_over_the_limit_is_413(receiver):
    assert receiver.post(b" " * 200_000).status_code == 413


@pytest.mark.parametrize("body", [gzip.compress(b"{}")[:-6], b"not gzip", gzip.compress(b"") * 100])
def test_damaged_gzip_is_400_and_kept(receiver, body):
    assert receiver.post(body, content_encoding="gzip").status_code == 400
    assert safe(receiver, "damaged gzip") > 0


@pytest.mark.parametrize("body", [b"{", b"", b"[1, 2", b"\xff\xfe{", b"[" * 5000])
def test_what_is_not_json_is_400_and_kept(receiver, body):
    answer = receiver.post(body)

    assert answer.status_code == 400
    assert safe(receiver, answer.json()["reason"]) > 0


def test_an_event_with_members_of_the_wrong_kind_is_400_and_kept(receiver):
    answer = receiver.post(event(10, run={"runId": 5}))

    assert (answer.status_code, answer.json()["reason"]) == (
        400,
        "run.runId: expected a UUID, found a number",
    )
    assert safe(receiver, "run.runId: expected a UUID, found a number") == 1


def test_a_list_of_more_events_than_one_transaction_bears_is_refused_and_kept(receiver):
    answer = receiver.post(b"[" + b"1," * 10_000 + b"1]", BATCH)

    assert answer.status_code == 400
    assert safe(receiver, "a list of 10001 events, at most 10000 are taken at once") == 1


def test_an_event_that_our_reader_stumbles_over_is_kept_in_quarantine(monkeypatch):
    def stumble(raw: bytes, value: Any, position: str) -> Any:
        raise OverflowError("too large")

    monkeypatch.setattr(posted, "observe", stumble)
    raw = json.dumps(event(60, state="PAUSED")).encode()

    (kept,) = posted.read_posted(raw, Writer()).events

    assert (kept.reason, kept.raw) == ("cannot be read: OverflowError: too large", raw)


@pytest.mark.parametrize("text", [b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b'"\xed\xa0\x80"'])
@pytest.mark.parametrize("where", [b'{"%s": {}, "run": 5}', b'{"job": {"namespace": %s, "name": "x"}}'])
def test_halves_of_characters_reach_quarantine_or_the_registry_and_break_nothing(receiver, text, where):
    answer = receiver.post(where.replace(b'"%s"', text).replace(b"%s", text))

    assert answer.status_code in (201, 400)
    assert receiver.post(event(61)).status_code == 201


def test_json_of_an_unknown_kind_is_taken_and_quarantined(receiver):
    answer = receiver.post({"hello": "world"})

    assert (answer.status_code, answer.json()["status"]) == (201, "quarantined")
    assert safe(receiver, "found none of them") > 0


def test_an_unknown_event_type_is_taken(receiver):
    assert receiver.post(event(11, state="PAUSED")).json()["status"] == "accepted"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/vnd.x+json"]
)
def test_a_careless_content_type_is_taken(receiver, kind):
    assert receiver.post(event(12), content_type=kind).status_code == 201


@pytest.mark.parametrize("headers", [{"content_type": "multipart/form-data"}, {"content_encoding": "br"}])
def test_what_is_clearly_no_json_is_415_and_kept(receiver, headers):
    assert receiver.post(b"x", **headers).status_code == 415
    assert safe(receiver, "Content-") > 0


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1@evil.example", "[x", "lineage.test."]
)
def test_a_foreign_host_is_refused(receiver, host):
    assert receiver.get("/healthz", host=host).status_code == 403


@pytest.mark.parametrize("host", ["localhost:5050", "127.0.0.1", "[::1]:80", "lineage.test"])
def test_its_own_names_and_bare_addresses_are_answered(receiver, host):
    assert receiver.get("/healthz", host=host).status_code == 200


@pytest.mark.parametrize("header", ["x_forwarded_for", "forwarded"])
def test_what_a_proxy_passes_on_does_not_count_as_from_this_machine(receiver, header):
    assert receiver.post(event(13), **{header: "for=192.0.2.7"}).status_code == 401


def test_a_web_page_cannot_post(receiver):
    assert receiver.post(event(13), origin="https://evil.example").status_code == 403


def test_other_paths_and_methods_are_refused(receiver):
    assert receiver.get("/").status_code == 404
    assert receiver.get(PATH).status_code == 405


def test_metrics_count_events_and_answers(receiver):
    receiver.post(event(14))

    text = receiver.get("/metrics").text

    assert 'muniment_events_total{outcome="accepted"}' in text
    assert 'muniment_http_requests_total{status="201"}' in text
    assert re.search(r"^muniment_events_waiting_seconds \d+$", text, re.MULTILINE)


def test_health_says_how_many_events_wait_and_for_how_long(receiver):
    health = receiver.get("/healthz").json()

    assert health["status"] == "ok"
    assert 0 <= health["waiting_seconds"] < 60
    assert receiver.client.head(receiver.url + "/healthz").content == b""
