"""One HTTP client for an MLflow tracking server. Secrets come from the environment and go nowhere else."""

import hashlib
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

import httpx2
import msgspec

from importers.mlflow.answers import Answer, Call, Hashed
from schemas.errors import SourceError, Usage

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 60.0
_MAX_BYTES = 1 << 30
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TRUST_HINT = "name the server's certificate in MLFLOW_TRACKING_SERVER_CERT_PATH"
_HEADERS = "MUNIMENT_MLFLOW_HEADERS"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_EXAMPLE = "muniment import mlflow http://localhost:5000"


class Address(msgspec.Struct, frozen=True):
    """Where a server is, without whatever credentials its URL held."""

    url: str
    host: str
    namespace: str


class Credentials(msgspec.Struct, frozen=True):
    """How we introduce ourselves; never part of a message, a name or a log."""

    user: str = ""
    password: str = ""
    token: str = ""
    workspace: str = ""

    def __repr__(self) -> str:
        return "Credentials(…)"


def parse_address(text: str) -> Address:
    """Return the address in `text`; raise Usage, without repeating a secret, for what is not an HTTP URL."""
    parts = _split(text)
    host = (parts.hostname or "").lower()
    shown = f"[{host}]" if ":" in host else host
    if port := _port(parts):
        shown = f"{shown}:{port}"
    path = parts.path.rstrip("/")
    return Address(f"{parts.scheme.lower()}://{shown}{path}", host, f"mlflow://{shown}{path}")


def find_credentials(text: str, environ: Mapping[str, str]) -> Credentials:
    """Return what the environment says, as MLflow's own clients read it, or else what the URL holds."""
    parts = _split(text)
    found = Credentials(
        user=environ.get("MLFLOW_TRACKING_USERNAME", "") or unquote(parts.username or ""),
        password=environ.get("MLFLOW_TRACKING_PASSWORD", "") or unquote(parts.password or ""),
        token=environ.get("MLFLOW_TRACKING_TOKEN", ""),
        workspace=environ.get("MLFLOW_WORKSPACE", ""),
    )
    for name, value in (("MLFLOW_TRACKING_TOKEN", found.token), ("MLFLOW_WORKSPACE", found.workspace)):
        if not (value.isascii() and value.isprintable()):
            raise Usage(f"{name} holds characters that an HTTP header cannot carry")
    return found


def find_headers(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the headers in MUNIMENT_MLFLOW_HEADERS, `Name: value` a line, for servers behind a proxy."""
    found: dict[str, str] = {}
    for number, line in enumerate(environ.get(_HEADERS, "").splitlines(), 1):
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or not _TOKEN.fullmatch(name) or not (value.isascii() and value.isprintable()):
            # Neither name nor value is repeated: a secret may stand in either when the line is odd.
            raise Usage(f"{_HEADERS}: line {number} is not `Name: value`")
        found[name] = value.strip()
    return found


class Server:
    """A tracking server that answers calls."""

    def __init__(self, text: str, environ: Mapping[str, str], *, seconds: float = _ANSWER_SECONDS) -> None:
        self.address = parse_address(text)
        credentials = find_credentials(text, environ)
        headers = {"Accept": "application/json", **find_headers(environ)}
        if credentials.workspace:
            headers["X-MLFLOW-WORKSPACE"] = credentials.workspace
        basic: httpx2.BasicAuth | None = None
        # MLflow's clients prefer user and password when both are set; so do we.
        if credentials.user:
            basic = httpx2.BasicAuth(credentials.user, credentials.password)
        elif credentials.token:
            headers["Authorization"] = f"Bearer {credentials.token}"
        self._client = httpx2.Client(
            headers=headers,
            auth=basic,
            timeout=httpx2.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
            trust_env=self.address.host not in _LOOPBACK,
            verify=_trust(environ),
        )

    def fetch(self, call: Call) -> Answer:
        """Return the server's answer, whatever its status; raise SourceError when there is none."""
        with self._answering(call) as response:
            return Answer(response.status_code, _read(response, f"{self.address.url} answers {call}"))

    def hash(self, call: Call, limit: int) -> Hashed:
        """Return the digest and size of the server's answer, whatever its status; keep nothing of it.

        One of more than `limit` bytes is not read to its end: its size says so.
        """
        digest, size = hashlib.sha256(), 0
        with self._answering(call) as response:
            for part in response.iter_bytes():
                digest.update(part)
                size += len(part)
                if size > limit:
                    break
        return Hashed(response.status_code, digest.hexdigest(), size)

    @contextmanager
    def _answering(self, call: Call) -> Iterator[httpx2.Response]:
        url = self.address.url
        try:
            with self._client.stream(
                call.method, url + call.path, params=call.params, json=call.body
            ) as response:
                yield response
        except httpx2.ConnectError as error:
            untrusted = "CERTIFICATE_VERIFY_FAILED" in str(error)
            hint = _TRUST_HINT if untrusted else _reach_hint(url)
            raise SourceError(f"{url} cannot be reached ({error})", hint=hint) from error
        except httpx2.TimeoutException as error:
            raise SourceError(f"{url} does not answer {call} in time", hint=_reach_hint(url)) from error
        except (httpx2.TransportError, httpx2.DecodingError, httpx2.InvalidURL) as error:
            raise SourceError(
                f"{url} breaks off while answering {call} ({type(error).__name__})", hint=_reach_hint(url)
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()


def _read(response: httpx2.Response, what: str) -> bytes:
    content = bytearray()
    for part in response.iter_bytes():
        content += part
        if len(content) > _MAX_BYTES:
            raise SourceError(f"{what} with more than 1 GiB", hint="check that this is an MLflow server")
    return bytes(content)


def _trust(environ: Mapping[str, str]) -> ssl.SSLContext | bool:
    """Return whom to trust for https: the file MLflow's clients are given, else who is trusted anyway."""
    path = environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH")
    if not path:
        return True
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        # ssl.SSLError is an OSError too: the file is not there, or holds no certificate.
        raise Usage(f"MLFLOW_TRACKING_SERVER_CERT_PATH: {path} holds no usable certificate") from error


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _port(parts)
    except ValueError:
        # The message of ValueError may quote the URL, and with it a password.
        raise Usage("the MLflow address is not a URL", hint=_EXAMPLE) from None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        raise Usage("the MLflow address is neither an http(s) URL nor a folder here", hint=_EXAMPLE)
    return parts


def _port(parts: SplitResult) -> int | None:
    return parts.port


def _reach_hint(url: str) -> str:
    return f"check that the server runs and the address is right: curl {url}/version"
