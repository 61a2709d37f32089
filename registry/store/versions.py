"""Model versions by name: a projection of the log, checked against the manifest that it names."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from registry.store.columns import count, digest, text
from schemas.asset import VersionRef
from schemas.digest import Digest


class Versions:
    """The table `governed_version`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def add(self, ref: VersionRef, manifest: Digest, seq: int) -> None:
        """Remember where a version was registered."""
        self._connection.execute(
            "INSERT INTO governed_version VALUES (?, ?, ?, ?, ?)",
            (ref.namespace, ref.name, ref.version, manifest, seq),
        )

    def find_manifest(self, ref: VersionRef) -> Digest | None:
        """Return the manifest digest of `ref`."""
        row = self._connection.execute(
            "SELECT manifest FROM governed_version WHERE namespace = ? AND name = ? AND version = ?",
            (ref.namespace, ref.name, ref.version),
        ).fetchone()
        return None if row is None else digest(row[0], "the manifest of a version")

    def find_ref(self, manifest: Digest) -> VersionRef | None:
        """Return the name under which `manifest` was registered."""
        row = self._connection.execute(
            "SELECT namespace, name, version FROM governed_version WHERE manifest = ?", (manifest,)
        ).fetchone()
        return None if row is None else _ref(row)

    def by_subject(self, subject: Digest) -> list[tuple[VersionRef, Digest]]:
        """Return the versions whose registration is about `subject`: an artifact's or a single file's."""
        rows = self._connection.execute(
            "SELECT v.namespace, v.name, v.version, v.manifest FROM leaf_subject s "
            "JOIN governed_version v ON v.seq = s.seq WHERE s.subject = ? ORDER BY 1, 2, 3",
            (subject,),
        )
        return [_named(row) for row in rows]

    def all(self, after: VersionRef | None = None, limit: int = -1) -> Iterator[tuple[VersionRef, Digest]]:
        """Yield versions in name order, those after `after`."""
        key = ("", "", 0) if after is None else (after.namespace, after.name, after.version)
        rows = self._connection.execute(
            "SELECT namespace, name, version, manifest FROM governed_version "
            "WHERE (namespace, name, version) > (?, ?, ?) ORDER BY 1, 2, 3 LIMIT ?",
            (*key, limit),
        )
        return (_named(row) for row in rows)


def _ref(row: Sequence[Any]) -> VersionRef:
    return VersionRef(
        text(row[0], "the namespace of a version"),
        text(row[1], "the name of a version"),
        count(row[2], "the number of a version"),
    )


def _named(row: Sequence[Any]) -> tuple[VersionRef, Digest]:
    return _ref(row), digest(row[3], "the manifest of a version")
