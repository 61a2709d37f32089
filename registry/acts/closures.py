"""Which lineage names a reviewed dossier rests on: how an import finds the dossiers it touches."""

from collections.abc import Iterable

from registry.registry import Registry
from registry.rules.snapshot_lines import parse_snapshot
from schemas.digest import Digest


def remember_closure(registry: Registry, manifest: Digest, environment: str, snapshot: bytes) -> None:
    """Index the names in `snapshot`, gaps included, under the dossier's version and environment."""
    lines = parse_snapshot(snapshot)
    members = {n.name for n in lines.nodes} | {g.at for g in lines.gaps}
    members |= {name for alias in lines.aliases for name in (alias.a, alias.b)}
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
        found |= {(Digest(row[0]), row[1]) for row in rows}
    return found
