"""Sealing: what was durable in the inbox becomes registry state (RECORDS section 3)."""

import base64
from collections.abc import Sequence

from registry.acts.actor import Actor, subject
from registry.acts.redeciding import find_disagreement
from registry.acts.writer import Writer
from registry.registry import Registry
from registry.rules.receipt import parse_receipt
from registry.store.inbox import Waiting
from registry.trust import merkle
from schemas.digest import Digest
from schemas.errors import Unproven, VerificationError
from schemas.ledger import Leaf, origin_subject

RECEIPTS = "receipts"


def item_root(items: Sequence[bytes]) -> bytes:
    """Return the RFC 6962 root over items in order."""
    return merkle.root(merkle.leaf_hashes(items))


def append_seal(writer: Writer, service: Actor, kind: str, items: Sequence[bytes]) -> Leaf:
    """Append one seal over digests, 32 bytes each, and keep them in order."""
    origin = writer.registry.origin
    predicate = {"count": len(items), "kind": kind, "root": base64.b64encode(item_root(items)).decode()}
    envelope = service.sign("seal", (subject(origin, origin_subject(origin)),), predicate)
    leaf = writer.append(envelope)[0]
    writer.registry.inbox.add_sealed(leaf.seq, items)
    return leaf


def seal_receipts(writer: Writer, service: Actor) -> None:
    """Seal the gate answers that wait; one that disagrees when decided again is quarantined, never sealed."""
    waiting = writer.registry.inbox.waiting(RECEIPTS)
    good: list[Waiting] = []
    digests: list[Digest] = []
    for item in waiting:
        if item.digest is not None and _holds(writer.registry, item.digest):
            good.append(item)
            digests.append(item.digest)
        else:
            writer.registry.inbox.mark([item], "quarantined")
    if not good:
        return
    append_seal(writer, service, RECEIPTS, [digest.raw for digest in digests])
    writer.registry.inbox.mark(good, "sealed")


def _holds(registry: Registry, digest: Digest) -> bool:
    """Whether the body is a receipt that says what the log says; the inbox holds what anybody put there."""
    body = registry.ledger.find_body(digest)
    if body is None:
        return False
    try:
        return find_disagreement(registry, parse_receipt(body)) is None
    except (VerificationError, Unproven):
        return False
