"""What a bundle takes with it: the records about its versions, and the documents they name."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from registry.bundle.contents import Withheld
from registry.bundle.named import digests_named
from registry.bundle.population import REGISTERED
from registry.bundle.summary import HeldBack
from registry.registry import Registry
from registry.rules.dossier import parse_dossier
from registry.store.columns import find_digest
from schemas.digest import Digest
from schemas.errors import Refused, Usage, VerificationError
from schemas.ledger import RECORD_TYPES, Leaf
from schemas.statement import Statement, parse_envelope, parse_statement

_DOCUMENTS = ("document", "dossier")


class Packing(msgspec.Struct, frozen=True, kw_only=True):
    """How a bundle is packed: what goes in beside the records, and what stays out, each with its reason."""

    with_evidence: bool = False
    withhold: Mapping[Digest, str] = {}
    names: bool = False
    extract: bool = False


class Enclosed(msgspec.Struct, frozen=True):
    """One row per leaf, the documents beside them, and those held back on purpose."""

    rows: tuple[bytes | Withheld, ...]
    bodies: Mapping[Digest, bytes]
    withheld: tuple[HeldBack, ...]


class _Chosen(msgspec.Struct):
    """The leaves whose records go in, and the documents those name."""

    seqs: set[int]
    wanted: set[Digest]
    mentioned: set[Digest]


def enclose(
    registry: Registry,
    leaves: tuple[Leaf, ...],
    manifests: frozenset[Digest],
    seals: frozenset[int],
    packing: Packing,
    *,
    by_name: bool,
    watched: Callable[[Sequence[Leaf]], Iterable[Leaf]] = iter,
) -> Enclosed:
    """Return what concerns `manifests` among `leaves`: authority, their records, erasures, and `seals`.

    A bundle not asked for by name takes every registration along: whoever reads it sees that none is hidden.
    """
    _refuse_authority(leaves, packing.withhold)
    chosen = _Chosen(set(), set(manifests), set(manifests))
    for leaf in leaves:
        if _concerns(leaf, manifests, seals, by_name=by_name):
            _choose(registry, leaf, chosen, with_evidence=packing.with_evidence)
    bodies: dict[Digest, bytes] = {}
    for digest in sorted(chosen.wanted):
        chosen.mentioned |= _take(registry, digest, bodies)
    # Why something is not here is told with what lacks it.
    erasures = [leaf for leaf in leaves if leaf.type == "redaction"]
    chosen.seqs |= {leaf.seq for leaf in erasures if chosen.mentioned.intersection(leaf.subjects)}
    rows = tuple(_row(registry, leaf, enclosed=leaf.seq in chosen.seqs) for leaf in watched(leaves))
    return _hold_back(rows, bodies, packing.withhold)


def _refuse_authority(leaves: tuple[Leaf, ...], withhold: Mapping[Digest, str]) -> None:
    for leaf in leaves if withhold else ():
        if leaf.body in withhold and _is_authority(leaf):
            raise Refused(
                f"the {leaf.type} at leaf {leaf.seq} is what every other record is proved by: it stays in",
                hint="hold back the records of a version, or its documents",
            )


def _is_authority(leaf: Leaf) -> bool:
    kind = RECORD_TYPES[leaf.type]
    return kind.about_origin and kind.decides


def _concerns(leaf: Leaf, manifests: frozenset[Digest], seals: frozenset[int], *, by_name: bool) -> bool:
    return (
        _is_authority(leaf)
        or not manifests.isdisjoint(leaf.subjects)
        or leaf.seq in seals
        or (leaf.type == REGISTERED and not by_name)
    )


def _choose(registry: Registry, leaf: Leaf, chosen: _Chosen, *, with_evidence: bool) -> None:
    chosen.seqs.add(leaf.seq)
    chosen.mentioned.add(leaf.body)
    envelope = registry.ledger.find_body(leaf.body)
    if envelope is not None:
        statement = parse_statement(parse_envelope(envelope).payload)
        chosen.wanted |= _named(statement, with_evidence=with_evidence)
        chosen.mentioned |= _named(statement, with_evidence=True)


def _row(registry: Registry, leaf: Leaf, *, enclosed: bool) -> bytes | Withheld:
    if not enclosed:
        return Withheld(leaf.body, "omitted")
    stored = registry.ledger.stored_body(leaf.body)
    if stored is None or b"\n" in stored:
        return Withheld(leaf.body, "redacted")
    # Bytes that are not what was logged go out as they are: the verifier names the damage.
    return stored


def _hold_back(
    rows: tuple[bytes | Withheld, ...], bodies: Mapping[Digest, bytes], withhold: Mapping[Digest, str]
) -> Enclosed:
    """Keep out what `withhold` names, and the documents that nothing left in the bundle names any more."""
    envelopes = {Digest.of(row) for row in rows if isinstance(row, bytes)} if withhold else set()
    _refuse_unknown(withhold, envelopes | digests_named(rows, bodies) if withhold else ())
    left = tuple(_held(row, withhold) if withhold else row for row in rows)
    kept = {digest: data for digest, data in bodies.items() if digest not in withhold}
    named = digests_named(left, kept)
    held = sorted(HeldBack(d, withhold[d]) for d in set(withhold) & named - envelopes)
    return Enclosed(left, {d: data for d, data in kept.items() if d in named}, tuple(held))


def _held(row: bytes | Withheld, withhold: Mapping[Digest, str]) -> bytes | Withheld:
    if isinstance(row, Withheld):
        return row
    digest = Digest.of(row)
    return Withheld(digest, "withheld", withhold[digest]) if digest in withhold else row


def _refuse_unknown(withhold: Mapping[Digest, str], known: Iterable[Digest]) -> None:
    for digest in withhold:
        if digest not in known:
            raise Usage(
                f"{digest}: no record or document of this bundle has that digest",
                hint="muniment audit log shows the records, muniment dossier its documents",
            )


def _named(statement: Statement, *, with_evidence: bool) -> set[Digest]:
    """Return the documents a statement names that travel with it."""
    named = {s.digest for s in statement.subjects if s.name in _DOCUMENTS}
    if with_evidence:
        named |= {s.digest for s in statement.subjects if s.name == "evidence"}
    said: dict[str, Any] = statement.predicate
    conditions = said.get("conditions")
    texts = [said.get("reason"), *(conditions if isinstance(conditions, list) else ())]
    if statement.kind == "policy-set":
        texts.append(said.get("source"))
    if statement.kind == "dossier-changed":
        texts.append(said.get("to"))
    return named | {digest for text in texts if (digest := find_digest(text)) is not None}


def _take(registry: Registry, digest: Digest, bodies: dict[Digest, bytes]) -> set[Digest]:
    """Enclose a document, with the lineage of a dossier, and return what it names besides."""
    data = registry.ledger.find_body(digest)
    if data is None or digest in bodies:
        return set()
    bodies[digest] = data
    try:
        parts = parse_dossier(data)
    except VerificationError:
        return set()
    _take(registry, parts.lineage.snapshot, bodies)
    return {parts.lineage.snapshot}
