"""Giving out proofs: that a record lies under a signed head, and that one head continues another."""

import msgspec

from registry.acts.confirming import read_note
from registry.acts.heads import find_root_at, newest_granting_head, newest_signed_head
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.trust import merkle
from registry.trust.proof import Proof, Proven, format_proof, verify_proof
from registry.trust.witnessing import Submission, format_submission
from schemas.errors import NotFound, Unproven, VerificationError


class LeafReceipt(msgspec.Struct, frozen=True):
    """A receipt's text, what it proves, and the log key that a holder checks it with."""

    text: str
    proven: Proven
    key: str


class Continuation(msgspec.Struct, frozen=True):
    """A signed head of `size` leaves with the proof that it continues `old`: what a witness is handed."""

    old: int
    size: int
    text: str


def prove_consistency(registry: Registry, old: int) -> Continuation:
    """Return the newest signed head and the proof that it continues the first `old` leaves (none for 0)."""
    head = newest_signed_head(registry, read_state(registry))
    kept = registry.ledger.find_checkpoint(head.size)
    if kept is None:
        raise Unproven("the log has no signed head", hint="muniment audit checkpoint")
    if old > head.size:
        raise NotFound(
            f"the newest signed head is over {head.size} leaves, not {old}", hint="name an earlier size"
        )
    proof = registry.ledger.consistency_proof(old, head.size) if old else ()
    if old:
        root = registry.ledger.root_at(old)
        merkle.verify_consistency(old, head.size, proof, root, head.root)
    return Continuation(old, head.size, format_submission(Submission(old, proof, kept[1])))


def prove_leaf(registry: Registry, seq: int) -> LeafReceipt:
    """Return the receipt of leaf `seq` under the newest signed head, checked before it is given out."""
    size = registry.ledger.head().size
    if not 0 <= seq < size:
        raise NotFound(f"the log has no leaf {seq}: it ends at {size - 1}", hint="muniment audit log")
    state = read_state(registry)
    head = newest_granting_head(registry, state)
    if seq >= head.size:
        head = newest_signed_head(registry, state)
    if seq >= head.size:
        raise Unproven(
            f"leaf {seq} lies under no signed head: unsigned since {head.size}",
            hint="muniment audit checkpoint",
        )
    path = registry.ledger.inclusion_proof(head.size, seq)
    root = find_root_at(state, head.size) or get_trust_root(state)
    signed = read_note(registry, head.size).text
    text = format_proof(Proof(registry.ledger.leaf(seq).to_bytes(), seq, path, signed))
    faults = []
    for key in root.log_keys:
        try:
            return LeafReceipt(text, verify_proof(text, key, root.witnesses), key)
        except VerificationError as error:
            faults.append(error.message)
    raise Unproven(f"leaf {seq} cannot be proved: {'; '.join(faults)}", hint="muniment audit verify")
