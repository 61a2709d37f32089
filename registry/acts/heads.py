"""Heads of the log: grown from leaves, signed by the log key, confirmed by witnesses.

A head is believed only when a log key in force at its size signed it, and grants rest on it only when as
many witnesses as the trust root asks for confirm it.
"""

from bisect import bisect_right
from collections.abc import Iterable

import msgspec

from registry.acts.log_key import find_log_signer
from registry.acts.state import read_state
from registry.registry import Registry
from registry.store.last_head import check_last_head, read_last_head
from registry.trust import merkle, note
from registry.trust.cosignature import find_cosignatures
from registry.trust.fold import Record
from registry.trust.state import State
from registry.trust.trust_root import TrustRoot
from schemas.errors import Refused, VerificationError
from schemas.ledger import Checkpoint


class SignedHead(msgspec.Struct, frozen=True):
    """A head that a log key in force signed, and how many witnesses confirm it; size 0 when there is none."""

    size: int
    root: bytes
    witnesses: int = 0


NO_HEAD = SignedHead(0, merkle.EMPTY_ROOT)


def grow_frontier(registry: Registry) -> merkle.Frontier:
    """Return the tree's edge over every leaf, from the last signed head and the leaves behind it.

    Raise Refused when the log does not continue that head, or when the cached head says otherwise.
    """
    head = registry.ledger.head()
    known = read_last_head(registry.keys)
    check_last_head(known, head.size, registry.ledger.root_at)
    frontier = merkle.Frontier() if known is None else known.copy()
    frontier.extend(merkle.leaf_hash(data) for data in registry.ledger.leaf_datas(start=frontier.size))
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


def newest_signed_head(registry: Registry, state: State, within: int | None = None) -> SignedHead:
    """Return the newest kept head that a log key in force at its size signed, `within` so many leaves."""
    kept = registry.ledger.newest_checkpoints()
    found = (_signed(registry, state, at, text) for at, text in kept if within is None or at <= within)
    return next((head for head in found if head is not None), NO_HEAD)


def newest_granting_head(registry: Registry, state: State, within: int | None = None) -> SignedHead:
    """Return the newest signed head that as many witnesses confirm as the trust root of `state` asks for.

    Asked is the root in force now and the one in force at the head's size, whichever wants more.
    """
    now = 0 if state.trust_root is None else state.trust_root.witness_quorum
    if now == 0:
        newest = newest_signed_head(registry, state, within)
        if newest.witnesses >= _quorum_at(state, newest.size):
            return newest
    for at in registry.confirmations.witnessed_sizes():
        if within is not None and at > within:
            continue
        kept = registry.ledger.find_checkpoint(at)
        head = None if kept is None else _signed(registry, state, *kept)
        if head is not None and head.witnesses >= max(now, _quorum_at(state, at)):
            return head
    return NO_HEAD


def granting_size(registry: Registry) -> int:
    """Return how many leaves lie under the head that grants rest on."""
    return newest_granting_head(registry, read_state(registry)).size


def is_granting(registry: Registry, state: State, size: int) -> bool:
    """Tell whether the head of `size` leaves is kept, signed, and confirmed as the root of then asks."""
    kept = registry.ledger.find_checkpoint(size)
    head = None if kept is None else _signed(registry, state, *kept)
    return head is not None and head.witnesses >= _quorum_at(state, size)


def first_witnessed(registry: Registry, state: State, seqs: Iterable[int], size: int) -> set[int]:
    """Return, below `size`, the sizes of the first witnessed heads over each of `seqs`."""
    sizes = [at for at in reversed(registry.confirmations.witnessed_sizes()) if at < size]
    first = {sizes[at] for at in (bisect_right(sizes, seq) for seq in seqs) if at < len(sizes)}
    return {at for at in first if is_granting(registry, state, at)}


def find_lines(registry: Registry, note: str, size: int, witnesses: Iterable[str]) -> dict[str, str]:
    """Return the kept lines by which `witnesses` confirm the head in `note`, by the witness's name."""
    known = tuple(witnesses)
    found: dict[str, str] = {}
    for line in registry.confirmations.lines(size) if known else ():
        try:
            confirmed = find_cosignatures(note, (line,), known)
        except VerificationError:
            continue  # a damaged line confirms nothing; `audit verify` names it
        found.update((item.name, text) for item, text in confirmed if item.name not in found)
    return found


def find_root_at(state: State, size: int) -> TrustRoot | None:
    """Return the trust root in force for a head of `size` leaves."""
    return next((root.value for root in reversed(state.roots) if root.seq < size), None)


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


def _signed(registry: Registry, state: State, size: int, text: str) -> SignedHead | None:
    root = find_root_at(state, size)
    if root is None or size > registry.ledger.head().size:
        return None
    found = next((c for c in (_verified(text, key) for key in root.log_keys) if c is not None), None)
    if found is None or (found.origin, found.size) != (state.origin, size):
        return None
    return SignedHead(size, found.root, len(find_lines(registry, text, size, root.witnesses)))


def _quorum_at(state: State, size: int) -> int:
    root = find_root_at(state, size)
    return 0 if root is None else root.witness_quorum


def _verified(text: str, key: str) -> Checkpoint | None:
    try:
        return note.verify_checkpoint(text, key)
    except VerificationError:
        return None
