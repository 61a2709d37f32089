"""Reading and checking the trail: everything that can be recomputed is."""

from collections.abc import Callable

import msgspec

from registry.acts.audit_beside import TileAudit, audit_tokens, find_confirmation_problems
from registry.acts.audit_erasures import count_erased, find_erasure_problems
from registry.acts.state import read_whole_state
from registry.acts.writing import writing
from registry.registry import Registry
from registry.store.last_head import check_last_head, read_last_head
from registry.trust import merkle, note
from registry.trust.state import State
from schemas.digest import Digest
from schemas.errors import NotFound, VerificationError
from schemas.ledger import RECORD_TYPES, Leaf, parse_leaf

Progress = Callable[[int, int], None]
_EVERY = 256


class Audited(msgspec.Struct, frozen=True):
    """What a whole check of the log found; `problems` is empty when every record holds.

    `absent` are records whose bytes are not here; `erased` bodies of any kind that the log says are erased;
    `unchecked` timestamp tokens, where the library that reads them is not installed.
    """

    size: int
    signed_size: int
    bodies: int
    absent: int
    problems: tuple[str, ...]
    erased: int = 0
    unchecked: int = 0


class _Tree(msgspec.Struct):
    """The tree as it is recomputed, and what was found on the way."""

    frontier: merkle.Frontier
    roots: dict[int, bytes]
    problems: list[str]
    bodies: int = 0
    absent: int = 0


def verify_log(registry: Registry, progress: Progress | None = None) -> Audited:
    """Re-hash every leaf and record, recompute the tree, check every signed head, and fold everything."""
    head, heads = registry.ledger.head(), registry.ledger.checkpoints()
    tree = _rehash(registry, frozenset(heads), head.size, progress)
    size = tree.frontier.size
    problems = tree.problems
    if size != head.size:
        problems.append(f"LOG_TRUNCATED: {size} leaves are here, the head says {head.size}")
    elif tree.frontier.root() != head.root:
        problems.append("LOG_ROOT_MISMATCH: the cached head is not the root of the leaves")
    state = read_whole_state(registry)
    for at, text in sorted(heads.items()):
        problems += _check_head(state, at, text, tree.roots.get(at))
    problems += find_confirmation_problems(registry, state)
    tokens = audit_tokens(registry, state)
    problems += tokens.problems
    problems += [f"leaf {p.seq}: {p.code}: {p.message}" for p in state.problems]
    problems += _check_names(registry, state)
    problems += _check_documents(registry)
    problems += find_erasure_problems(registry, state)
    check_last_head(read_last_head(registry.keys), size, registry.ledger.root_at)
    signed = max((at for at in heads if at <= size), default=0)
    erased = count_erased(registry)
    return Audited(size, signed, tree.bodies, tree.absent, tuple(problems), erased, tokens.unchecked)


def sign_checkpoint(registry: Registry) -> int:
    """Sign the present head and return its size; raise NotFound without the log key."""
    if registry.find_log_key() is None:
        raise NotFound(
            f"{registry.keys}: the log key is not readable here", hint="run this where the log key is"
        )
    with writing(registry):
        pass
    return registry.ledger.head().size


def _rehash(registry: Registry, wanted: frozenset[int], size: int, progress: Progress | None) -> _Tree:
    tree, tiles = _Tree(merkle.Frontier(), {}, []), TileAudit(registry.ledger)
    heads, seq = sorted(wanted), 0
    for batch in registry.ledger.leaf_batches():
        hashes = merkle.leaf_hashes(batch)
        tree.roots |= tree.frontier.extend_noting(hashes, heads)
        for data, leaf_hash in zip(batch, hashes, strict=True):
            tiles.append(leaf_hash)
            _check_leaf(registry, tree, seq, data)
            seq += 1
            if progress is not None and seq % _EVERY == 0:
                progress(seq, size)
    tree.problems += tiles.finish()
    return tree


def _check_leaf(registry: Registry, tree: _Tree, seq: int, data: bytes) -> None:
    try:
        leaf = parse_leaf(data)
    except VerificationError as error:
        tree.problems.append(f"leaf {seq}: {error.message}")
        return
    if leaf.seq != seq:
        tree.problems.append(f"leaf {seq}: LEAF_SEQ: it says it is {leaf.seq}")
    if registry.ledger.indexed_subjects(seq) != _index_of(leaf):
        tree.problems.append(f"leaf {seq}: INDEX_MISMATCH: the index of subjects is not what the leaf says")
    body = registry.ledger.stored_body(leaf.body)
    if body is None:
        tree.absent += 1
        if registry.ledger.erasures.find(leaf.body) is None:
            tree.problems.append(f"leaf {seq}: BODY_MISSING: the record is gone, and none says it was erased")
    elif Digest.of(body) == leaf.body:
        tree.bodies += 1
    else:
        tree.problems.append(f"leaf {seq}: BODY_DIGEST: the stored record is not the one that was logged")


def _index_of(leaf: Leaf) -> frozenset[str]:
    return frozenset(leaf.subjects) if RECORD_TYPES[leaf.type].decides else frozenset()


def _check_documents(registry: Registry) -> list[str]:
    """Re-hash every document beside the log: a dossier or evidence file that was altered is named."""
    return [
        f"document {digest}: BODY_DIGEST: the stored bytes are not those the log speaks of"
        for digest, data in registry.ledger.documents()
        if Digest.of(data) != digest
    ]


def _check_names(registry: Registry, state: State) -> list[str]:
    """Compare the projection of names with the registrations that stand."""
    listed = {(ref, manifest) for ref, manifest in registry.versions.all()}
    logged = set(state.names.items())
    # What a registration said that is not here cannot be held against the list.
    unread = {m for m, gaps in state.missing.items() if any(g.what == "version-registered" for g in gaps)}
    return [
        f"NAMES_MISMATCH: {ref} is listed with manifest {manifest}, the log says otherwise"
        for ref, manifest in sorted(listed ^ logged)
        if manifest not in unread
    ]


def _check_head(state: State, size: int, text: str, root: bytes | None) -> list[str]:
    in_force = next((r.value for r in reversed(state.roots) if r.seq < size), None)
    if root is None or in_force is None:
        return [f"head at {size}: LOG_TRUNCATED: it lies beyond the leaves that are here"]
    for key in in_force.log_keys:
        try:
            checkpoint = note.verify_checkpoint(text, key)
        except VerificationError as error:
            refusal = error.message
            continue
        if (checkpoint.origin, checkpoint.size, checkpoint.root) == (state.origin, size, root):
            return []
        return [f"head at {size}: LOG_ROOT_MISMATCH: it was signed over other leaves"]
    return [f"head at {size}: {refusal}"]
