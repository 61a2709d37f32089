"""Signed bytes are read in a quick way and, where that refuses, by the general rules: both say the same."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.trust import keys
from schemas import canonical, ledger, statement
from schemas.digest import Digest
from schemas.errors import VerificationError

TEXT = st.text(max_size=12)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 70), 1 << 70) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
STATEMENT = statement.Statement(
    "approval",
    (
        statement.Subject("retail/credit-risk@7", Digest.of(b"m")),
        statement.Subject("dossier", Digest.of(b"d")),
    ),
    {"nonce": "0" * 32, "note": 'é "\n', "opened": [], "treeSize": 12},
)
ENVELOPE = statement.Envelope(
    STATEMENT.payload(),
    (statement.Signature("ab" * 32, b"s" * 64), statement.Signature("cd" * 32, b"t" * 64)),
)
LEAF = ledger.Leaf(4, "approval", "2026-11-23T10:00:00Z", Digest.of(b"e"), (Digest.of(b"m"), Digest.of(b"d")))
READERS = {
    "json": (canonical._parse_quickly, lambda data: canonical._parse_slowly(data, canonical.MAX_BYTES)),
    "statement": (statement._parse_well_formed_statement, statement._parse_any_statement),
    "envelope": (statement._parse_well_formed_envelope, statement._parse_any_envelope),
    "leaf": (ledger._parse_well_formed, ledger._parse_any),
}
WELL_FORMED = {
    "json": STATEMENT.payload(),
    "statement": STATEMENT.payload(),
    "envelope": ENVELOPE.to_bytes(),
    "leaf": LEAF.to_bytes(),
}


def outcome(read: Callable[[bytes], Any], data: bytes) -> Any:
    """Return what `read` makes of `data`; the general reader's refusal counts as the quick one's."""
    try:
        return read(data)
    except VerificationError:
        return canonical._REFUSED


@pytest.mark.parametrize("what", READERS)
def test_it_reads_well_formed_bytes_in_the_quick_way(what: str) -> None:
    quick, general = READERS[what]
    assert quick(WELL_FORMED[what]) == general(WELL_FORMED[what])


@given(PLAIN, st.booleans(), st.booleans())
def test_both_ways_accept_the_same_json(value: Any, compact: bool, ascii_only: bool) -> None:
    separators = (",", ":") if compact else None
    text = json.dumps(value, sort_keys=True, separators=separators, ensure_ascii=ascii_only)
    data = text.encode(errors="surrogatepass")
    quick, general = READERS["json"]
    assert quick(data) == outcome(general, data) or quick(data) is outcome(general, data)


@pytest.mark.parametrize("what", READERS)
@given(at=st.integers(0, 2_000), byte=st.integers(0, 255), cut=st.booleans())
def test_both_ways_accept_the_same_altered_bytes(what: str, at: int, byte: int, cut: bool) -> None:
    data = bytearray(WELL_FORMED[what])
    at %= len(data)
    data[at : at + (0 if cut else 1)] = bytes([byte])
    quick, general = (outcome(read, bytes(data)) for read in READERS[what])
    assert quick == general or (quick in (None, canonical._REFUSED) and general is canonical._REFUSED)


LIMITS = (
    *(b"[" * depth + b"]" * depth for depth in (32, 33, 100_000)),
    *(b"9007199254740991", b"9007199254740992", b"1" * 5_000, b"-0", b"1.0"),
    *(b'{"a":1,"a":1}', b'{"\xc3\xa9":1}', b'"\\ud800"', b"\xef\xbb\xbf1"),
)


@pytest.mark.parametrize("data", LIMITS)
def test_both_ways_agree_at_the_limits(data: bytes) -> None:
    quick, general = READERS["json"]
    assert quick(data) == outcome(general, data)


def test_every_character_has_one_spelling() -> None:
    for start in range(0, 0x110000, 0x800):
        text = "".join(chr(c) for c in range(start, start + 0x800) if not 0xD800 <= c < 0xE000)
        assert canonical._encode(text) == canonical.canonical(text)


def test_exactly_the_points_of_low_order_and_beyond_the_field_are_unfit() -> None:
    faults = list(keys._UNFIT.values())
    assert (faults.count("of low order"), faults.count("not in canonical form")) == (10, 38)
    assert all(len(encoded) == 32 for encoded in keys._UNFIT)
