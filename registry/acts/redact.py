"""Erasing a body: what becomes unprovable is said first, then the log says why and the bytes are gone.

The tree keeps the digest, so that everything else stays proved. What the fold could have read makes its
answers unproven; somebody's words change no verdict (RECORDS section 7).
"""

import msgspec

from registry.acts import seals
from registry.acts.actor import Actor, subject
from registry.acts.body_uses import Uses, find_uses
from registry.acts.heads import newest_granting_head
from registry.acts.service_key import get_service_signer
from registry.acts.statuses import environments_of
from registry.acts.writing import writing
from registry.registry import Registry
from registry.rules.receipt import decide
from registry.rules.status import status
from registry.store.erasures import sweep, zero_deleted
from registry.trust.fold import Record, fold
from registry.trust.reviews import review
from registry.trust.state import State
from registry.trust.steps.erasures import SUBJECT
from schemas.digest import Digest
from schemas.errors import Conflict, NotFound, Refused, Usage
from schemas.ledger import RECORD_TYPES, origin_subject, time_text

REASONS = ("erasure-request", "retention", "secret", "mistake")
_COMPUTED_FROM = frozenset({"bias-recorded", "risk-assessed", "evaluation-recorded", "monitoring-recorded"})
_KEPT = "records of roots, policies, keys and erasures are what every other record is proved by"


class Loss(msgspec.Struct, frozen=True):
    """An answer that is lost: what a version's status in an environment was, and why it turns UNPROVEN."""

    name: str
    environment: str
    status: str
    verdict: str
    why: str


class Plan(msgspec.Struct, frozen=True):
    """What erasing a body would do; `needed` names the open reviews that read it."""

    digest: Digest
    size: int
    uses: Uses
    losses: tuple[Loss, ...]
    needed: tuple[str, ...]
    notes: tuple[str, ...]


class Redacted(msgspec.Struct, frozen=True):
    """A body that is gone, by the record at `leaf`; `swept` says that no copy is left in the files."""

    digest: Digest
    leaf: int
    swept: bool


def plan_redaction(registry: Registry, target: str) -> Plan:
    """Return what erasing the body `target` (a digest, or the number of a leaf) would do; change nothing."""
    digest = _digest_of(registry, target)
    _refuse_gone(registry, digest)
    data = registry.ledger.stored_body(digest)
    if data is None:
        raise NotFound(f"no bytes are kept under {digest}", hint="muniment audit log lists digests")
    uses = find_uses(registry, digest)
    _refuse_authority(uses)
    losses, needed = _look_ahead(registry, digest, uses)
    return Plan(digest, len(data), uses, losses, needed, tuple(_notes(uses)))


def redact(registry: Registry, plan: Plan, reason: str) -> Redacted:
    """Erase the body as planned: log it, drop its bytes, and overwrite what is left of them in the files."""
    if reason not in REASONS:
        raise Usage(f"no reason is called {reason!r}", hint=f"reasons: {', '.join(REASONS)}")
    actor, record = Actor(get_service_signer(registry, "erasures")), plan.uses.record
    said: dict[str, object] = {"reason": reason, "what": plan.uses.what}
    if record is not None:
        said["leaf"] = record.seq
    zero_deleted(registry.connection)
    with writing(registry) as writer:
        _refuse_gone(registry, plan.digest)
        # Answers that wait for their seal are decided again now: afterwards they could not be.
        seals.seal_receipts(writer, actor)
        envelope = actor.sign("redaction", (subject(SUBJECT, plan.digest),), said)
        leaf = writer.append(envelope)[0].seq
        registry.ledger.erasures.write(plan.digest, leaf)
    return Redacted(plan.digest, leaf, sweep(registry.connection))


def _digest_of(registry: Registry, target: str) -> Digest:
    if target.isascii() and target.isdigit():
        seq, size = int(target), registry.ledger.head().size
        if seq >= size:
            raise NotFound(f"the log has no leaf {target}: it ends at {size - 1}", hint="muniment audit log")
        return registry.ledger.leaf(seq).body
    try:
        return Digest(target)
    except ValueError as error:
        raise Usage(str(error), hint="name a body by its digest, or a record by its leaf") from error


def _refuse_gone(registry: Registry, digest: Digest) -> None:
    erased = registry.ledger.erasures.find(digest)
    if erased is not None:
        raise Conflict(f"{digest} was {erased} already", hint="muniment redact --sweep overwrites copies")


def _refuse_authority(uses: Uses) -> None:
    if uses.record is None:
        return
    kind = RECORD_TYPES[uses.record.type]
    if (kind.about_origin and kind.decides) or uses.record.type == "redaction":
        raise Refused(f"the {uses.record.type} at leaf {uses.record.seq} is never erased: {_KEPT}")


def _look_ahead(registry: Registry, digest: Digest, uses: Uses) -> tuple[tuple[Loss, ...], tuple[str, ...]]:
    manifests = dict.fromkeys(
        s for leaf in uses.leaves for s in leaf.subjects if registry.versions.find_ref(s) is not None
    )
    losses: list[Loss] = []
    needed: list[str] = []
    for manifest in () if uses.what == "text" else manifests:
        records = list(registry.ledger.records_about((origin_subject(registry.origin), manifest)))
        before = fold(registry.origin, records, registry.ledger.find_body)
        after = _fold_without(registry, records, digest)
        for environment in environments_of(before, manifest) or ("",):
            losses += _loss(registry, before, after, manifest, environment)
            if environment and _reads(registry, before, manifest, environment, digest, uses):
                needed.append(f"{registry.versions.find_ref(manifest)} for {environment}")
    return tuple(losses), tuple(needed)


def _fold_without(registry: Registry, records: list[Record], digest: Digest) -> State:
    left = [Record(r.leaf, None) if r.leaf.body == digest else r for r in records]
    return fold(registry.origin, left, lambda d: None if d == digest else registry.ledger.find_body(d))


def _loss(
    registry: Registry, before: State, after: State, manifest: Digest, environment: str
) -> tuple[Loss, ...]:
    now = time_text(registry.clock())
    lost = status(after, manifest, environment, now).unproven
    if not lost or status(before, manifest, environment, now).unproven:
        return ()
    was = decide(before, manifest, environment, now, newest_granting_head(registry, before).size)
    name = str(registry.versions.find_ref(manifest))
    return (Loss(name, environment, was.status, was.verdict, "; ".join(lost)),)


def _reads(
    registry: Registry, state: State, manifest: Digest, environment: str, digest: Digest, uses: Uses
) -> bool:
    """Say whether an open review that no quorum has filled rests on the body."""
    for asked in review(state, manifest, environment).asked:
        if not asked.open or asked.granted_by is not None:
            continue
        dossier = asked.request.dossier
        named = digest.hex.encode() in (registry.ledger.find_body(dossier) or b"")
        if uses.what == "envelope" or digest in (dossier, manifest) or named:
            return True
    return False


def _notes(uses: Uses) -> list[str]:
    notes = ["backups, packets, bundles and copies of the files made before still hold it"]
    if uses.what == "text":
        notes.append("it is somebody's words: no verdict rests on them")
    elif any(leaf.type in _COMPUTED_FROM for leaf in uses.named):
        notes.append("checks that read it stay as they were signed and cannot be computed again")
        notes.append("approvals that rest on it turn stale with the next fact about their version")
    if not uses.leaves:
        notes.append("no record names it; what was read from it stays in the lists of runs and datasets")
    return notes
