"""Giving out receipts: the proof that a record lies under a signed head, to be kept by whoever wrote it."""

import msgspec

from registry.acts.heads import newest_signed_head
from registry.acts.state import get_trust_root, read_state
from registry.registry import Registry
from registry.trust.proof import Proof, Proven, format_proof, verify_proof
from schemas.errors import NotFound, Unproven, VerificationError


class LeafReceipt(msgspec.Struct, frozen=True):
    """A receipt's text, what it proves, and the log key that a holder checks it with."""

    text: str
    proven: Proven
    key: str


def prove_leaf(registry: Registry, seq: int) -> LeafReceipt:
    """Return the receipt of leaf `seq` under the newest signed head, checked before it is given out."""
    size = registry.ledger.head().size
    if not 0 <= seq < size:
        raise NotFound(f"the log has no leaf {seq}: it ends at {size - 1}", hint="muniment audit log")
    state = read_state(registry)
    head = newest_signed_head(registry, state)
    kept = registry.ledger.find_checkpoint(head.size)
    if kept is None or seq >= head.size:
        raise Unproven(
            f"leaf {seq} lies under no signed head: unsigned since {head.size}",
            hint="muniment audit checkpoint",
        )
    path = registry.ledger.inclusion_proof(head.size, seq)
    text = format_proof(Proof(registry.ledger.leaf(seq).to_bytes(), seq, path, kept[1]))
    faults = []
    for key in get_trust_root(state).log_keys:
        try:
            return LeafReceipt(text, verify_proof(text, key), key)
        except VerificationError as error:
            faults.append(error.message)
    raise Unproven(f"leaf {seq} cannot be proved: {'; '.join(faults)}", hint="muniment audit verify")
