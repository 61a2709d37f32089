"""Verifying envelopes as the fold does, beside bare Ed25519 over the same bytes with parsed keys."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.trust.dsse import sign_statement, verify_envelope
from schemas.digest import Digest
from schemas.statement import Statement, Subject, parse_envelope, parse_statement
from tests.attacks.memory_log import key, person_id
from tests.benchmarks.pairs import ratio, show_ratio

SIGNERS = ("alice", "rita", "vic", "service")


def show(_place: Path, quick: bool) -> None:
    """Print the ratio: bytes parsed strictly, the signature verified, the statement inside parsed."""
    rows = [_approval(number) for number in range(1_000 if quick else 10_000)]
    keys = {key(name).keyid: key(name).public for name in SIGNERS}
    parsed = {keyid: Ed25519PublicKey.from_public_bytes(public) for keyid, public in keys.items()}
    bare = [(parsed[e.signatures[0].keyid], e.signatures[0].sig, e.pae()) for e in map(parse_envelope, rows)]

    def ours() -> None:
        for row in rows:
            envelope = parse_envelope(row)
            verify_envelope(envelope, keys)
            parse_statement(envelope.payload)

    def floor() -> None:
        for public, signature, message in bare:
            public.verify(signature, message)

    found = ratio(ours, floor, rounds=5)
    show_ratio(f"verify {len(rows):,} envelopes / bare Ed25519", found, 0.90)


def _approval(number: int) -> bytes:
    who = SIGNERS[number % len(SIGNERS)]
    about = (Subject("retail/credit-risk@7", Digest.of(b"manifest")), Subject("dossier", Digest.of(b"d")))
    predicate = {
        "conditions": [],
        "decidedAt": "2026-11-23T10:00:00Z",
        "decision": "approve",
        "environment": "production",
        "logContext": {
            "origin": "muniment.dev/log/" + "0" * 32,
            "rootHash": "A" * 43 + "=",
            "treeSize": number,
        },
        "nonce": f"{number:032x}",
        "opened": [],
        "reason": Digest.of(b"%d" % number),
        "reviewer": person_id(who),
        "role": "risk-approver",
    }
    return sign_statement(Statement("approval", about, predicate), key(who)).to_bytes()
