"""Quick questions to the tables, each one statement: what `doctor` asks before anybody reads everything."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from schemas.digest import Digest
from schemas.errors import StoreError
from schemas.ledger import RECORD_TYPES

_TYPE = "json_extract(CAST(data AS TEXT), '$.type')"


def count_unindexed(connection: sqlite3.Connection) -> int:
    """Return how many leaves that decide something are not found under any subject."""
    deciding = [name for name, kind in RECORD_TYPES.items() if kind.decides]
    rows = _ask(
        connection,
        f"SELECT count(*) FROM leaf WHERE {_TYPE} IN (SELECT value FROM json_each(?)) "  # noqa: S608
        "AND NOT EXISTS (SELECT 1 FROM leaf_subject s WHERE s.seq = leaf.seq)",
        (json.dumps(deciding),),
    )
    return int(rows[0][0])


def count_unlogged_names(connection: sqlite3.Connection) -> int:
    """Return how many versions are listed under a name that no registration in the log gave them."""
    rows = _ask(
        connection,
        "SELECT count(*) FROM governed_version v WHERE NOT EXISTS "  # noqa: S608
        f"(SELECT 1 FROM leaf WHERE leaf.seq = v.seq AND {_TYPE} = 'version-registered' "
        "AND json_extract(CAST(data AS TEXT), '$.subjects[0]') = v.manifest)",
        (),
    )
    return int(rows[0][0])


def leaves_of(connection: sqlite3.Connection, *types: str) -> list[int]:
    """Return the places of all leaves of `types`, in order."""
    rows = _ask(
        connection,
        f"SELECT seq FROM leaf WHERE {_TYPE} IN (SELECT value FROM json_each(?)) ORDER BY seq",  # noqa: S608
        (json.dumps(types),),
    )
    return [int(row[0]) for row in rows]


def sources_of(connection: sqlite3.Connection, digests: Iterable[Digest]) -> dict[Digest, str]:
    """Return the source that each raw digest came from, for those that were taken or quarantined."""
    rows = _ask(
        connection,
        "WITH wanted AS (SELECT value FROM json_each(?)), "
        "item AS (SELECT raw_digest, source FROM event UNION ALL SELECT raw_digest, source FROM quarantine) "
        "SELECT lower(hex(item.raw_digest)), source.name FROM item JOIN source ON source.id = item.source "
        "WHERE lower(hex(item.raw_digest)) IN wanted",
        (json.dumps([digest.hex for digest in digests]),),
    )
    return {Digest.from_hex(row[0]): str(row[1]) for row in rows}


def _ask(connection: sqlite3.Connection, statement: str, values: tuple[str, ...]) -> list[Any]:
    try:
        return connection.execute(statement, values).fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"the database does not answer: {error}", hint="muniment audit verify") from error
