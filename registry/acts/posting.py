"""Posting a few bytes to a server of somebody else's, and reading a few back."""

import msgspec

from schemas.errors import SourceError, Usage

MAX_ANSWER = 65_536
_SECONDS = 20.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Posted(msgspec.Struct, frozen=True):
    """What a server answered."""

    status: int
    kind: str
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, for a person or a line by line reading."""
        return self.body.decode("utf-8", "replace")


def post(url: str, body: bytes, kind: str, what: str) -> Posted:
    """Return the answer of `url` to `body`, whatever its status; raise SourceError when there is none."""
    import httpx2  # noqa: PLC0415 - slow to import, needed only here

    if not url.startswith(("http://", "https://")):
        raise Usage("expected an address that begins with http:// or https://")
    if "@" in url.split("/")[2]:
        raise Usage(
            "an address holds no name or password: arguments are seen by others", hint="leave them out"
        )
    hint = f"check the address, and that {what} runs"
    timeout = httpx2.Timeout(_SECONDS, connect=_SECONDS / 4)
    try:
        # A proxy of this machine's settings is no way to a server on this machine.
        around = httpx2.URL(url).host not in _LOOPBACK
        with (
            httpx2.Client(timeout=timeout, trust_env=around) as client,
            client.stream("POST", url, content=body, headers={"Content-Type": kind}) as response,
        ):
            answer = bytearray()
            for part in response.iter_bytes():
                answer += part
                if len(answer) > MAX_ANSWER:
                    raise SourceError(f"{url} answers with more than {MAX_ANSWER} bytes", hint=hint)
            said = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Posted(response.status_code, said, bytes(answer))
    except httpx2.TimeoutException as error:
        raise SourceError(f"{url} does not answer in time", hint=hint) from error
    except (httpx2.TransportError, httpx2.DecodingError, httpx2.InvalidURL, UnicodeError) as error:
        raise SourceError(f"{url} cannot be reached ({type(error).__name__})", hint=hint) from error
