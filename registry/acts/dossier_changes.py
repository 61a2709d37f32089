"""Saying in the log which reviewed dossiers no longer describe what is there (RECORDS section 6).

Looked at are open requests and dossiers a quorum approved, and of these the ones this act touched: their
version has a new record, or an import brought facts about a name their lineage rests on.
"""

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.changes import read_snapshot
from registry.acts.closures import remember_closure
from registry.acts.compose import Composed, compose_dossier
from registry.acts.reviews import find_asked
from registry.acts.state import read_state
from registry.acts.writer import Writer
from registry.rules.changes import StalePart, compare, stale_parts
from registry.trust.reviews import Asked
from registry.trust.state import State
from schemas.digest import Digest
from schemas.errors import Unproven
from schemas.ledger import RECORD_TYPES, time_text

_NO_NEWS = frozenset({"review-requested", "approval", "withdrawn", "dossier-changed", "bundle-exported"})


def note_changes(writer: Writer, service: Actor) -> None:
    """Append a dossier-changed record for every reviewed dossier that this act's facts changed."""
    if not writer.leaves:
        return
    through = writer.leaves[-1].seq
    for manifest, environment in sorted(_touched(writer)):
        state = read_state(writer.registry, manifest)
        for asked in find_asked(state, manifest, environment):
            if asked.open or asked.granted_by is not None:
                _note(writer, service, state, asked, through)


def _touched(writer: Writer) -> set[tuple[Digest, str]]:
    manifests = {
        s
        for leaf in writer.leaves
        if leaf.type not in _NO_NEWS and not RECORD_TYPES[leaf.type].about_origin
        for s in leaf.subjects
    }
    # The log itself says where a version was reviewed; the index of closures only serves imports.
    reviewed = {
        key
        for manifest in manifests
        for key in read_state(writer.registry, manifest).reviews
        if key[0] == manifest
    }
    return reviewed | writer.touched


def _note(writer: Writer, service: Actor, state: State, asked: Asked, through: int) -> None:
    request = asked.request
    if request.frozen is None:
        return
    registry = writer.registry
    try:
        now = compose_dossier(
            registry,
            state,
            request.manifest,
            request.environment,
            max(time_text(writer.now), state.time),
            policy=state.policies.get(request.policy_version),
            requester=request.by.person,
        )
    except Unproven as error:
        # What can no longer be composed is no longer what was reviewed; the new facts are kept all the same.
        part = StalePart("documents", f"cannot be read again: {error.message}"[:500])
        _append(writer, service, asked, None, (part,), through)
        return
    base_snapshot = read_snapshot(registry.ledger.find_body(request.frozen.lineage.snapshot))
    parts = stale_parts(compare(request.frozen, now.parts, base_snapshot, read_snapshot(now.snapshot)))
    _append(writer, service, asked, now, parts, through)


def _append(
    writer: Writer,
    service: Actor,
    asked: Asked,
    now: Composed | None,
    parts: tuple[StalePart, ...],
    through: int,
) -> None:
    request = asked.request
    if _same(parts, asked) or request.frozen is None:
        return
    ref = request.frozen.subject.ref
    to = request.dossier if now is None else writer.put_body(now.dossier)
    envelope = service.sign(
        "dossier-changed",
        (subject(ref, request.manifest), subject("dossier", request.dossier)),
        {
            "base": request.dossier,
            "environment": request.environment,
            "parts": [msgspec.to_builtins(part) for part in parts],
            "through": through,
            "to": to,
        },
    )
    writer.append(envelope)
    if now is not None:
        writer.put_body(now.snapshot)
        remember_closure(writer.registry, request.manifest, request.environment, now.members)


def _same(parts: tuple[StalePart, ...], asked: Asked) -> bool:
    """Say whether the log holds these parts already; a record that repeats itself says nothing."""
    return {(p.part, p.cause) for p in parts} == {(c.part, c.cause) for c in asked.changes}
