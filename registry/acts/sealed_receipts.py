"""The gate's answers about some versions, each with its place under the seal that holds it."""

from registry.acts.seals import RECEIPTS
from registry.bundle.contents import SealedReceipt
from registry.bundle.summary import Asked
from registry.registry import Registry
from registry.rules.receipt import parse_receipt
from registry.trust import merkle
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.statement import parse_envelope, parse_statement


def list_receipts(
    registry: Registry, manifests: frozenset[Digest], asked: Asked, size: int
) -> tuple[SealedReceipt, ...]:
    """Return the receipts in scope that are sealed below `size`, in the order of seals and places."""
    found: list[SealedReceipt] = []
    for seq in registry.inbox.seals(size):
        if _sealed_kind(registry, seq) == RECEIPTS:
            found += _of_seal(registry, seq, manifests, asked)
    return tuple(found)


def _of_seal(registry: Registry, seq: int, manifests: frozenset[Digest], asked: Asked) -> list[SealedReceipt]:
    digests = registry.inbox.sealed(seq)
    bodies = {index: registry.ledger.find_body(digest) for index, digest in enumerate(digests)}
    wanted = {i: b for i, b in bodies.items() if b is not None and _is_asked_for(b, manifests, asked)}
    if not wanted:
        return []
    get_hash = merkle.hash_reader([merkle.leaf_hash(digest.raw) for digest in digests])
    return [
        SealedReceipt(seq, index, merkle.inclusion_proof(len(digests), index, get_hash), body)
        for index, body in wanted.items()
    ]


def _sealed_kind(registry: Registry, seq: int) -> object:
    envelope = registry.ledger.find_body(registry.ledger.leaf(seq).body)
    # Nothing can be proved by a seal that is not here.
    return envelope and parse_statement(parse_envelope(envelope).payload).predicate.get("kind")


def _is_asked_for(receipt: bytes, manifests: frozenset[Digest], asked: Asked) -> bool:
    try:
        said = parse_receipt(receipt)
    except VerificationError:
        # Sealed by a program that read less strictly: it is no receipt, and proves nothing.
        return False
    return said.manifest in manifests and asked.covers(said.environment)
