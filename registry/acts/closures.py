"""Which lineage names a reviewed dossier rests on: how an import finds the dossiers it touches."""

from collections.abc import Iterable

from registry.registry import Registry
from schemas.digest import Digest


def remember_closure(registry: Registry, manifest: Digest, environment: str, members: Iterable[str]) -> None:
    """Index what a snapshot rests on under the dossier's version and environment."""
    registry.connection.executemany(
        "INSERT OR IGNORE INTO closure VALUES (?, ?, ?)",
        [(member, manifest, environment) for member in sorted(members)],
    )


def touched_by(registry: Registry, members: Iterable[str]) -> set[tuple[Digest, str]]:
    """Return (manifest, environment) of the dossiers that rest on any of `members`."""
    found = set()
    for member in members:
        rows = registry.connection.execute(
            "SELECT manifest, environment FROM closure WHERE member = ?", (member,)
        )
        found |= {(Digest(row[0]), str(row[1])) for row in rows}
    return found
