"""Taking a source in: one seal per 10,000 observations, one import leaf to close it (RECORDS section 3)."""

import base64
from collections.abc import Callable, Iterable

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.closures import touched_by
from registry.acts.open_imports import every_dossier, seals_left_open
from registry.acts.seals import append_seal, item_root
from registry.acts.service_key import get_service_signer
from registry.acts.writing import writing
from registry.registry import Registry
from registry.store.doubles import is_known_in
from registry.store.prepared import Prepared, prepared
from registry.store.take_in import Intake, TakenIn, Total
from registry.store.touched import members
from registry.store.uncollected import uncollected
from schemas.digest import Digest
from schemas.ledger import origin_subject, time_text
from schemas.observation import Source

Progress = Callable[[int, int], None]


class ImportReport(msgspec.Struct, frozen=True):
    """What an import did; `leaf` closes it in the log, None when it brought nothing new."""

    taken: TakenIn
    seals: tuple[int, ...]
    leaf: int | None


@uncollected()
def import_source(
    registry: Registry,
    source: Source,
    progress: Progress | None = None,
    batches: Iterable[Prepared] | None = None,
) -> ImportReport:
    """Take in everything `source` holds; what is there already changes nothing.

    `progress` hears how many observations were written and, from a source that tells its share, about how
    many there are. Each batch is durable when the next begins: an import that breaks off resumes where it
    was, and its seals are closed with those that follow. `batches` are what the source holds where another
    process has read it.
    """
    service = Actor(get_service_signer(registry, "imports"))
    left = seals_left_open(registry, source)
    intake: Intake | None = None
    total = Total()
    touched: set[tuple[Digest, str]] = set()
    seals: list[int] = []
    done = 0
    for ready in batches or prepared(source.collect(is_known_in(registry.connection))):
        with writing(registry, changes=False) as writer:
            now = time_text(writer.now)
            intake = intake or Intake(registry.connection, source.kind, source.name, now)
            batch = intake.put(ready)
            if batch.digests:
                seals.append(append_seal(writer, service, source.kind, batch.digests).seq)
            touched |= touched_by(registry, members(registry.connection, batch.nodes, batch.runs))
        total.add(batch)
        done += ready.items
        if progress is not None:
            progress(done, expected(source, done))
    found = total.sum(registry.connection, source.blind_spots)
    if not found.sealed and not left:
        return ImportReport(found, tuple(seals), None)
    with writing(registry) as writer:
        about = (subject(registry.origin, origin_subject(registry.origin)),)
        resumed = [item.raw for seal in left for item in registry.inbox.sealed(seal)]
        root = found.root
        if left:
            root = item_root([*resumed, *(i.raw for seal in seals for i in registry.inbox.sealed(seal))])
        closing = _predicate(source, found, [*left, *seals], root)
        if resumed:
            closing["resumed"] = len(resumed)
        leaf = writer.append(service.sign("import", about, closing))[0]
        writer.touched |= every_dossier(registry) if left else touched
    return ImportReport(found, tuple(seals), leaf.seq)


def expected(source: Source, done: int) -> int:
    """Return about how many observations the source holds when `done` were read; 0 when nobody can say."""
    share = getattr(source, "share", None)
    return round(done / share) if share else 0


def _predicate(source: Source, found: TakenIn, seals: list[int], root: bytes) -> dict[str, object]:
    predicate: dict[str, object] = {
        "blindSpots": list(found.blind_spots),
        "counts": {
            "duplicate": found.duplicate,
            "quarantined": found.quarantined,
            "taken": found.taken,
        },
        "kind": source.kind,
        "root": base64.b64encode(root).decode(),
        "seals": seals,
        "source": source.name,
    }
    # Only a source that is one file has a digest of its own.
    whole = getattr(source, "file_digest", None)
    return predicate if whole is None else {**predicate, "fileDigest": Digest.from_hex(whole.hex())}
