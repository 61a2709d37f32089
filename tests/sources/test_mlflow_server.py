"""A real HTTP server on 127.0.0.1 answers as MLflow 3.17 was recorded to answer, or badly."""

import base64
import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from importers.mlflow.importer import MlflowSource, open_mlflow, open_server
from importers.mlflow.rest import Server
from importers.mlflow.scan import scan_server
from schemas.errors import Error, SourceError, Usage
from schemas.observation import Observation, Unreadable

RECORDED = Path(__file__).parents[1] / "data" / "mlflow3-rest" / "answers.jsonl.gz"
JSON, HTML = "application/json", "text/html"

Asked = dict[str, Any]
Reply = tuple[int, str, bytes]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.reply({k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()})

    def do_POST(self) -> None:
        self.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def reply(self, asked: Asked) -> None:
        self.server.seen.append(dict(self.headers))  # type: ignore[attr-defined]
        status, kind, body = self.server.answer(urlsplit(self.path).path, asked)  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@contextmanager
def serving(answer: Callable[[str, Asked], Reply]) -> Iterator[tuple[str, list[dict[str, str]]]]:
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


class Recorded:
    """Serves the recorded objects in pages of at most `page`, with MLflow's offset tokens."""

    def __init__(self, page: int = 1000) -> None:
        self.page = page
        self.lists: dict[tuple[str, str], list[Any]] = {}
        self.calls: list[str] = []
        for line in gzip.decompress(RECORDED.read_bytes()).splitlines():
            exchange = json.loads(line)
            if exchange["status"] == 200:
                for key, items in exchange["response"].items():
                    if key != "next_page_token":
                        self.lists.setdefault((exchange["path"], key), []).extend(items)

    def __call__(self, path: str, asked: Asked) -> Reply:
        self.calls.append(path)
        found = [(key, items) for (where, key), items in self.lists.items() if where == path]
        if not found:
            return 404, HTML, b"<!doctype html><title>404 Not Found</title>"
        key, items = found[0]
        start = json.loads(base64.b64decode(asked["page_token"]))["offset"] if "page_token" in asked else 0
        end = start + min(self.page, int(asked["max_results"]))
        value: dict[str, Any] = {key: items[start:end]}
        if end < len(items):
            value["next_page_token"] = base64.b64encode(json.dumps({"offset": end}).encode()).decode()
        return 200, JSON, json.dumps(value).encode()


def always(status: int, kind: str, body: bytes) -> Callable[[str, Asked], Reply]:
    return lambda _path, _asked: (status, kind, body)


def collected(source: MlflowSource) -> list[Observation | Unreadable]:
    return list(source.collect())


def refusal(url: str, environ: dict[str, str] | None = None) -> Error:
    with pytest.raises(Error) as caught:
        collected(open_server(url, environ or {}))
    return caught.value


def test_it_takes_everything_a_recorded_server_holds() -> None:
    with serving(Recorded()) as (url, _):
        source = open_server(url, {})
        taken = collected(source)
    assert source.counts == {
        "models": 8,
        "versions": 14,
        "runs": 35,
        "datasets": 9,
        "dataset_versions": 14,
    }
    assert len(taken) == 7 + 35 + 24 + 8 + 14
    assert not [item for item in taken if isinstance(item, Unreadable)]
    assert not [item.warnings for item in taken if isinstance(item, Observation) and item.warnings]


@pytest.mark.parametrize("page", [1, 3, 7])
def test_small_pages_give_the_same_observations_as_large_ones(page: int) -> None:
    with serving(Recorded()) as (url, _):
        whole = collected(open_server(url, {}))
    with serving(Recorded(page)) as (url, _):
        pages = collected(open_server(url, {}))
    assert [item.raw_digest for item in pages] == [item.raw_digest for item in whole]


def test_a_list_in_pages_is_read_again_until_two_readings_agree() -> None:
    server = Recorded(page=5)
    models = server.lists["/api/2.0/mlflow/registered-models/search", "registered_models"]
    hidden = models.pop()

    def answer(path: str, asked: Asked) -> Reply:
        # The model appears after the first reading of both pages.
        if path.endswith("registered-models/search") and server.calls.count(path) == 2:
            models.append(hidden)
        return server(path, asked)

    with serving(answer) as (url, _), Server(url, {}) as client:
        scan = scan_server(client.fetch, url)
    assert hidden in scan.models
    assert scan.settled
    assert server.calls.count("/api/2.0/mlflow/registered-models/search") == 3 * 2


def test_a_registry_that_never_rests_is_taken_and_said_to_be_unsettled() -> None:
    server = Recorded(page=5)
    versions = server.lists["/api/2.0/mlflow/model-versions/search", "model_versions"]

    def answer(path: str, asked: Asked) -> Reply:
        if path.endswith("model-versions/search") and "page_token" not in asked:
            versions.append({**versions[0], "version": str(100 + len(versions))})
        return server(path, asked)

    with serving(answer) as (url, _):
        source = open_server(url, {})
        collected(source)
    assert any("changed during every reading" in spot for spot in source.blind_spots)


def test_logged_models_in_pages_are_read_again_until_two_readings_agree() -> None:
    server = Recorded(page=5)
    where = "/api/2.0/mlflow/logged-models/search"
    models = server.lists[where, "models"]
    hidden = models.pop(0)

    def answer(path: str, asked: Asked) -> Reply:
        # A model that comes first moves all others to the next page while the first reading goes on.
        if path == where and server.calls.count(path) == 2:
            models.insert(0, hidden)
        return server(path, asked)

    with serving(answer) as (url, _), Server(url, {}) as client:
        scan = scan_server(client.fetch, url)
    assert scan.settled
    assert scan.logged_models is not None
    assert len(scan.logged_models) == len({m["info"]["model_id"] for m in scan.logged_models}) == 24


def test_further_headers_come_from_the_environment() -> None:
    headers = "X-Api-Key: s3cret\n\nX-Team:risk"
    with serving(Recorded()) as (url, seen):
        collected(open_server(url, {"MUNIMENT_MLFLOW_HEADERS": headers}))
    sent = {name.lower(): value for name, value in seen[0].items()}
    assert (sent["x-api-key"], sent["x-team"]) == ("s3cret", "risk")


@pytest.mark.parametrize(
    "line", ["hunter2", "a b: hunter2", ": hunter2", "X-Key: hunter2\x07", "X: é-hunter2"]
)
def test_a_header_that_is_none_is_refused_without_repeating_it(line: str) -> None:
    error = refusal("http://127.0.0.1:9", {"MUNIMENT_MLFLOW_HEADERS": f"A: 1\n{line}"})
    assert isinstance(error, Usage)
    assert error.message == "MUNIMENT_MLFLOW_HEADERS: line 2 is not `Name: value`"


def test_an_mlflow_2_server_without_logged_models_is_read() -> None:
    server = Recorded()
    del server.lists["/api/2.0/mlflow/logged-models/search", "models"]
    with serving(server) as (url, _):
        source = open_server(url, {})
        collected(source)
    assert source.counts["versions"] == 14
    assert any("knows no logged models" in spot for spot in source.blind_spots)


def test_an_unreachable_server_is_named_with_a_next_step() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        error = refusal(url)
    assert isinstance(error, SourceError)
    assert error.message.startswith(f"{url} cannot be reached")
    assert error.hint == f"check that the server runs and the address is right: curl {url}/version"


def test_a_silent_server_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with Server(url, {}, seconds=0.2) as client, pytest.raises(SourceError, match="does not answer"):
            scan_server(client.fetch, url)


@pytest.mark.parametrize(
    ("reply", "found", "hint"),
    [
        ((200, HTML, b"<!doctype html><title>Sign in</title>"), "a web page", "login page"),
        ((401, HTML, b"no"), "401", "MLFLOW_TRACKING_TOKEN"),
        ((403, JSON, b'{"message": "no"}'), "403", "MLFLOW_TRACKING_USERNAME"),
        ((302, HTML, b""), "redirects", "URL it redirects to"),
        ((500, HTML, b"<h1>oops"), "500", "try again"),
        ((503, JSON, b""), "503", "try again"),
        ((404, HTML, b"<h1>Not Found"), "404", "base URL"),
        ((400, JSON, b'{"error_code": "X", "message": "page too large"}'), "page too large", "base URL"),
        ((200, JSON, b'{"experiments": [{"experiment_id": '), "broken JSON", "try again"),
        ((200, JSON, b"\xff\xfe"), "broken JSON", "try again"),
        ((200, JSON, b'{"experiments": [NaN]}'), "broken JSON", "try again"),
        ((200, JSON, b""), "broken JSON", "try again"),
        ((200, JSON, b"[" * 100_000), "broken JSON", "try again"),
        ((200, JSON, b"[]"), "a JSON list", "base URL"),
        ((200, JSON, b'{"experiments": "none"}'), "`experiments` as a str", "tracking server"),
    ],
)
def test_a_bad_answer_is_a_source_error_that_says_what_to_do(reply: Reply, found: str, hint: str) -> None:
    with serving(always(*reply)) as (url, _):
        error = refusal(url)
    assert isinstance(error, SourceError)
    assert error.message.startswith(url)
    assert found in error.message
    assert hint in (error.hint or "")


def test_a_page_token_that_does_not_move_on_ends_the_reading() -> None:
    body = b'{"experiments": [{"experiment_id": "1", "name": "x"}], "next_page_token": "again"}'
    with serving(always(200, JSON, body)) as (url, _):
        error = refusal(url)
    assert "never ends its answer" in error.message


def test_one_odd_object_is_unreadable_and_the_rest_is_taken() -> None:
    server = Recorded()
    runs = server.lists["/api/2.0/mlflow/runs/search", "runs"]
    runs[:4] = [17, {"info": {"run_id": 5}}, {"info": {"run_id": "a", "experiment_id": "1"}}, None]
    runs.append({"info": {"run_id": "a", "experiment_id": "1", "start_time": "soon"}})
    runs.append({"info": {"run_id": "b", "experiment_id": "1", "start_time": 10**18}})
    with serving(server) as (url, _):
        taken = collected(open_server(url, {}))
    assert [(item.position, item.reason) for item in taken if isinstance(item, Unreadable)] == [
        ("run 1", "not an MLflow Run: Expected `object`, got `int`"),
        ("run 2", "not an MLflow Run: Expected `str`, got `int` - at `$.info.run_id`"),
        ("run 3", "a run needs `start_time` or `end_time`, found neither"),
        ("run 4", "not an MLflow Run: Expected `object`, got `null`"),
        ("run 36", "expected milliseconds since 1970, found 'soon'"),
        ("run 37", "expected milliseconds since 1970, found 1000000000000000000"),
    ]
    assert len([item for item in taken if item.position.startswith("version")]) == 14


def test_credentials_from_the_environment_reach_the_server() -> None:
    with serving(Recorded()) as (url, seen):
        collected(open_server(url, {"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": "s3cret"}))
        collected(open_server(url, {"MLFLOW_TRACKING_TOKEN": "t0ken", "MLFLOW_WORKSPACE": "risk"}))
    basic = base64.b64encode(b"ann:s3cret").decode()
    assert seen[0]["Authorization"] == f"Basic {basic}"
    assert seen[-1]["Authorization"] == "Bearer t0ken"
    assert (
        seen[-1]["X-Mlflow-Workspace" if "X-Mlflow-Workspace" in seen[-1] else "X-MLFLOW-WORKSPACE"] == "risk"
    )


SECRETS = {"MLFLOW_TRACKING_USERNAME": "ann", "MLFLOW_TRACKING_PASSWORD": "s3cret"}


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 500])
def test_no_secret_is_in_a_name_or_a_message(status: int) -> None:
    with serving(always(status, HTML, b"<h1>no")) as (url, _):
        inside = url.replace("http://", "http://bob:hunter2@")
        for environ in ({}, SECRETS, {"MLFLOW_TRACKING_TOKEN": "s3cret"}):
            source = open_server(inside, environ)
            error = refusal(inside, environ)
            said = f"{source.name} {error.message} {error.hint} {error!r} {error.__cause__!r}"
            assert not [secret for secret in ("hunter2", "bob", "s3cret") if secret in said]
            assert source.name == url


def test_credentials_in_the_url_are_used_and_not_shown() -> None:
    with serving(Recorded()) as (url, seen):
        source = open_server(url.replace("http://", "http://bob:hunter%202@"), {})
        taken = collected(source)
    assert seen[0]["Authorization"] == "Basic " + base64.b64encode(b"bob:hunter 2").decode()
    assert source.name == url
    assert b"hunter" not in b"".join(item.raw for item in taken)


@pytest.mark.parametrize(
    "place",
    ["http://u:hunter2@[::1", "http://u:hunter2@h:99999", "ftp://u:hunter2@h/", "no/such/folder", "http://"],
)
def test_an_address_that_means_nothing_is_refused_without_repeating_it(place: str) -> None:
    with pytest.raises(Usage) as caught:
        open_mlflow(place, {})
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint} {caught.value.__cause__!r}"


def test_a_token_that_no_header_can_carry_is_refused_by_name() -> None:
    error = refusal("http://127.0.0.1:9", {"MLFLOW_TRACKING_TOKEN": "abc\ndef"})
    assert error.message == "MLFLOW_TRACKING_TOKEN holds characters that an HTTP header cannot carry"


def test_a_certificate_file_that_is_none_is_refused(tmp_path: Path) -> None:
    for content in (None, "no certificate"):
        path = tmp_path / "cert.pem"
        if content:
            path.write_text(content)
        with pytest.raises(Usage, match="holds no usable certificate"):
            Server("https://127.0.0.1:1", {"MLFLOW_TRACKING_SERVER_CERT_PATH": str(path)})


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importers.mlflow.rest._MAX_BYTES", 1000)
    with serving(always(200, JSON, b" " * 2000)) as (url, _):
        assert "with more than 1 GiB" in refusal(url).message
