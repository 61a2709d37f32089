"""Files and signatures of foreign model versions: as reported, or as hashed on this machine."""

import sqlite3
from collections.abc import Iterator

import msgspec

from registry.store.foreign_history import Change, note
from schemas.observation import ContentsFact, Facets, ModelFile

REPORTED, VERIFIED = "reported", "verified"


def put_contents(connection: sqlite3.Connection, source: int, fact: ContentsFact, now: str) -> None:
    """Keep what a version is made of; a list that says nothing new never replaces hashes made here."""
    owner = (source, fact.model, fact.version)
    before = {file.path: (file, level) for file, level in files_of(connection, *owner)}
    if fact.level == VERIFIED or not _same_files(before, fact.files):
        _replace(connection, owner, fact, before)
        for file in fact.files:
            was = before.get(file.path, (file, ""))[0].digest
            if was is not None and file.digest is not None and was != file.digest:
                change = Change(fact.model, fact.version, "file", file.path, was, file.digest, now)
                note(connection, source, change)
    if fact.signature is not None:
        connection.execute(
            "INSERT INTO foreign_signature (source, model, version, value) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (source, model, version) DO UPDATE SET value = excluded.value "
            "WHERE value IS NOT excluded.value",
            (*owner, msgspec.json.encode(fact.signature, order="sorted")),
        )


def files_of(
    connection: sqlite3.Connection, source: int, model: str, version: str
) -> Iterator[tuple[ModelFile, str]]:
    """Yield each file of a version with its level, in path order."""
    rows = connection.execute(
        "SELECT path, size, digest, level FROM foreign_file "
        "WHERE source = ? AND model = ? AND version = ? ORDER BY path",
        (source, model, version),
    )
    for path, size, digest, level in rows.fetchall():
        yield ModelFile(path, size, digest), level


def signature_of(connection: sqlite3.Connection, source: int, model: str, version: str) -> Facets | None:
    """Return inputs, outputs, params and flavours of a version, None where none were read."""
    row = connection.execute(
        "SELECT value FROM foreign_signature WHERE source = ? AND model = ? AND version = ?",
        (source, model, version),
    ).fetchone()
    return None if row is None else msgspec.json.decode(row[0], type=Facets)


def listed_versions(connection: sqlite3.Connection, kind: str, name: str) -> frozenset[tuple[str, str]]:
    """Return the versions of a source whose files are known here."""
    rows = connection.execute(
        "SELECT DISTINCT model, version FROM foreign_file JOIN source ON source.id = foreign_file.source "
        "WHERE source.kind = ? AND source.name = ?",
        (kind, name),
    )
    return frozenset((model, version) for model, version in rows)


def _same_files(before: dict[str, tuple[ModelFile, str]], now: tuple[ModelFile, ...]) -> bool:
    return {path: file.size for path, (file, _) in before.items()} == {f.path: f.size for f in now}


def _replace(
    connection: sqlite3.Connection,
    owner: tuple[int, str, str],
    fact: ContentsFact,
    before: dict[str, tuple[ModelFile, str]],
) -> None:
    lost = before.keys() - {file.path for file in fact.files}
    connection.executemany(
        "DELETE FROM foreign_file WHERE source = ? AND model = ? AND version = ? AND path = ?",
        [(*owner, path) for path in sorted(lost)],
    )
    connection.executemany(
        "INSERT OR REPLACE INTO foreign_file (source, model, version, path, size, digest, level) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (*owner, file.path, file.size, file.digest, fact.level)
            for file in fact.files
            if before.get(file.path) != (file, fact.level)
        ],
    )
