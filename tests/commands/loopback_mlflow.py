"""A server on 127.0.0.1 that answers as MLflow 3.17 was recorded to; its lists and files can change."""

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

RECORDED = Path(__file__).parents[1] / "data" / "mlflow3-rest" / "answers.jsonl.gz"


class Mlflow(ThreadingHTTPServer):
    """All that was recorded, in one page per list.

    `files` are artifacts of runs by (run, path), `model_files` those of a version by (model, version, path).
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lists: dict[str, dict[str, list[Any]]] = {}
        self.files: dict[tuple[str, str], bytes] = {}
        self.model_files: dict[tuple[str, str, str], bytes] = {}
        self.refused_tags: set[str] = set()
        self.posted: list[tuple[str, Any]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        for line in gzip.decompress(RECORDED.read_bytes()).splitlines():
            exchange = json.loads(line)
            if exchange["status"] == 200:
                for key, items in exchange["response"].items():
                    if key != "next_page_token":
                        self.lists.setdefault(exchange["path"], {}).setdefault(key, []).extend(items)

    def held(self, path: str) -> list[Any]:
        """The list that the search under `path` answers."""
        (items,) = self.lists[f"/api/2.0/mlflow/{path}/search"].values()
        return items

    def version(self, model: str, number: str) -> Any:
        """One version as it is held."""
        return next(v for v in self.held("model-versions") if (v["name"], v["version"]) == (model, number))


class Handler(BaseHTTPRequestHandler):
    server: Mlflow

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/api/2.0/mlflow/artifacts/list":
            kept = self.server.files.items()
            below = [
                {"path": path, "is_dir": False, "file_size": len(data)}
                for (run, path), data in kept
                if run == asked["run_id"] and path.startswith(asked.get("path", "") + "/")
            ]
            self.reply(json.dumps({"files": below}).encode())
        elif parts.path == "/get-artifact":
            self.reply(self.server.files.get((asked["run_uuid"], asked["path"])))
        elif parts.path == "/model-versions/get-artifact":
            self.reply(self.server.model_files.get((asked["name"], asked["version"], asked["path"])))
        elif parts.path.endswith("/artifacts/directories"):
            self.list_model(parts.path.split("/")[-3])
        else:
            self.answer(parts.path)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = urlsplit(self.path).path
        if not path.endswith("/model-versions/set-tag"):
            self.answer(path)
            return
        self.server.posted.append((path, body))
        if body["key"] in self.server.refused_tags:
            self.reply(None)
            return
        held = self.server.version(body["name"], body["version"])
        tags = [tag for tag in held.get("tags", []) if tag["key"] != body["key"]]
        held["tags"] = [*tags, {"key": body["key"], "value": body["value"]}]
        for model in (m for m in self.server.held("registered-models") if "latest_versions" in m):
            # MLflow repeats versions within their model, tags and all.
            repeated = model["latest_versions"]
            model["latest_versions"] = [
                held if (v["name"], v["version"]) == (held["name"], held["version"]) else v for v in repeated
            ]
        self.reply(b"{}")

    def list_model(self, model_id: str) -> None:
        sources = {(v["name"], v["version"]): v["source"] for v in self.server.held("model-versions")}
        listed = [
            {"path": path, "is_dir": False, "file_size": len(data)}
            for (name, version, path), data in self.server.model_files.items()
            if sources[name, version] == f"models:/{model_id}"
        ]
        self.reply(json.dumps({"files": listed}).encode())

    def answer(self, path: str) -> None:
        found = self.server.lists.get(path)
        self.reply(None if found is None else json.dumps(found).encode())

    def reply(self, body: bytes | None) -> None:
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"{}")))
        self.end_headers()
        self.wfile.write(body or b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@contextmanager
def serving() -> Iterator[Mlflow]:
    """The server, answering until the block ends."""
    server = Mlflow()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
