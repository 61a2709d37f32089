"""Reading and checking the trail."""

from collections.abc import Callable

import msgspec

from registry.acts.head_signing import sign_head
from registry.acts.state import read_whole_state
from registry.acts.writing import writing
from registry.registry import Registry
from registry.store.last_head import check_last_head
from registry.trust import merkle, note
from schemas.digest import Digest
from schemas.errors import NotFound, VerificationError
from schemas.ledger import parse_leaf

Progress = Callable[[int, int], None]


class Audited(msgspec.Struct, frozen=True):
    """What a whole check of the log found; `problems` is empty when every record holds."""

    size: int
    signed_size: int
    bodies: int
    absent: int
    problems: tuple[str, ...]


def verify_log(registry: Registry, progress: Progress | None = None) -> Audited:
    """Re-hash every leaf and body, recompute the root, check every signed head, and fold everything."""
    frontier, problems, bodies, absent = merkle.Frontier(), [], 0, 0
    heads = registry.ledger.checkpoints()
    size = registry.ledger.head().size
    signed = 0
    for seq, data in enumerate(registry.ledger.leaf_datas()):
        problems += _check_leaf(data, seq)
        frontier.append(merkle.leaf_hash(data))
        body = registry.ledger.stored_body(parse_leaf(data).body)
        if body is None:
            absent += 1
        elif Digest.of(body) == parse_leaf(data).body:
            bodies += 1
        else:
            problems.append(f"leaf {seq}: BODY_DIGEST: the stored record is not the one that was logged")
        if seq + 1 in heads:
            problems += _check_head(registry, heads[seq + 1], frontier.root(), seq + 1)
            signed = seq + 1
        if progress is not None and seq % 256 == 0:
            progress(seq + 1, size)
    if frontier.size != size:
        problems.append(f"LOG_TRUNCATED: {frontier.size} leaves are here, the head says {size}")
    elif frontier.root() != registry.ledger.head().root:
        problems.append("LOG_ROOT_MISMATCH: the cached head is not the root of the leaves")
    problems += [f"head at {n}: LOG_TRUNCATED: beyond the log" for n in heads if n > frontier.size]
    state = read_whole_state(registry)
    problems += [f"leaf {p.seq}: {p.code}: {p.message}" for p in state.problems]
    check_last_head(registry.keys, frontier.size, registry.ledger.root_at)
    return Audited(frontier.size, signed, bodies, absent, tuple(problems))


def sign_checkpoint(registry: Registry) -> int:
    """Sign the present head and return its size; raise NotFound without the log key."""
    if registry.find_log_key() is None:
        raise NotFound(
            f"{registry.keys}: the log key is not readable here", hint="run this where the log key is"
        )
    with writing(registry):
        pass
    signed = sign_head(registry)
    return 0 if signed is None else signed[0]


def _check_leaf(data: bytes, seq: int) -> list[str]:
    try:
        leaf = parse_leaf(data)
    except VerificationError as error:
        return [f"leaf {seq}: {error.message}"]
    return [] if leaf.seq == seq else [f"leaf {seq}: LEAF_SEQ: it says it is {leaf.seq}"]


def _check_head(registry: Registry, text: str, root: bytes, size: int) -> list[str]:
    state = read_whole_state(registry, stop=size)
    try:
        checkpoint = note.verify_checkpoint(text, state.get_trust_root().log_keys[0])
    except VerificationError as error:
        return [f"head at {size}: {error.message}"]
    if checkpoint.size != size or checkpoint.root != root or checkpoint.origin != registry.origin:
        return [f"head at {size}: LOG_ROOT_MISMATCH: it was signed over other leaves"]
    return []
