"""Heads of the log: grown from leaves, signed by the log key, and believed only when that key signed them."""

import msgspec

from registry.acts.log_key import find_log_signer
from registry.registry import Registry
from registry.store.last_head import check_last_head, read_last_head
from registry.trust import merkle, note
from registry.trust.fold import Record
from registry.trust.state import State
from schemas.errors import Refused, VerificationError
from schemas.ledger import Checkpoint


class SignedHead(msgspec.Struct, frozen=True):
    """A head that a log key in force signed; size 0 when there is none."""

    size: int
    root: bytes


NO_HEAD = SignedHead(0, merkle.EMPTY_ROOT)


def grow_frontier(registry: Registry) -> merkle.Frontier:
    """Return the tree's edge over every leaf, from the last signed head and the leaves behind it.

    Raise Refused when the log does not continue that head, or when the cached head says otherwise.
    """
    head = registry.ledger.head()
    known = read_last_head(registry.keys)
    check_last_head(known, head.size, registry.ledger.root_at)
    frontier = merkle.Frontier() if known is None else known.copy()
    for data in registry.ledger.leaf_datas(start=frontier.size):
        frontier.append(merkle.leaf_hash(data))
    if (frontier.size, frontier.root()) != (head.size, head.root):
        raise Refused(
            "HEAD_CACHE: the head kept in the database is not the head of its leaves; nothing was signed",
            hint="muniment audit verify",
        )
    return frontier


def sign_head(registry: Registry) -> merkle.Frontier | None:
    """Sign and keep the present head; return its edge, or None without a log key."""
    signer = find_log_signer(registry)
    if signer is None:
        return None
    frontier = grow_frontier(registry)
    if registry.ledger.find_checkpoint(frontier.size) is None:
        head = Checkpoint(registry.origin, frontier.size, frontier.root())
        registry.ledger.save_checkpoint(frontier.size, note.sign_checkpoint(head, signer))
    return frontier


def newest_signed_head(registry: Registry, state: State) -> SignedHead:
    """Return the newest kept head that a log key in force at its size signed, within the log."""
    size = registry.ledger.head().size
    for at, text in sorted(registry.ledger.checkpoints().items(), reverse=True):
        keys = next((r.value.log_keys for r in reversed(state.roots) if r.seq < at), ())
        found = next((c for c in (_verified(text, key) for key in keys) if c is not None), None)
        if found is not None and (found.origin, found.size) == (state.origin, at) and at <= size:
            return SignedHead(at, found.root)
    return NO_HEAD


def find_uncovered(registry: Registry, records: list[Record], head: SignedHead) -> int | None:
    """Return the first of `records` below `head` that its root does not prove, None when it proves all."""
    prove = registry.ledger.prover(head.size)
    for record in records:
        if record.leaf.seq >= head.size:
            continue
        leaf = merkle.leaf_hash(record.leaf.to_bytes())
        try:
            merkle.verify_inclusion(leaf, record.leaf.seq, head.size, prove(record.leaf.seq), head.root)
        except VerificationError:
            return record.leaf.seq
    return None


def _verified(text: str, key: str) -> Checkpoint | None:
    try:
        return note.verify_checkpoint(text, key)
    except VerificationError:
        return None
