"""Which event said something that is in force: provenance of facets and of other names."""

import sqlite3
from datetime import UTC, datetime, timedelta

import msgspec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = "event.raw_digest, source.kind, source.name, event.run, run.run_id"
_JOINS = "JOIN source ON source.id = event.source LEFT JOIN run ON run.id = event.run"
_FACETS = (
    f"SELECT f.name, f.instant, {_COLUMNS} FROM facet AS f "  # noqa: S608 - fixed columns
    f"JOIN event ON event.id = f.event {_JOINS} WHERE f.node = ? AND f.value IS NOT NULL"
)
_ALIAS = (
    f"SELECT alias.reason, 0, {_COLUMNS} FROM alias "  # noqa: S608 - fixed columns
    f"JOIN event ON event.id = alias.event {_JOINS} WHERE alias.a = ? AND alias.b = ?"
)


class SaidBy(msgspec.Struct, frozen=True):
    """The event that said so: the SHA-256 of its bytes, its source and, where it is about one, its run."""

    digest: str
    kind: str
    source: str
    run_id: str | None
    at: str | None = None


def who_said_facets(connection: sqlite3.Connection, node: int) -> dict[str, SaidBy]:
    """Return, for every facet in force of a dataset or job, the event that gave it and from when."""
    return {row[0]: _said(row) for row in connection.execute(_FACETS, (node,))}


def who_said_alias(connection: sqlite3.Connection, a: int, b: int) -> SaidBy | None:
    """Return the event that made the two names one dataset, or None when no event did."""
    row = connection.execute(_ALIAS, (min(a, b), max(a, b))).fetchone()
    return None if row is None else _said(row)


def moment(instant: int) -> str:
    """Return nanoseconds since 1970 as RFC 3339 UTC, with the digits that say something."""
    seconds, nanoseconds = divmod(instant, 1_000_000_000)
    try:
        text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    except OverflowError:
        return str(instant)
    digits = f"{nanoseconds:09}".rstrip("0")
    return f"{text}{'.' + digits if digits else ''}Z"


def _said(row: tuple[object, ...]) -> SaidBy:
    digest, kind, source, _, run_id = row[2:]
    instant = row[1] if isinstance(row[1], int) else 0
    return SaidBy(
        bytes(digest).hex() if isinstance(digest, bytes) else "",
        str(kind),
        str(source),
        None if run_id is None else str(run_id),
        moment(instant) if instant else None,
    )
