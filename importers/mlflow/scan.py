"""Everything we read from an MLflow server, page by page, until two readings of the registry agree."""

from collections.abc import Callable
from functools import partial
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


def scan_server(fetch: Fetch, server: str, heard: Callable[[int], object] = lambda _: None) -> Scan:
    """Return all registered models, versions, experiments, runs (deleted ones too) and logged models.

    `heard` is told after every page how many objects came so far.
    """
    reader = _Reader(fetch, server, heard)
    every = {"view_type": "ALL"}
    experiments, settled = reader.settle(
        lambda: reader.pages("POST", "experiments/search", "experiments", _EXPERIMENTS, every)
    )
    ids = [str(item.get("experiment_id")) for item in experiments or () if isinstance(item, dict)]
    runs: list[Any] = []
    logged: list[Any] | None = []
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        # In order of start a new run comes last, so that pages do not slip while we read.
        wanted = {"experiment_ids": chunk, "run_view_type": "ALL", "order_by": ["attributes.start_time ASC"]}
        runs += reader.pages("POST", "runs/search", "runs", _RUNS, wanted)
        if logged is not None:
            more, agreed = reader.settle(partial(reader.find_logged_models, chunk))
            logged = None if more is None else logged + more
            settled = settled and agreed
    models, models_agreed = reader.settle(
        lambda: reader.pages("GET", "registered-models/search", "registered_models", _MODELS)
    )
    versions, versions_agreed = reader.settle(
        lambda: reader.pages("GET", "model-versions/search", "model_versions", _VERSIONS)
    )
    settled = settled and models_agreed and versions_agreed
    return Scan(experiments or [], runs, logged, models or [], versions or [], settled=settled)


class _Reader:
    """Reads lists that come in pages."""

    def __init__(self, fetch: Fetch, server: str, heard: Callable[[int], object]) -> None:
        self._fetch = fetch
        self._server = server
        self._heard, self._count = heard, 0
        self._paged = False

    def settle(self, read: Callable[[], list[Any] | None]) -> tuple[list[Any] | None, bool]:
        """Return what `read` gives once two readings in a row agree on the keys, and whether they did.

        A page token is an offset: a change between two pages shows an object twice or hides it. A list
        of one page is one query of the server and needs no second reading.
        """
        seen = read()
        for _ in range(_MAX_READINGS - 1):
            if seen is None or not self._paged:
                return seen, True
            again = read()
            if again is not None and _keys(again) == _keys(seen) and len(again) == len(_keys(again)):
                return again, True
            seen = again
        return seen, not self._paged

    def find_logged_models(self, experiment_ids: list[str]) -> list[Any] | None:
        """Return the logged models of experiments, None when the server does not know any."""
        wanted: Item = {"experiment_ids": experiment_ids}
        call = _call("POST", "logged-models/search", _LOGGED, wanted, None)
        answer = self._fetch(call)
        return None if answer.status == 404 else self._follow(call, answer, "models", _LOGGED, wanted)

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
            items = read_items(call, value, key, self._server)
            found += items
            self._count += len(items)
            self._heard(self._count)
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


def _keys(items: list[Any]) -> set[tuple[str, ...]]:
    return {_key(item) for item in items if isinstance(item, dict)}


def _key(item: Item) -> tuple[str, ...]:
    """Return what names an experiment, a logged model, a registered model or a version."""
    info = item.get("info")
    held = info if isinstance(info, dict) else item
    return tuple(str(held.get(name)) for name in ("experiment_id", "model_id", "name", "version"))
