"""Exporting: everything an auditor needs about a version, taken at a signed head (RECORDS section 7)."""

from pathlib import Path

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.scope import Scope, scope_of
from registry.acts.seals import RECEIPTS
from registry.acts.state import read_state
from registry.acts.statuses import environments_of
from registry.acts.writing import writing
from registry.bundle.contents import BundleContents, Claim, SealedReceipt, Withheld, prove_receipt
from registry.bundle.write import write_bundle
from registry.registry import Registry
from registry.rules.receipt import parse_receipt
from registry.rules.status import status
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import Conflict, NotFound, Refused, VerificationError
from schemas.statement import parse_envelope, parse_statement


class Exported(msgspec.Struct, frozen=True):
    """A bundle that was written; `leaf` is None when this account cannot sign that it was."""

    path: str
    digest: Digest
    size: int
    tree_size: int
    leaf: int | None


def export_bundle(
    registry: Registry,
    ref: VersionRef,
    target: Path,
    *,
    head: int | None = None,
    with_evidence: bool = False,
) -> Exported:
    """Write the bundle of `ref` to `target`; raise Conflict when a file is there."""
    if target.exists():
        raise Conflict(f"{target}: a file is already here", hint="name another file with -o")
    service = registry.find_service_key()
    if service is None:
        raise NotFound(f"{registry.keys}: the service key signs bundles and is not readable here")
    manifest = registry.get_manifest(ref)
    if head is not None and read_state(registry, manifest, before=head).find_version(manifest) is None:
        raise NotFound(f"{ref} was not registered yet at a head of {head} leaves", hint="name a later --head")
    contents = gather(registry, manifest, head=head, with_evidence=with_evidence)
    data = write_bundle(contents, service)
    temporary = target.with_name(target.name + ".part")
    temporary.write_bytes(data)
    temporary.replace(target)
    digest = Digest.of(data)
    size = len(contents.leaves)
    with writing(registry) as writer:
        envelope = Actor(service).sign(
            "bundle-exported",
            (subject(ref, manifest), subject("bundle", digest)),
            {"scope": [str(ref)], "treeSize": size},
        )
        leaf = writer.append(envelope)[0].seq
    return Exported(str(target), digest, len(data), size, leaf)


def gather(
    registry: Registry, manifest: Digest, *, head: int | None = None, with_evidence: bool = False
) -> BundleContents:
    """Return the bundle about `manifest` at the signed head of `head` leaves, or at the newest."""
    signed = registry.ledger.find_checkpoint(head)
    if signed is None:
        raise Refused(
            f"no signed head of {head} leaves is kept" if head else "the log has no signed head",
            hint="muniment audit checkpoint",
        )
    size, note = signed
    receipts = _receipts(registry, manifest, size)
    scope = scope_of(
        registry, manifest, size, frozenset(r.seal for r in receipts), with_evidence=with_evidence
    )
    earlier = {parse_receipt(r.receipt).signed_size for r in receipts} - {0, size}
    heads = registry.ledger.checkpoints()
    return BundleContents(
        leaves=tuple(registry.ledger.leaf_datas(size)),
        envelopes=_envelopes(registry, scope, size),
        checkpoint=note,
        checkpoints=tuple(heads[at] for at in sorted(earlier) if at in heads),
        bodies=scope.bodies,
        claims=_claims(registry, manifest, size),
        receipts=receipts,
    )


def _envelopes(registry: Registry, scope: Scope, size: int) -> tuple[bytes | Withheld, ...]:
    rows: list[bytes | Withheld] = []
    for record in registry.ledger.records(stop=size):
        stored = registry.ledger.stored_body(record.leaf.body)
        if record.leaf.seq not in scope.seqs:
            rows.append(Withheld(record.leaf.body, "omitted"))
        elif stored is None or b"\n" in stored:
            rows.append(Withheld(record.leaf.body, "redacted"))
        else:
            # Bytes that are not what was logged go out as they are: the verifier names the damage.
            rows.append(stored)
    return tuple(rows)


def _claims(registry: Registry, manifest: Digest, size: int) -> tuple[Claim, ...]:
    state = read_state(registry, manifest, before=size)
    # The head's own time: a claim must be decidable from the bundle alone.
    time = registry.ledger.leaf(size - 1).time
    return tuple(
        Claim(manifest, environment, status(state, manifest, environment, time).status)
        for environment in environments_of(state, manifest)
    )


def _receipts(registry: Registry, manifest: Digest, size: int) -> tuple[SealedReceipt, ...]:
    found: list[SealedReceipt] = []
    for seq in registry.inbox.seals(size):
        if _sealed_kind(registry, seq) != RECEIPTS:
            continue
        digests = [digest for _, digest in registry.inbox.sealed([seq])]
        for index, digest in enumerate(digests):
            body = registry.ledger.find_body(digest)
            if body is not None and _is_about(body, manifest):
                found.append(prove_receipt(seq, digests, index, body))
    return tuple(found)


def _sealed_kind(registry: Registry, seq: int) -> object:
    envelope = registry.ledger.find_body(registry.ledger.leaf(seq).body)
    # Nothing can be proved by a seal that is not here.
    return (
        None if envelope is None else parse_statement(parse_envelope(envelope).payload).predicate.get("kind")
    )


def _is_about(receipt: bytes, manifest: Digest) -> bool:
    try:
        return parse_receipt(receipt).manifest == manifest
    except VerificationError:
        # Sealed by a program that read less strictly: it is no receipt, and proves nothing.
        return False
