"""Reading a server anew from where its last import closed, by what the log says of it."""

from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from registry.registry import Registry
from registry.store.selfcheck import leaves_of
from schemas.ledger import moment
from schemas.observation import Source
from schemas.statement import parse_envelope, parse_statement


@runtime_checkable
class TimedSource(Source, Protocol):
    """A source that can be read from a time on; the blind spot `mark` says in the log that it was read."""

    mark: str

    def go_on(self, read_at: datetime, overlap: timedelta) -> None:
        """Read only what is new since `read_at`, and what is about times from `overlap` before that on."""
        ...


def go_on(registry: Registry, source: Source, overlap: timedelta) -> None:
    """Let a source that was read before go on from there; any other is read whole."""
    if isinstance(source, TimedSource) and (read_at := _last_closed(registry, source)):
        source.go_on(moment(read_at), overlap)


def _last_closed(registry: Registry, source: TimedSource) -> str | None:
    # An import that broke off is not closed, and quarantined events that were tried again name no blind
    # spots: neither says that the server was read.
    for seq in reversed(leaves_of(registry.connection, "import")):
        leaf = registry.ledger.leaf(seq)
        body = registry.ledger.find_body(leaf.body)
        said = {} if body is None else parse_statement(parse_envelope(body).payload).predicate
        is_same = (said.get("kind"), said.get("source")) == (source.kind, source.name)
        if is_same and source.mark in said.get("blindSpots", ()):
            return leaf.time
    return None
