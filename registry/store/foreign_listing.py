"""Reading what foreign registries say: their versions in one list, and all that is known about a model."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec

from registry.store.foreign_contents import files_of, signature_of
from registry.store.foreign_history import GONE_AFTER, changes_of

_LIST = (
    "SELECT source.name, f.model, f.version, f.status, f.legacy_stage, "
    "(SELECT group_concat(alias, ', ') FROM (SELECT alias FROM foreign_alias AS a WHERE a.source = f.source "
    "AND a.model = f.model AND a.version = f.version ORDER BY alias)), "
    "(SELECT min(level) FROM foreign_file AS file WHERE file.source = f.source AND file.model = f.model "
    "AND file.version = f.version), "
    "coalesce((SELECT readings FROM foreign_missing AS m WHERE m.source = f.source AND m.model = f.model "
    "AND m.version = f.version), 0) "
    "FROM foreign_version AS f JOIN source ON source.id = f.source "
    "WHERE instr(f.model, ?1) > 0 ORDER BY 1, 2, CAST(f.version AS INTEGER), 3 LIMIT ?2"
)
_VERSION = (
    "SELECT f.version, f.created_at, f.status, f.artifact_uri, f.legacy_stage, f.description, "
    "f.claimed_user, run.run_id FROM foreign_version AS f LEFT JOIN run ON run.id = f.run "
    "WHERE f.source = ? AND f.model = ? ORDER BY CAST(f.version AS INTEGER), 1"
)
_VERSION_KEYS = (
    "version",
    "created_at",
    "status",
    "artifact_uri",
    "legacy_stage",
    "description",
    "claimed_user",
    "run",
)


def list_versions(connection: sqlite3.Connection, wanted: str, limit: int) -> list[dict[str, Any]]:
    """Return versions of models whose name contains `wanted`; `files` is absent, reported or verified."""
    return [
        {
            "source": source,
            "model": model,
            "version": version,
            "status": status,
            "legacy_stage": stage,
            "aliases": aliases.split(", ") if aliases else [],
            "files": level or "absent",
            "presence": _presence(readings),
        }
        for source, model, version, status, stage, aliases, level, readings in connection.execute(
            _LIST, (wanted, limit)
        )
    ]


def read_models(connection: sqlite3.Connection, model: str) -> list[dict[str, Any]]:
    """Return all that each source says, and said before, about the model of exactly this name."""
    rows = connection.execute(
        "SELECT f.source, source.name, f.description, f.created_at FROM foreign_model AS f "
        "JOIN source ON source.id = f.source WHERE f.name = ? ORDER BY 2",
        (model,),
    )
    return [
        {
            "source": name,
            "model": model,
            "description": description,
            "created_at": created,
            "presence": _presence_of(connection, source, model, ""),
            "tags": _pairs(connection, "foreign_tag", source, model),
            "aliases": _pairs(connection, "foreign_alias", source, model),
            "versions": list(_versions(connection, source, model)),
            "history": [msgspec.structs.asdict(change) for change in changes_of(connection, source, model)],
        }
        for source, name, description, created in rows.fetchall()
    ]


def _versions(connection: sqlite3.Connection, source: int, model: str) -> Iterator[dict[str, Any]]:
    for row in connection.execute(_VERSION, (source, model)).fetchall():
        value = dict(zip(_VERSION_KEYS, row, strict=True))
        version = value["version"]
        value["presence"] = _presence_of(connection, source, model, version)
        value["tags"] = _pairs(connection, "foreign_tag", source, model, version)
        value["signature"] = signature_of(connection, source, model, version)
        value["files"] = [
            {"path": file.path, "size": file.size, "sha256": file.digest, "level": level}
            for file, level in files_of(connection, source, model, version)
        ]
        yield value


def _pairs(
    connection: sqlite3.Connection, table: str, source: int, model: str, version: str = ""
) -> dict[str, str]:
    sql = {
        "foreign_tag": "SELECT key, value FROM foreign_tag WHERE source = ? AND model = ? AND version = ?",
        "foreign_alias": "SELECT alias, version FROM foreign_alias WHERE source = ? AND model = ? AND ? = ''",
    }
    return dict(connection.execute(f"{sql[table]} ORDER BY 1", (source, model, version)).fetchall())


def _presence_of(connection: sqlite3.Connection, source: int, model: str, version: str) -> str:
    row = connection.execute(
        "SELECT readings FROM foreign_missing WHERE source = ? AND model = ? AND version = ?",
        (source, model, version),
    ).fetchone()
    return _presence(0 if row is None else row[0])


def _presence(readings: int) -> str:
    return "present" if readings == 0 else "missing" if readings < GONE_AFTER else "gone"
