"""Tags that we set in a foreign registry: kept, so that a change by somebody else is noticed."""

import sqlite3


def written_tags(connection: sqlite3.Connection, source: int) -> list[tuple[str, str, str, str]]:
    """Return (model, version, key, value) of every tag that we set in a source."""
    rows = connection.execute(
        "SELECT model, version, key, value FROM foreign_written WHERE source = ? ORDER BY 1, 2, 3", (source,)
    )
    return [(model, version, key, value) for model, version, key, value in rows.fetchall()]


def put_written(
    connection: sqlite3.Connection, source: int, model: str, version: str, tags: dict[str, str]
) -> None:
    """Keep what was set on one version."""
    connection.executemany(
        "INSERT OR REPLACE INTO foreign_written (source, model, version, key, value) VALUES (?, ?, ?, ?, ?)",
        [(source, model, version, key, value) for key, value in sorted(tags.items())],
    )
