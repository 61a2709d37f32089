"""Exporting: all an auditor needs about what they asked for, taken at a signed head (RECORDS section 7).

The same head and the same question give the same bytes, as long as nothing was erased or confirmed since.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.enclosing import Packing, enclose
from registry.acts.heads import find_lines, find_root_at, first_witnessed, newest_granting_head
from registry.acts.scope import InScope, claims_of, find_scope
from registry.acts.sealed_receipts import list_receipts
from registry.acts.service_key import get_service_signer
from registry.acts.state import read_state
from registry.acts.writing import writing
from registry.bundle.contents import BundleContents, SealedReceipt, Withheld
from registry.bundle.summary import Asked
from registry.bundle.write import write_bundle
from registry.registry import Registry
from registry.rules.receipt import parse_receipt
from registry.trust.dsse import Signer
from registry.trust.note import parse_checkpoint
from registry.trust.state import State
from schemas.digest import Digest
from schemas.errors import Conflict, Refused
from schemas.ledger import origin_subject, parse_leaf
from schemas.statement import Subject

Item = TypeVar("Item")
Progress = Callable[[int, int], None]
_MANY = 100
"""Of more versions than these the export's record names the registry, not each: a leaf has a limit."""
_EVERY = 256
_PARTS = 4
"""Leaves are read, then records, and writing takes as long as both."""


class Exported(msgspec.Struct, frozen=True):
    """A bundle that was written, and the leaf that says so."""

    path: str
    digest: Digest
    size: int
    tree_size: int
    leaf: int
    versions: int
    claims: int


def export_bundle(
    registry: Registry,
    asked: Asked,
    target: Path,
    *,
    head: int | None = None,
    packing: Packing | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write the bundle of what is `asked` to `target`; raise Conflict when a file is there."""
    if target.exists():
        raise Conflict(f"{target}: a file is already here", hint="name another file with -o")
    service = get_service_signer(registry, "bundles")
    contents, scope = gather(registry, asked, head=head, packing=packing, progress=progress)
    data = write_bundle(contents, service)
    temporary = target.with_name(target.name + ".part")
    temporary.write_bytes(data)
    temporary.replace(target)
    digest, size = Digest.of(data), parse_checkpoint(contents.checkpoint).checkpoint.size
    leaf = _log_export(registry, service, scope, asked, digest, size)
    return Exported(str(target), digest, len(data), size, leaf, len(scope.manifests), len(contents.claims))


def gather(
    registry: Registry,
    asked: Asked,
    *,
    head: int | None = None,
    packing: Packing | None = None,
    progress: Progress | None = None,
) -> tuple[BundleContents, InScope]:
    """Return the bundle of what is `asked` at the signed head of `head` leaves, or at the newest."""
    packing = packing or Packing()
    step = progress or _unseen
    size, note = _find_head(registry, head)
    datas = tuple(registry.ledger.leaf_datas(size))
    leaves = tuple(map(parse_leaf, _watched(datas, step, 0)))
    scope = find_scope(registry, asked, leaves)
    receipts = list_receipts(registry, scope.manifests, asked, size)
    seals = frozenset(r.seal for r in receipts)
    enclosed = enclose(
        registry,
        leaves,
        scope.manifests,
        seals,
        packing,
        by_name=asked.by_name,
        watched=lambda items: _watched(items, step, size),
    )
    earlier = _earlier(registry, scope, receipts, size)
    heads = registry.ledger.checkpoints()
    contents = BundleContents(
        leaves=datas,
        envelopes=enclosed.rows,
        checkpoint=_confirmed(registry, scope.state, size, note),
        checkpoints=tuple(
            _confirmed(registry, scope.state, at, heads[at]) for at in sorted(earlier) if at in heads
        ),
        bodies=enclosed.bodies,
        claims=claims_of(scope, asked, leaves[-1].time if leaves else ""),
        receipts=receipts,
        tokens=_tokens(registry, {size, *earlier}),
        asked=asked,
        withheld=enclosed.withheld,
        names=registry.names.all() if packing.names else {},
    )
    return (_extract(contents, registry.ledger.prover(size)) if packing.extract else contents), scope


def _earlier(registry: Registry, scope: InScope, receipts: tuple[SealedReceipt, ...], size: int) -> set[int]:
    """Return the heads that the receipts rest on, and the first witnessed over each decision."""
    rested_on = {parse_receipt(r.receipt).signed_size for r in receipts} - {0, size}
    # When a decision was witnessed is said as early as a head over it was.
    decided = [
        e.by.seq for m, events in scope.state.reviews.items() if m[0] in scope.manifests for e in events
    ]
    return rested_on | first_witnessed(registry, scope.state, decided, size)


def _watched(items: Sequence[Item], step: Progress, before: int) -> Iterator[Item]:
    for done, item in enumerate(items):
        if done % _EVERY == 0:
            step(before + done, _PARTS * len(items))
        yield item
    step(before + len(items), _PARTS * len(items))


def _unseen(_done: int, _total: int) -> None:
    """Take progress that nobody watches."""


def _extract(contents: BundleContents, prove: Callable[[int], tuple[bytes, ...]]) -> BundleContents:
    """Return the records enclosed with their leaves, and the head's last leaf for its time, each proved."""
    size = len(contents.leaves)
    seqs = [seq for seq, row in enumerate(contents.envelopes) if _is_kept(row) or seq == size - 1]
    return msgspec.structs.replace(
        contents,
        leaves=tuple(contents.leaves[seq] for seq in seqs),
        envelopes=tuple(contents.envelopes[seq] for seq in seqs),
        checkpoints=(),
        receipts=(),
        tokens={at: token for at, token in contents.tokens.items() if at == size},
        paths={seq: prove(seq) for seq in seqs},
    )


def _is_kept(row: bytes | Withheld) -> bool:
    return not isinstance(row, Withheld) or row.state != "omitted"


def _find_head(registry: Registry, size: int | None) -> tuple[int, str]:
    """Return the head asked for, else the newest that grants may rest on, else the newest."""
    granting = 0 if size else newest_granting_head(registry, read_state(registry)).size
    signed = registry.ledger.find_checkpoint(size or granting or None)
    if signed is None:
        raise Refused(
            f"no signed head of {size} leaves is kept" if size else "the log has no signed head",
            hint="muniment audit checkpoint",
        )
    return signed


def _confirmed(registry: Registry, state: State, size: int, note: str) -> str:
    """Return the head with the lines of the witnesses then in force below it."""
    root = find_root_at(state, size)
    lines = {} if root is None else find_lines(registry, note, size, root.witnesses)
    return note + "".join(f"{lines[name]}\n" for name in sorted(lines))


def _tokens(registry: Registry, sizes: Collection[int]) -> dict[int, bytes]:
    """Return the first timestamp token kept of each of these heads."""
    found: dict[int, bytes] = {}
    for size, token in registry.confirmations.tokens():
        if size in sizes:
            found.setdefault(size, token)
    return found


def _log_export(
    registry: Registry, service: Signer, scope: InScope, asked: Asked, digest: Digest, size: int
) -> int:
    versions = [scope.state.versions[m] for m in sorted(scope.manifests)]
    about: tuple[Subject, ...] = tuple(subject(v.ref, v.manifest) for v in versions)
    if len(versions) > _MANY:
        about = (subject(registry.origin, origin_subject(registry.origin)),)
    predicate = {"scope": _words(asked), "treeSize": size}
    with writing(registry) as writer:
        envelope = Actor(service).sign("bundle-exported", (*about, subject("bundle", digest)), predicate)
        return writer.append(envelope)[0].seq


def _words(asked: Asked) -> list[str]:
    named = [*asked.subjects[:_MANY], *(f"{name}/*" for name in asked.namespaces[:_MANY])]
    return named or ["*"]
