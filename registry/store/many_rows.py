"""Many rows with few statements: the cost of a small row is mostly that of its statement."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

_ROWS = 100

Row = Sequence[Any]


def insert_rows(
    connection: sqlite3.Connection, into: str, width: int, rows: Iterable[Row], after: str = ""
) -> None:
    """Run `into VALUES (?, ...), ... after` for rows of `width` values each, in their order."""
    mark = f"({', '.join('?' * width)})"
    for part in _parts(rows):
        marks = ", ".join([mark] * len(part))
        connection.execute(f"{into} VALUES {marks} {after}", tuple(chain.from_iterable(part)))


def select_each(
    connection: sqlite3.Connection, select: str, width: int, keys: Iterable[Row]
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of `select`, in which `asked` holds the keys: `n` counts from 0, then k1, k2 ..."""
    names = ", ".join(f"k{i + 1}" for i in range(width))
    mark = f"({', '.join('?' * (width + 1))})"
    numbered = ((n, *key) for n, key in enumerate(keys))
    for part in _parts(numbered):
        marks = ", ".join([mark] * len(part))
        sql = f"WITH asked (n, {names}) AS (VALUES {marks}) {select}"
        yield from connection.execute(sql, tuple(chain.from_iterable(part)))


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while part := list(islice(iterator, _ROWS)):
        yield part
