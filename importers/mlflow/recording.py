"""Calls and answers kept as JSON Lines, so that a server's state can be read again without the server."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from importers.mlflow.answers import Answer, Call, Fetch
from schemas.errors import Malformed, SourceError
from schemas.identity import compact

_MAX_BYTES = 256 << 20


class Exchange(msgspec.Struct, frozen=True):
    """One line of a recording."""

    method: str
    path: str
    status: int
    response: Any
    params: dict[str, Any] | None = None
    body: dict[str, Any] | None = None


class Recording:
    """Answers each call as it was once answered; a call made twice gets its answers in turn."""

    def __init__(self, exchanges: list[Exchange], name: str) -> None:
        self._name = name
        self._answers: dict[bytes, list[Answer]] = {}
        for exchange in exchanges:
            key = _key(exchange.method, exchange.path, exchange.params, exchange.body)
            content = msgspec.json.encode(exchange.response)
            self._answers.setdefault(key, []).append(Answer(exchange.status, content))

    def fetch(self, call: Call) -> Answer:
        """Return the recorded answer; raise SourceError for a call that was never made."""
        answers = self._answers.get(_key(call.method, call.path, call.params, call.body))
        if not answers:
            raise SourceError(f"{self._name} holds no answer to {call}", hint="record the server anew")
        return answers.pop(0) if len(answers) > 1 else answers[0]


def read_recording(path: Path) -> Recording:
    """Return the recording in a `.jsonl` or `.jsonl.gz` file."""
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            with gzip.open(path) as stream:
                data = stream.read(_MAX_BYTES)
        lines = [line for line in data.splitlines() if line.strip()]
        exchanges = [msgspec.json.decode(line, type=Exchange) for line in lines]
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read ({error.strerror or error})") from error
    except (EOFError, msgspec.DecodeError) as error:
        raise Malformed(f"{path.name} is not a recording of calls and answers ({error})") from error
    return Recording(exchanges, path.name)


def recording(fetch: Fetch, keep: Callable[[bytes], object]) -> Fetch:
    """Return a fetch that does what `fetch` does and hands each exchange, one line each, to `keep`."""

    def fetch_and_keep(call: Call) -> Answer:
        answer = fetch(call)
        response = msgspec.json.decode(answer.content)
        line = {"method": call.method, "path": call.path, "status": answer.status, "response": response}
        line |= {"params": call.params} if call.params else {}
        line |= {"body": call.body} if call.body else {}
        keep(compact(line) + b"\n")
        return answer

    return fetch_and_keep


def _key(method: str, path: str, params: dict[str, Any] | None, body: dict[str, Any] | None) -> bytes:
    return compact([method, path, {k: str(v) for k, v in (params or {}).items()}, body or {}])
