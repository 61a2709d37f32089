"""A leaf has one spelling, RFC 8785's, whatever it holds."""

from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from schemas.digest import Digest
from schemas.ledger import RECORD_TYPES, Leaf, parse_leaf

digests = st.binary(max_size=8).map(Digest.of)
leaves = st.builds(
    Leaf,
    seq=st.integers(0, 2**53 - 1),
    type=st.sampled_from(sorted(RECORD_TYPES)),
    time=st.datetimes().map(lambda m: f"{m.year:04}-{m.month:02}-{m.day:02}T{m.hour:02}:{m.minute:02}:00Z"),
    body=digests,
    subjects=st.lists(digests, min_size=1, max_size=4).map(tuple),
)


@given(leaves)
def test_a_leafs_bytes_are_those_of_rfc_8785(leaf: Leaf):
    value: dict[str, Any] = {
        "body": str(leaf.body),
        "seq": leaf.seq,
        "subjects": [str(s) for s in leaf.subjects],
        "time": leaf.time,
        "type": leaf.type,
        "v": 1,
    }

    assert leaf.to_bytes() == rfc8785.dumps(value)


@given(leaves)
def test_what_was_written_is_read_back(leaf: Leaf):
    assert parse_leaf(leaf.to_bytes()) == leaf
