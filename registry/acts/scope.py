"""What a bundle about one version takes with it: records, and the documents they name."""

from typing import Any

import msgspec

from registry.registry import Registry
from registry.rules.dossier import parse_dossier
from registry.store.columns import find_digest
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import RECORD_TYPES, Leaf, parse_leaf
from schemas.statement import Statement, parse_envelope, parse_statement

_DOCUMENTS = ("document", "dossier")


class Scope(msgspec.Struct, frozen=True):
    """Which leaves' envelopes are enclosed, and which bodies."""

    seqs: frozenset[int]
    bodies: dict[Digest, bytes]


def scope_of(
    registry: Registry, manifest: Digest, size: int, seals: frozenset[int], *, with_evidence: bool
) -> Scope:
    """Return what concerns `manifest` below `size`: authority, its own records, erasures, and `seals`."""
    seqs, wanted, mentioned = set(), {manifest}, {manifest}
    erasures: list[Leaf] = []
    for data in registry.ledger.leaf_datas(size):
        leaf = parse_leaf(data)
        if leaf.type == "redaction":
            erasures.append(leaf)
        if not _concerns(leaf, manifest, seals):
            continue
        seqs.add(leaf.seq)
        mentioned.add(leaf.body)
        envelope = registry.ledger.find_body(leaf.body)
        if envelope is not None:
            statement = parse_statement(parse_envelope(envelope).payload)
            wanted |= _named(statement, with_evidence=with_evidence)
            mentioned |= _named(statement, with_evidence=True)
    bodies: dict[Digest, bytes] = {}
    for digest in wanted:
        mentioned |= _take(registry, digest, bodies)
    # Why something is not here is told with what lacks it.
    seqs |= {leaf.seq for leaf in erasures if mentioned.intersection(leaf.subjects)}
    return Scope(frozenset(seqs), bodies)


def _concerns(leaf: Leaf, manifest: Digest, seals: frozenset[int]) -> bool:
    kind = RECORD_TYPES[leaf.type]
    return (kind.about_origin and kind.decides) or manifest in leaf.subjects or leaf.seq in seals


def _named(statement: Statement, *, with_evidence: bool) -> set[Digest]:
    """Return the documents a statement names that travel with it."""
    named = {s.digest for s in statement.subjects if s.name in _DOCUMENTS}
    if with_evidence:
        named |= {s.digest for s in statement.subjects if s.name == "evidence"}
    said: dict[str, Any] = statement.predicate
    conditions = said.get("conditions")
    texts = [said.get("reason"), *(conditions if isinstance(conditions, list) else ())]
    if statement.kind == "policy-set":
        texts.append(said.get("source"))
    if statement.kind == "dossier-changed":
        texts.append(said.get("to"))
    return named | {digest for text in texts if (digest := find_digest(text)) is not None}


def _take(registry: Registry, digest: Digest, bodies: dict[Digest, bytes]) -> set[Digest]:
    """Enclose a document, with the lineage of a dossier, and return what it names besides."""
    data = registry.ledger.find_body(digest)
    if data is None or digest in bodies:
        return set()
    bodies[digest] = data
    try:
        parts = parse_dossier(data)
    except VerificationError:
        return set()
    _take(registry, parts.lineage.snapshot, bodies)
    return {parts.lineage.snapshot}
