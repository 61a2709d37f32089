"""Everything we read from an MLflow server, page by page, until two readings of the registry agree."""

from typing import Any

import msgspec

from importers.mlflow.answers import API, Answer, Call, Fetch, read_answer, read_items
from schemas.errors import SourceError

_MODELS = 1000
_VERSIONS = 10_000
_RUNS = 1000
_LOGGED = 500
_EXPERIMENTS = 1000
_CHUNK = 100
_MAX_PAGES = 100_000
_MAX_READINGS = 5

Item = dict[str, Any]


class Scan(msgspec.Struct, frozen=True):
    """The objects of a server as it gave them; `logged_models` is None where it knows none (MLflow 2)."""

    experiments: list[Any]
    runs: list[Any]
    logged_models: list[Any] | None
    models: list[Any]
    versions: list[Any]
    settled: bool = True


def scan_server(fetch: Fetch, server: str) -> Scan:
    """Return all registered models, versions, experiments, runs (deleted ones too) and logged models."""
    reader = _Reader(fetch, server)
    experiments = reader.pages(
        "POST", "experiments/search", "experiments", _EXPERIMENTS, {"view_type": "ALL"}
    )
    ids = [str(item.get("experiment_id")) for item in experiments if isinstance(item, dict)]
    runs: list[Any] = []
    logged: list[Any] | None = []
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        # In order of start a new run comes last, so that pages do not slip while we read.
        wanted = {"experiment_ids": chunk, "run_view_type": "ALL", "order_by": ["attributes.start_time ASC"]}
        runs += reader.pages("POST", "runs/search", "runs", _RUNS, wanted)
        if logged is not None:
            more = reader.find_pages("logged-models/search", "models", _LOGGED, {"experiment_ids": chunk})
            logged = None if more is None else logged + more
    models, models_settled = reader.settle("registered-models/search", "registered_models", _MODELS)
    versions, versions_settled = reader.settle("model-versions/search", "model_versions", _VERSIONS)
    return Scan(experiments, runs, logged, models, versions, settled=models_settled and versions_settled)


class _Reader:
    """Reads lists that come in pages."""

    def __init__(self, fetch: Fetch, server: str) -> None:
        self._fetch = fetch
        self._server = server
        self._paged = False

    def settle(self, path: str, key: str, size: int) -> tuple[list[Any], bool]:
        """Return a list whose keys two readings in a row agree on, and whether they did.

        A page token is an offset: a change between two pages shows an object twice or hides it. A list
        of one page is one query of the server and needs no second reading.
        """
        seen = self.pages("GET", path, key, size)
        for _ in range(_MAX_READINGS - 1):
            if not self._paged:
                return seen, True
            again = self.pages("GET", path, key, size)
            if _keys(again) == _keys(seen) and len(again) == len(_keys(again)):
                return again, True
            seen = again
        return seen, not self._paged

    def find_pages(self, path: str, key: str, size: int, wanted: Item) -> list[Any] | None:
        """Return a list, or None when the server does not know the call."""
        call = _call("POST", path, size, wanted, None)
        answer = self._fetch(call)
        return None if answer.status == 404 else self._follow(call, answer, key, size, wanted)

    def pages(self, method: str, path: str, key: str, size: int, wanted: Item | None = None) -> list[Any]:
        """Return the items of all pages."""
        call = _call(method, path, size, wanted, None)
        return self._follow(call, self._fetch(call), key, size, wanted)

    def _follow(self, call: Call, answer: Answer, key: str, size: int, wanted: Item | None) -> list[Any]:
        found: list[Any] = []
        tokens: set[str] = set()
        path = call.path.removeprefix(f"{API}/")
        while True:
            value = read_answer(call, answer, self._server)
            found += read_items(call, value, key, self._server)
            token = value.get("next_page_token")
            self._paged = bool(tokens) or bool(token)
            if not token:
                return found
            if not isinstance(token, str) or token in tokens or len(tokens) >= _MAX_PAGES:
                raise SourceError(
                    f"{self._server} never ends its answer to {call}",
                    hint="report this to whoever runs the server: its page token does not move on",
                )
            tokens.add(token)
            call = _call(call.method, path, size, wanted, token)
            answer = self._fetch(call)


def _call(method: str, path: str, size: int, wanted: Item | None, token: str | None) -> Call:
    if method == "POST":
        body = {**(wanted or {}), "max_results": size}
        return Call(method, f"{API}/{path}", body=body | ({"page_token": token} if token else {}))
    params = {"max_results": str(size)}
    return Call(method, f"{API}/{path}", params=params | ({"page_token": token} if token else {}))


def _keys(items: list[Any]) -> set[tuple[str, str]]:
    return {(str(i.get("name")), str(i.get("version"))) for i in items if isinstance(i, dict)}
