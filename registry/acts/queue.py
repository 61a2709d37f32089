"""What waits for a decision, and what needs attention."""

import msgspec

from registry.acts.reviews import find_asked
from registry.acts.state import read_state
from registry.acts.statuses import environments_of
from registry.acts.wording import words_of
from registry.registry import Registry
from registry.rules.break_glass import alarm
from registry.rules.status import Status, part_words, status
from registry.trust.state import Request, State
from registry.views import QueueItem, QueueView, QuorumRow
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.ledger import time_text

_ATTENTION = ("stale", "expired", "revoked")
_PASSED = ("pass", "waived", "not-applicable")


class OpenRequest(msgspec.Struct, frozen=True):
    """An open request as `queue` lists it."""

    item: QueueItem
    dossier: Digest


class Queue(msgspec.Struct, frozen=True):
    """The open requests, oldest first, and what stands behind a break-glass that has not run out."""

    open: tuple[OpenRequest, ...]
    alarms: tuple[QueueItem, ...]


def read_queue(registry: Registry) -> Queue:
    """Return what `queue` prints; a dossier that a quorum has approved waits for nobody."""
    items = _items(registry)
    found = [OpenRequest(i, request.dossier) for i, request in items if request is not None and i.asked]
    return Queue(
        tuple(sorted(found, key=lambda o: o.item.requested_at)),
        tuple(sorted((i for i, _ in items if i.alarm), key=lambda i: (i.subject, i.environment))),
    )


def list_queue(registry: Registry, view: QueueView) -> tuple[QueueItem, ...]:
    """Return the items of one home list, most urgent first."""
    items = list(_items(registry))
    if view is QueueView.WAITING:
        chosen = [i for i, _ in items if i.asked]
    elif view is QueueView.ATTENTION:
        chosen = [i for i, _ in items if i.alarm or i.status in _ATTENTION]
    else:
        chosen = [i for i, _ in items]
    tiers = {"critical": 0, "high": 1, "medium": 2, "low": 3}
    return tuple(sorted(chosen, key=lambda i: (not i.alarm, tiers.get(i.tier, 4), i.requested_at, i.subject)))


def _items(registry: Registry) -> list[tuple[QueueItem, Request | None]]:
    now = time_text(registry.clock())
    rows: list[tuple[QueueItem, Request | None]] = []
    for ref, manifest in registry.versions.all():
        state = read_state(registry, manifest)
        for environment in environments_of(state, manifest) or ("",):
            found = status(state, manifest, environment, now)
            asked = find_asked(state, manifest, environment)
            last = next((a for a in asked if a.open), None)
            request = None if last is None else last.request
            # A dossier a quorum approved waits for nobody, whatever became of it since.
            waits = last is not None and last.granted_by is None
            item = _item(
                state, ref, manifest, environment, found, request, _question(len(asked), waits=waits)
            )
            in_words = words_of(registry, state, manifest)
            said = {name: tuple(map(in_words, getattr(item, name))) for name in ("why", "next")}
            rows.append((msgspec.structs.replace(item, **said, alarm=in_words(item.alarm)), request))
    return rows


def _note(found: Status) -> str:
    # The reasons say it in full; a row has room for the parts.
    parts = dict.fromkeys(part_words(cause.part) for cause in found.causes)
    return f"changed: {', '.join(parts)}" if parts else ""


def _question(times_asked: int, *, waits: bool) -> str:
    if not waits:
        return ""
    return "re-approve" if times_asked > 1 else "approve"


def _item(
    state: State,
    ref: VersionRef,
    manifest: Digest,
    environment: str,
    found: Status,
    request: Request | None,
    question: str,
) -> QueueItem:
    checks = request.frozen.checks if request is not None and request.frozen is not None else ()
    return QueueItem(
        subject=str(ref),
        environment=environment,
        manifest=manifest,
        status=found.status,
        version_state=found.version_state,
        tier=state.find_tier(manifest) or "",
        asked=question and f"{question} for {environment}",
        checks_met=sum(c.result in _PASSED for c in checks),
        checks_total=len(checks),
        quorum=tuple(QuorumRow(q.role, q.have, q.need) for q in found.quorum),
        requested_at=request.by.time if request is not None else "",
        alarm=alarm(found),
        note=_note(found),
        why=(*found.unproven, *found.why),
        next=tuple(found.next),
    )
