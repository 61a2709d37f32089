"""One call to an MLflow server, its answer, and what each bad answer means to a person."""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from schemas.errors import SourceError

API = "/api/2.0/mlflow"
_SHOWN = 200


class Call(msgspec.Struct, frozen=True):
    """One request: `params` go into the query, `body` is sent as JSON."""

    method: str
    path: str
    params: dict[str, str] | None = None
    body: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Answer(msgspec.Struct, frozen=True):
    """What came back, undecoded."""

    status: int
    content: bytes


class Hashed(msgspec.Struct, frozen=True):
    """What came back, hashed as it came and not kept."""

    status: int
    sha256: str
    size: int


Fetch = Callable[[Call], Answer]
"""Whatever answers calls: a server or a recording of one."""


class Link(Protocol):
    """An open connection to a server."""

    def fetch(self, call: Call) -> Answer:
        """Return the answer."""
        ...

    def hash(self, call: Call, limit: int) -> Hashed:
        """Return the digest and size of the answer; read on only a little beyond `limit` bytes."""
        ...


def read_answer(call: Call, answer: Answer, server: str) -> dict[str, Any]:
    """Return the JSON object of a good answer; raise SourceError that says what to do about any other."""
    if answer.status != 200:
        raise _refusal(call, answer, server)
    try:
        value = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(call, answer, server, str(error)) from error
    if not isinstance(value, dict):
        raise SourceError(
            f"{server} answers {call} with a JSON {type(value).__name__}, expected an object",
            hint="give the base URL of an MLflow tracking server, such as http://localhost:5000",
        )
    return value


def read_items(call: Call, value: dict[str, Any], key: str, server: str) -> list[Any]:
    """Return the list under `key`; MLflow leaves an empty list out."""
    items = value.get(key) or []
    if not isinstance(items, list):
        raise SourceError(
            f"{server} answers {call} with `{key}` as a {type(items).__name__}, expected a list",
            hint="check that the URL names an MLflow tracking server of version 2 or 3",
        )
    return items


def _refusal(call: Call, answer: Answer, server: str) -> SourceError:
    if answer.status in (401, 403):
        return SourceError(
            f"{server} does not let us read ({answer.status} to {call})",
            hint="set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN",
        )
    if 300 <= answer.status < 400:
        return SourceError(
            f"{server} redirects {call} ({answer.status}); redirects are not followed",
            hint="give the URL it redirects to, with https if the server wants it",
        )
    if answer.status >= 500:
        return SourceError(
            f"{server} fails with {answer.status} to {call}",
            hint="try again later; the server's own log says why",
        )
    return SourceError(
        f"{server} answers {answer.status} to {call}{_said(answer)}",
        hint="give the base URL of an MLflow tracking server of version 2 or 3",
    )


def _said(answer: Answer) -> str:
    """Return what MLflow itself says is wrong, when the answer is one of its error objects."""
    try:
        value = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    message = value.get("message") if isinstance(value, dict) else None
    return f": {message[:_SHOWN]}" if isinstance(message, str) else ""


def _not_json(call: Call, answer: Answer, server: str, found: str) -> SourceError:
    if answer.content.lstrip()[:1] == b"<":
        return SourceError(
            f"{server} answers {call} with a web page, expected JSON",
            hint="give the tracking server's base URL; a login page or proxy may stand before it",
        )
    return SourceError(
        f"{server} answers {call} with broken JSON ({found[:_SHOWN]})",
        hint="try again; if it stays, something between here and the server changes its answers",
    )
