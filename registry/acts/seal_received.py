"""Posted events become registry state: projected and sealed in one transaction (RECORDS section 3)."""

import hashlib
from collections.abc import Callable

from registry.acts.actor import Actor
from registry.acts.closures import touched_by
from registry.acts.seals import append_seal
from registry.acts.service_key import find_service_signer, get_service_signer
from registry.acts.writing import writing
from registry.registry import Registry
from registry.store.prepared import prepare
from registry.store.received import Kept, Received
from registry.store.take_in import Intake
from registry.store.touched import members
from schemas.observation import Observation, Unreadable

Progress = Callable[[int, int], None]
Read = Callable[[bytes, str], Observation | Unreadable]

KIND = "openlineage"
SOURCE = "receiver"
SLICE = 500
"""Events a transaction: the write lock is held for a fraction of a second, and answers go on."""

_UNFORESEEN = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def seal_received(registry: Registry, read: Read, limit: int = SLICE) -> int:
    """Project and seal the oldest events that wait, and return how many; 0 when none do.

    An event that the projection stumbles over is quarantined: it must not hold up those behind it.
    """
    while True:
        try:
            return _seal(registry, read, limit)
        except _UNFORESEEN as error:
            if limit == 1:
                _refuse_oldest(registry, f"cannot be projected: {type(error).__name__}: {error}")
            limit = max(1, limit // 2)


def seal_posted(registry: Registry, read: Read, most: int, progress: Progress) -> int:
    """Seal at most `most` posted events and return how many; none where the service key is not readable."""
    if find_service_signer(registry) is None:
        return 0
    sealed = 0
    while sealed < most and (done := seal_received(registry, read, min(SLICE, most - sealed))):
        sealed += done
        progress(sealed, 0)
    return sealed


def _seal(registry: Registry, read: Read, limit: int) -> int:
    signer = get_service_signer(registry, "seals of posted events")
    received = Received(registry.connection)
    kept = received.waiting(limit)
    if not kept:
        return 0
    # Made ready before the write lock is taken: whoever writes meanwhile does not wait for it.
    items = {item.id: _item(item, read) for item in kept}
    ready = prepare(items.values())
    with writing(registry) as writer:
        left = received.still(items)
        if len(left) < len(items):
            ready = prepare(items[number] for number in left)
        batch = Intake(registry.connection, KIND, SOURCE).put(ready)
        if batch.digests:
            append_seal(writer, Actor(signer), KIND, batch.digests)
        writer.touched |= touched_by(registry, members(registry.connection, batch.nodes, batch.runs))
        received.remove(left)
    return len(left)


def _item(kept: Kept, read: Read) -> Observation | Unreadable:
    if kept.reason is None:
        return read(kept.raw, kept.sender)
    return Unreadable(kept.raw, hashlib.sha256(kept.raw).digest(), kept.sender, kept.reason)


def _refuse_oldest(registry: Registry, reason: str) -> None:
    received = Received(registry.connection)
    registry.connection.execute("BEGIN IMMEDIATE")
    for item in received.waiting(1):
        received.refuse(item, reason)
    registry.connection.execute("COMMIT")
