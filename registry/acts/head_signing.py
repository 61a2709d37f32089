"""Signing the head of the log, which only a holder of the log key can do."""

from registry.registry import Registry
from registry.trust import note
from schemas.ledger import Checkpoint


def sign_head(registry: Registry) -> tuple[int, bytes] | None:
    """Sign and keep the present head; return its size and root, or None without a log key."""
    signer = registry.find_log_key()
    if signer is None:
        return None
    head = registry.ledger.head()
    if registry.ledger.find_checkpoint(head.size) is None:
        text = note.sign_checkpoint(Checkpoint(registry.origin, head.size, head.root), signer)
        registry.ledger.save_checkpoint(head.size, text)
    return head.size, head.root
