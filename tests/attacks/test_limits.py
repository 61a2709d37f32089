"""Every limit that the package `registry.bundle` lists, and what is refused just beyond it."""

import base64
import struct
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

import registry.bundle
from registry.bundle.container import open_container
from registry.bundle.contents import lines_of, parse_receipt_row, parse_record_row
from registry.bundle.record import record_bytes
from registry.bundle.summary import parse_summary
from registry.rules.dossier import parse_dossier
from registry.rules.snapshot_lines import parse_snapshot
from registry.trust import merkle
from registry.trust.note import parse_checkpoint
from registry.trust.proof import parse_proof
from registry.trust.sshsig import verify_file
from registry.trust.trust_root import parse_trust_root
from schemas.canonical import canonical, parse_canonical
from schemas.errors import VerificationError
from schemas.ledger import parse_leaf
from schemas.statement import parse_envelope, parse_statement
from tests.attacks.simulator import ENV, Registry, honest

MIB = 1 << 20
REGISTRY = Registry()
HEAD = REGISTRY.contents().checkpoint
LINE = HEAD.split("\n")[4]


def entries(count: int) -> bytes:
    """Return an archive of so many empty files, all of one name, as zip64 writes it."""
    local = struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"x"
    row = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 788, 20, 0, 0, 0, 33, *[0] * 3, 1, *[0] * 4, 0x81A40000, 0
    )
    row += b"x"
    end64 = struct.pack(
        "<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(row) * count, len(local)
    )
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(local) + len(row) * count, 1)
    most = min(count, 0xFFFF)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, most, most, len(row) * count, len(local), 0)
    return local + row * count + end64 + locator + end


def signed(times: int) -> bytes:
    """Return an envelope with so many signatures by as many keys."""
    row = [{"keyid": f"{i:064x}", "sig": base64.b64encode(bytes(64)).decode()} for i in range(times)]
    value = {"payload": "e30=", "payloadType": "application/vnd.in-toto+json", "signatures": row}
    return canonical(value)


def root(persons: int) -> dict[str, Any]:
    """Return a trust root's predicate that lists so many persons."""
    return REGISTRY.root.to_predicate(nonce="0" * 32) | {"persons": [{}] * persons}


def proof(hashes: int) -> str:
    """Return a proof with so many hashes in its path."""
    step = base64.b64encode(bytes(32)).decode()
    return "\n".join(["c2sp.org/tlog-proof@v1", "extra e30=", "index 0", *[step] * hashes]) + "\n\n" + HEAD


def receipt(hashes: int) -> bytes:
    step = base64.b64encode(bytes(32)).decode()
    return canonical({"index": 0, "path": [step] * hashes, "receipt": {}, "seal": 1})


LARGE = b'"' + b"x" * MIB + b'"'
BEYOND: dict[str, tuple[Callable[[], object], str]] = {
    "files": (lambda: open_container(entries(60_001)), "CONTAINER_TOO_LARGE"),
    "lines": (lambda: lines_of(b"{}\n" * 4_000_001, "leaves"), "TOO_LARGE"),
    "a leaf": (lambda: parse_leaf(b"x" * 65_536), "TOO_LARGE"),
    "a record": (lambda: parse_envelope(LARGE), "TOO_LARGE"),
    "a record that is absent": (lambda: parse_record_row(b'{"digest":' + LARGE + b"}"), "TOO_LARGE"),
    "a statement": (lambda: parse_statement(LARGE), "TOO_LARGE"),
    "a dossier": (lambda: parse_dossier(LARGE), "TOO_LARGE"),
    "a receipt": (lambda: parse_receipt_row(LARGE), "TOO_LARGE"),
    "signatures": (lambda: parse_envelope(signed(65)), "ENVELOPE_MALFORMED"),
    "a thousand signatures": (lambda: parse_envelope(signed(1_000)), "ENVELOPE_MALFORMED"),
    "nesting": (lambda: parse_canonical(b"[" * 34 + b"]" * 34), "JSON_MALFORMED"),
    "much nesting": (lambda: parse_canonical(b"[" * 500_000), "JSON_MALFORMED"),
    "an integer": (lambda: parse_canonical(b"9007199254740992"), "JSON_NOT_CANONICAL"),
    "an integer of many digits": (lambda: parse_canonical(b"9" * 4_301), "JSON_NOT_CANONICAL"),
    "a head": (lambda: parse_checkpoint(HEAD + "x" * 16_384 + "\n"), "NOTE_MALFORMED"),
    "lines of a head": (lambda: parse_checkpoint(HEAD + f"{LINE}\n" * 16), "NOTE_MALFORMED"),
    "a proof": (lambda: parse_proof(proof(1) + "x" * 131_072), "PROOF_MALFORMED"),
    "a proof's path": (lambda: parse_proof(proof(65)), "PROOF_MALFORMED"),
    "a receipt's path": (
        lambda: merkle.verify_inclusion(bytes(32), 0, 1, parse_receipt_row(receipt(65)).path, bytes(32)),
        "INCLUSION_INVALID",
    ),
    "persons": (lambda: parse_trust_root(root(10_001)), "ROOT_MALFORMED"),
    "a snapshot": (lambda: parse_snapshot(bytes(64 * MIB + 1)), "TOO_LARGE"),
    "a line of a snapshot": (lambda: parse_snapshot(b'"' + b"x" * 16_384 + b'"\n'), "TOO_LARGE"),
    "bundle.json": (lambda: parse_summary(bytes(64 * MIB + 1)), "TOO_LARGE"),
    "record.json": (lambda: record_bytes({"x": "y" * 64 * MIB}), "TOO_LARGE"),
    "an SSH signature": (lambda: verify_file(b"", b"x" * 1_025), "BUNDLE_SSHSIG"),
}


@pytest.mark.parametrize("case", BEYOND)
def test_more_than_a_bundle_may_hold_is_refused(case: str) -> None:
    act, code = BEYOND[case]
    with pytest.raises(VerificationError) as caught:
        act()
    assert caught.value.code == code
    assert code in (registry.bundle.__doc__ or "")


@pytest.mark.parametrize(
    "act",
    [
        lambda: parse_envelope(signed(64)),
        lambda: parse_canonical(b"[" * 32 + b"]" * 32),
        lambda: parse_canonical(b"9007199254740991"),
        lambda: parse_proof(proof(64)),
        lambda: lines_of(b"{}\n" * 100_000, "leaves"),
    ],
)
def test_what_reaches_a_limit_is_read(act: Callable[[], object]) -> None:
    assert act() is not None


def test_an_archive_beyond_the_limit_is_not_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.bundle.container.MAX_BUNDLE", 99)
    with pytest.raises(VerificationError, match="CONTAINER_TOO_LARGE"):
        open_container(b"PK" + bytes(98))


def test_a_million_tiny_files_are_refused_with_no_memory_of_their_own() -> None:
    data = entries(1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(VerificationError, match="CONTAINER_TOO_LARGE"):
            open_container(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MIB


def test_a_reviewer_who_decides_a_thousand_times_holds_nobody_up() -> None:
    registry, manifest, dossier, _ = honest()
    for _ in range(1_000):
        registry.decide(manifest, dossier)

    state = registry.state()

    assert len(state.reviews[manifest.digest, ENV]) == 1_002  # a request, an approval and a thousand more
    assert state.problems == []
