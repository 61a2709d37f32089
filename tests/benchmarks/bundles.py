"""Verifying a bundle with evidence beside SHA-256 of its bytes, the time of its signatures taken off."""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.bundle.contents import BundleContents
from registry.bundle.verify import verify_bundle
from registry.bundle.write import write_bundle
from registry.trust.note import sign_checkpoint
from schemas.statement import parse_envelope
from tests.attacks.simulator import Registry, key
from tests.benchmarks.pairs import Spread, measure, show_ratio

_FILE = 50_000


def show(place: Path, quick: bool) -> None:
    """Print the ratio for about 100 MB: 2,000 files of evidence, each added by a record of its own."""
    registry = evidence_registry(200 if quick else 2_000)
    data = write_bundle(_contents(registry), key("service"))
    answer = verify_bundle(data, anchor=registry.anchor)
    assert answer.verdict == "PASS", answer.codes
    signatures = _signatures(registry)

    def bare() -> None:
        for public, signature, message in signatures:
            public.verify(signature, message)

    found = []
    for _ in range(3 if quick else 7):
        floor = measure(lambda: hashlib.sha256(data).digest())
        whole = measure(lambda: verify_bundle(data, anchor=registry.anchor))
        found.append(floor / (whole - measure(bare)))
    what = f"verify a bundle of {len(data) >> 20} MiB, {len(registry.bodies):,} documents / SHA-256 of it"
    show_ratio(f"{what}, signatures apart", Spread.of(found), 0.45)


def evidence_registry(files: int) -> Registry:
    """Return a registry whose one approved version has so many files of evidence, JSON Lines all."""
    registry = Registry()
    manifest = registry.register()
    for number in range(files):
        line = b'{"customer":"%06d","score":"0.%04d","segment":"retail","split":"test"}\n'
        registry.evidence(manifest, b"".join(line % (number, i) for i in range(_FILE // 74)))
    registry.decide(manifest, registry.request(manifest))
    registry.claim(manifest, "valid")
    return registry


def _contents(registry: Registry) -> BundleContents:
    # Every document is named by a record, so none need be searched for, as `registry.contents()` does.
    return BundleContents(
        leaves=tuple(registry.leaves),
        envelopes=tuple(registry.envelopes),
        checkpoint=sign_checkpoint(registry.head(), key("log")),
        bodies=registry.bodies,
        claims=tuple(registry.claims),
    )


def _signatures(registry: Registry) -> list[tuple[Ed25519PublicKey, bytes, bytes]]:
    keys = {key(n).keyid: key(n).public for n in ("alice", "rita", "vic", "service")}
    parsed = {keyid: Ed25519PublicKey.from_public_bytes(public) for keyid, public in keys.items()}
    rows = [parse_envelope(row) for row in registry.envelopes if isinstance(row, bytes)]
    return [(parsed[s.keyid], s.sig, row.pae()) for row in rows for s in row.signatures]
