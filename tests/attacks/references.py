"""Honest bundles that between them hold every kind of file and record: what forgers start from."""

from functools import cache

import msgspec

from registry.bundle.contents import Withheld
from registry.bundle.summary import HeldBack
from registry.bundle.write import write_bundle
from registry.rules.dossier import EvidenceRow
from registry.trust.cosignature import cosign, witness_vkey
from registry.trust.note import checkpoint_text
from schemas.digest import Digest
from schemas.governance import RiskForm
from schemas.ledger import parse_leaf
from tests.attacks.case import reference
from tests.attacks.extracts import extract
from tests.attacks.simulator import Registry, altered_root, honest, key, person_id
from tests.attacks.simulator_policy import allow_breaking, break_glass, override

NOON = 1_795_435_200
"""2026-11-23T12:00:00Z, after every leaf."""


NAMES = ("small", "rich", "exceptional", "extract")


class Honest(msgspec.Struct, frozen=True):
    """An honest bundle with its anchor and its head, which an auditor may hold already."""

    bundle: bytes
    anchor: Digest
    head: tuple[int, bytes]


@cache
def references() -> tuple[Honest, ...]:
    """Return the reference bundles by the order of `NAMES`; an extract proves less than a PASS."""
    return _handed(reference()), _rich(), _exceptional(), _extract()


@cache
def elsewhere() -> bytes:
    """Return a bundle of the same registry that went another way: what pieces are spliced from."""
    registry, manifest, dossier, seq = honest()
    registry.decide(manifest, dossier, "vic", decision="reject")
    registry.seal(registry.gate(manifest))
    registry.withdraw(manifest, seq)
    registry.claim(manifest, "none")
    return registry.bundle()


def _handed(registry: Registry) -> Honest:
    head = registry.head()
    return Honest(registry.bundle(), registry.anchor, (head.size, head.root))


def _rich() -> Honest:
    registry = Registry()
    witness = witness_vkey("w1.example", key("w1").public)
    registry.add_root(altered_root(registry.root, version=2, witnesses=(witness,), witness_quorum=1), "alice")
    manifest, other = registry.register(), registry.register(8, weights=b"eight")
    report = registry.evidence(manifest, b"a validation report")
    row = EvidenceRow(kind="validation_report", digest=report, level="verified")
    risk = registry.assess(manifest, RiskForm(exposure=5, purpose=5, summary="Decides on loans."))
    dossier = registry.request(manifest, parts={"evidence": (row,), "risk": risk})
    registry.withdraw(manifest, registry.decide(manifest, dossier, "vic", decision="reject"), "vic")
    words = registry.put(b"sixteen bytes ok" + b"monitor it")
    registry.decide(manifest, dossier, conditions=[words])
    registry.change(manifest, dossier, dossier)
    registry.decide(other, registry.request(other))
    registry.revoke("rita", "alice", reason="superseded")
    registry.claim(manifest, "valid-with-conditions")
    # The other version was not asked for: its decision is left out.
    last = len(registry.leaves) - 2
    registry.envelopes[last] = Withheld(parse_leaf(registry.leaves[last]).body, "omitted")
    head, contents = registry.head(), registry.contents()
    note = contents.checkpoint + cosign(checkpoint_text(head), "w1.example", key("w1"), NOON)
    told = {
        "bodies": {digest: data for digest, data in contents.bodies.items() if digest != words},
        "checkpoint": note,
        "names": {person_id("rita"): "rita@acme.example"},
        "withheld": (HeldBack(words, "trade-secret"),),
    }
    bundle = write_bundle(msgspec.structs.replace(contents, **told), key("service"))
    return Honest(bundle, registry.anchor, (head.size, head.root))


def _extract() -> Honest:
    registry, manifest, dossier, _ = honest()
    seq = registry.decide(manifest, dossier, "vic")
    registry.claim(manifest, "valid")
    head = registry.head()
    return Honest(
        write_bundle(extract(registry, (seq,)), key("service")), registry.anchor, (head.size, head.root)
    )


def _exceptional() -> Honest:
    registry = Registry()
    allow_breaking(registry)
    manifest = registry.register()
    dossier = registry.request(manifest)
    seq = registry.decide(manifest, dossier, "vic", decision="reject")
    override(registry, manifest, seq)
    break_glass(registry, manifest)
    registry.claim(manifest, "none")
    return _handed(registry)
