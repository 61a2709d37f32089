"""Reading and checking the trail: everything that can be recomputed is."""

import os

import msgspec

from registry.acts.audit_beside import audit_tokens, find_confirmation_problems
from registry.acts.audit_erasures import count_erased, find_erasure_problems
from registry.acts.audit_range import RangeAudit
from registry.acts.audit_tree import Progress, Recomputed, recompute_tree
from registry.acts.audit_workers import choose_jobs, workers
from registry.acts.state import read_whole_state
from registry.acts.writing import writing
from registry.registry import DATABASE, Registry
from registry.store.last_head import check_last_head, read_last_head
from registry.store.transaction import one_state
from registry.trust import note
from registry.trust.state import State
from schemas.digest import Digest
from schemas.errors import NotFound, VerificationError


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


def verify_log(registry: Registry, progress: Progress | None = None, *, jobs: int | None = None) -> Audited:
    """Re-hash every leaf and record, recompute the tree, check every signed head, and fold everything.

    `jobs` processes share the leaves; when none is named their number follows from the size of the log.
    """
    with one_state(registry.connection):
        return _verify(registry, progress, jobs)


def _verify(registry: Registry, progress: Progress | None, jobs: int | None) -> Audited:
    head, heads = registry.ledger.head(), registry.ledger.checkpoints()
    tree = _rehash(registry, heads, jobs or choose_jobs(head.size, os.cpu_count()), progress)
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


def _rehash(registry: Registry, heads: dict[int, str], jobs: int, progress: Progress | None) -> Recomputed:
    audit = RangeAudit(registry.connection)
    with workers(registry.home / DATABASE, jobs - 1) as helpers:
        return recompute_tree(audit, heads, helpers=helpers, where=registry.home, progress=progress)


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
