"""Recording a document about a version: evidence, a bias check, a risk assessment."""

from collections.abc import Sequence
from typing import Any

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.writing import writing
from registry.registry import Registry
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import Malformed, Refused

MAX_DOCUMENT = 64 << 20
Row = tuple[str, bytes, dict[str, Any]]
"""One document to record: record type, bytes, predicate."""

_SUBJECT_NAME = {
    "evidence-added": "evidence",
    "evidence-withdrawn": "evidence",
    "bias-recorded": "document",
    "risk-assessed": "document",
    "evaluation-recorded": "document",
    "monitoring-recorded": "document",
}


class Recorded(msgspec.Struct, frozen=True):
    """One document as it entered the log."""

    ref: VersionRef
    digest: Digest
    seq: int


def record_document(
    registry: Registry, actor: Actor, ref: VersionRef, kind: str, document: bytes, predicate: dict[str, Any]
) -> Recorded:
    """Keep `document` and append a `kind` record about it; raise NotFound for a version never registered."""
    return record_documents(registry, actor, ref, [(kind, document, predicate)])[0]


def record_documents(
    registry: Registry, actor: Actor, ref: VersionRef, documents: Sequence[Row]
) -> list[Recorded]:
    """Keep several documents in one transaction."""
    for _, document, _ in documents:
        if len(document) > MAX_DOCUMENT:
            raise Malformed(
                f"a document of {len(document)} bytes, at most {MAX_DOCUMENT} are kept",
                hint="add a summary, and keep the large file where its digest can be checked",
            )
        _refuse_erased(registry, Digest.of(document))
    manifest = registry.get_manifest(ref)
    recorded = []
    with writing(registry) as writer:
        for kind, document, predicate in documents:
            digest = writer.put_body(document)
            envelope = actor.sign(
                kind, (subject(ref, manifest), subject(_SUBJECT_NAME[kind], digest)), predicate
            )
            recorded.append(Recorded(ref, digest, writer.append(envelope)[0].seq))
    return recorded


def _refuse_erased(registry: Registry, digest: Digest) -> None:
    erased = registry.ledger.erasures.find(digest)
    if erased is not None:
        raise Refused(
            f"the document {digest} was {erased}: it is not kept again", hint="add another version of it"
        )
