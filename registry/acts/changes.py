"""What changed since a dossier was approved: composed again, compared part by part."""

import msgspec

from registry.acts.compose import compose_dossier
from registry.acts.reviews import find_asked
from registry.acts.state import read_state
from registry.registry import Registry
from registry.rules.changes import Change, compare
from registry.rules.exceptions import list_exceptions
from registry.rules.snapshot_lines import Snapshot, parse_snapshot
from registry.rules.status import status
from registry.trust.reviews import Asked
from registry.trust.state import Request, State
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import NotFound, VerificationError
from schemas.ledger import time_text


class Compared(msgspec.Struct, frozen=True):
    """The dossier compared with, and every difference to how things stand now."""

    base: Digest
    approved: bool
    changes: tuple[Change, ...]


def changes_since(registry: Registry, ref: VersionRef, environment: str) -> Compared:
    """Return what differs from the last approved dossier of `ref`, else from the last one asked about."""
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    base = _base(find_asked(state, manifest, environment))
    if base is not None and base.request.frozen is None:
        registry.ledger.get_body(base.request.dossier)  # says why it is not here
    if base is None:
        raise NotFound(
            f"nothing was ever decided about {ref} for {environment}",
            hint=f"muniment request {ref} --env {environment}",
        )
    made = _exceptions(registry, state, base.request)
    changes = (*_compare(registry, state, base), *made)
    return Compared(base.request.dossier, base.granted_by is not None, changes)


def _exceptions(registry: Registry, state: State, request: Request) -> tuple[Change, ...]:
    # They change nothing that was reviewed; whoever decides anew shall know of them all the same.
    found = status(state, request.manifest, request.environment, time_text(registry.clock()))
    return tuple(
        Change("exceptions", "exception added", registry.names.in_words(f"{made.said}: {made.word}"))
        for made in list_exceptions(found)
        if made.leaf > request.by.seq
    )


def _base(asked: tuple[Asked, ...]) -> Asked | None:
    granted = [a for a in asked if a.granted_by is not None]
    return granted[-1] if granted else (asked[-1] if asked else None)


def _compare(registry: Registry, state: State, base: Asked) -> tuple[Change, ...]:
    request = base.request
    if request.frozen is None:
        return ()
    now = compose_dossier(
        registry,
        state,
        request.manifest,
        request.environment,
        time_text(registry.clock()),
        policy=state.policies.get(request.policy_version),
        requester=request.by.person,
    )
    before = read_snapshot(registry.ledger.find_body(request.frozen.lineage.snapshot))
    return compare(request.frozen, now.parts, before, read_snapshot(now.snapshot))


def read_snapshot(body: bytes | None) -> Snapshot | None:
    """Return a snapshot's lines, None when they are absent or damaged."""
    if body is None:
        return None
    try:
        return parse_snapshot(body)
    except VerificationError:
        return None
