"""What an act may do inside one transaction of the log."""

from datetime import datetime

from registry.registry import Registry
from registry.store.ledger import Entry
from schemas.digest import Digest
from schemas.ledger import Leaf
from schemas.statement import parse_envelope, parse_statement


class Writer:
    """What an act may do inside the transaction."""

    def __init__(self, registry: Registry, now: datetime) -> None:
        self.registry = registry
        self.now = now
        self.leaves: list[Leaf] = []
        self.touched: set[tuple[Digest, str]] = set()
        """(manifest, environment) of reviewed dossiers whose lineage an import brought facts about."""

    def put_body(self, data: bytes) -> Digest:
        """Keep a document beside the log."""
        return self.registry.ledger.put_body(data)

    def append(self, *envelopes: bytes) -> list[Leaf]:
        """Append signed records; type and subjects are read from the statements themselves."""
        entries = []
        for envelope in envelopes:
            statement = parse_statement(parse_envelope(envelope).payload)
            subjects = tuple(dict.fromkeys(s.digest for s in statement.subjects))
            entries.append(Entry(statement.kind, envelope, subjects))
        leaves = self.registry.ledger.append(entries, self.now)
        self.leaves.extend(leaves)
        return leaves
