"""What an import that broke off left: seals that no closing record names."""

from registry.registry import Registry
from registry.store.selfcheck import leaves_of
from schemas.digest import Digest
from schemas.observation import Source
from schemas.statement import parse_envelope, parse_statement

_OF_SOURCE = (
    "SELECT s.seq FROM seal_items AS s CROSS JOIN event AS e "
    "ON substr(e.raw_digest, 1, 8) = substr(s.digests, 1, 8) AND e.raw_digest = substr(s.digests, 1, 32) "
    "WHERE e.source = (SELECT id FROM source WHERE kind = ? AND name = ?) ORDER BY s.seq"
)


def seals_left_open(registry: Registry, source: Source) -> list[int]:
    """Return the seals of earlier imports of this source that were never closed."""
    seals = {row[0]: None for row in registry.connection.execute(_OF_SOURCE, (source.kind, source.name))}
    if not seals:
        return []
    for seq in leaves_of(registry.connection, "import"):
        body = registry.ledger.get_body(registry.ledger.leaf(seq).body)
        for sealed in parse_statement(parse_envelope(body).payload).predicate.get("seals", ()):
            seals.pop(sealed, None)
    return list(seals)


def every_dossier(registry: Registry) -> set[tuple[Digest, str]]:
    """Return (manifest, environment) of all dossiers: nobody knows which the lost import touched."""
    rows = registry.connection.execute("SELECT DISTINCT manifest, environment FROM closure")
    return {(Digest(row[0]), str(row[1])) for row in rows}
