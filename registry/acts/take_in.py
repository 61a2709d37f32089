"""Taking a source in: one seal per 10,000 observations, one import leaf to close it (RECORDS section 3)."""

import base64
from collections.abc import Callable

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.closures import touched_by
from registry.acts.seals import append_seal, item_root
from registry.acts.service_key import get_service_signer
from registry.acts.writing import writing
from registry.registry import Registry
from registry.store.take_in import Batch, Intake, TakenIn, batched, is_known_in, summarise
from schemas.digest import Digest
from schemas.ledger import origin_subject, time_text
from schemas.observation import Source

Progress = Callable[[int, int], None]


class ImportReport(msgspec.Struct, frozen=True):
    """What an import did; `leaf` closes it in the log, None when it brought nothing new."""

    taken: TakenIn
    seals: tuple[int, ...]
    leaf: int | None


def import_source(registry: Registry, source: Source, progress: Progress | None = None) -> ImportReport:
    """Take in everything `source` holds; what is there already changes nothing.

    Each batch is durable when the next begins: an import that breaks off resumes where it was.
    """
    service = Actor(get_service_signer(registry, "imports"))
    intake: Intake | None = None
    batches: list[Batch] = []
    seals: list[int] = []
    done = 0
    for items in batched(source.collect(is_known_in(registry.connection))):
        with writing(registry, changes=False) as writer:
            now = time_text(writer.now)
            intake = intake or Intake(registry.connection, source.kind, source.name, now)
            batch = intake.write(items)
            if batch.digests:
                digests = [Digest.from_hex(raw.hex()) for raw in batch.digests]
                seals.append(append_seal(writer, service, source.kind, list(batch.digests), digests).seq)
        batches.append(batch)
        done += len(items)
        if progress is not None:
            progress(done, 0)
    return _close(registry, service, source, batches, tuple(seals))


def _close(
    registry: Registry, service: Actor, source: Source, batches: list[Batch], seals: tuple[int, ...]
) -> ImportReport:
    with writing(registry) as writer:
        found = summarise(registry.connection, batches, source.blind_spots)
        if not found.digests:
            return ImportReport(found, seals, None)
        about = (subject(registry.origin, origin_subject(registry.origin)),)
        leaf = writer.append(service.sign("import", about, _predicate(source, found, seals)))[0]
        writer.touched |= touched_by(registry, found.members)
    return ImportReport(found, seals, leaf.seq)


def _predicate(source: Source, found: TakenIn, seals: tuple[int, ...]) -> dict[str, object]:
    predicate: dict[str, object] = {
        "blindSpots": list(found.blind_spots),
        "counts": {
            "duplicate": found.duplicate,
            "quarantined": found.quarantined,
            "taken": found.taken,
        },
        "kind": source.kind,
        "root": base64.b64encode(item_root(list(found.digests))).decode(),
        "seals": list(seals),
        "source": source.name,
    }
    # Only a source that is one file has a digest of its own.
    whole = getattr(source, "file_digest", None)
    return predicate if whole is None else {**predicate, "fileDigest": Digest.from_hex(whole.hex())}
