"""Asking a witness over HTTP to confirm the newest signed head (C2SP tlog-witness v1, add-checkpoint)."""

import re

from registry.acts.confirming import Added, add_lines
from registry.acts.posting import Posted, post
from registry.acts.prove import prove_consistency
from registry.registry import Registry
from schemas.errors import Refused, SourceError

_SIZE = re.compile(r"(0|[1-9][0-9]{0,15})\n")
_CONFLICT = 409
_TRIES = 4
"""The size a witness knows may move while we ask: others may hand it the same log."""


def ask_witness(registry: Registry, url: str) -> Added:
    """Hand the newest signed head to the witness at `url` and keep its lines; raise when it refuses."""
    address = url.rstrip("/") + "/add-checkpoint"
    old = 0
    for _ in range(_TRIES):
        given = prove_consistency(registry, old)
        answer = post(address, given.text.encode(), "text/plain", "the witness")
        if answer.status != _CONFLICT:
            break
        known = _known_size(answer)
        if known is None or known == old:
            raise _forked(url, given.size)
        if known > given.size:
            raise Refused(
                f"ROLLBACK: {url} has confirmed {known} leaves of this log, the head here has {given.size}",
                hint="this database may be an older copy: restore the newer one",
            )
        old = known
    if answer.status != 200:
        raise _refusal(url, answer, given.size)
    return add_lines(registry, answer.text, given.size)


def _known_size(answer: Posted) -> int | None:
    found = _SIZE.fullmatch(answer.text) if answer.kind == "text/x.tlog.size" else None
    return None if found is None else int(found[1])


def _forked(url: str, size: int) -> Refused:
    return Refused(
        f"FORK: {url} has confirmed another history of this log than its head of {size} leaves",
        hint="this database may be a copy that went its own way: compare it with the other",
    )


def _refusal(url: str, answer: Posted, size: int) -> Refused | SourceError:
    said = " ".join(answer.text.split())[:200]
    if answer.status == 403:
        return Refused(
            f"{url} does not accept the log's key", hint="give it the log key that root show prints"
        )
    if answer.status == 404:
        return Refused(
            f"{url} does not know this log", hint="give it the origin and the log key that root show prints"
        )
    if answer.status == 422:
        return _forked(url, size)
    return SourceError(f"{url} answers {answer.status}: {said}", hint="try again later, or ask who runs it")
