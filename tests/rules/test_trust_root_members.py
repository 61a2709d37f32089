"""Optional members of a trust root: who recovers it, which time-stamping authorities count."""

import base64
from typing import Any

import msgspec
import pytest

from registry.trust.trust_root import TrustRoot, parse_trust_root
from schemas.errors import VerificationError


def root_of(logbook: Any) -> TrustRoot:
    root: TrustRoot = logbook.fold().trust_root
    return root


def test_a_root_without_them_keeps_the_bytes_it_always_had(logbook: Any) -> None:
    predicate = root_of(logbook).to_predicate(nonce="0" * 32)

    assert "recovery" not in predicate
    assert "tsaRoots" not in predicate
    assert parse_trust_root(predicate) == root_of(logbook)


def test_they_come_back_as_they_were_written(logbook: Any, people: Any) -> None:
    der = b"\x30\x03\x02\x01\x01"
    made = msgspec.structs.replace(root_of(logbook), recovery=(people.alice.person,), tsa_roots=(der,))
    predicate = made.to_predicate(nonce="0" * 32)

    assert predicate["recovery"] == [people.alice.person]
    assert predicate["tsaRoots"] == [base64.b64encode(der).decode()]
    assert parse_trust_root(predicate) == made


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("recovery", "p-0000000000000000", "ROOT_MALFORMED"),
        ("recovery", [7], "ROOT_MALFORMED"),
        ("recovery", ["p-0000000000000000"], "ROOT_RECOVERY"),
        ("recovery", ["BOB"], "ROOT_RECOVERY"),
        ("recovery", ["ALICE", "ALICE"], "ROOT_MALFORMED"),
        ("tsaRoots", {}, "ROOT_MALFORMED"),
        ("tsaRoots", [""], "ROOT_MALFORMED"),
        ("tsaRoots", ["MAA"], "BASE64"),
        ("tsaRoots", ["AAAA"], "ROOT_MALFORMED"),
        ("tsaRoots", [base64.b64encode(b"\x30" * 16_385).decode()], "ROOT_MALFORMED"),
        ("tsaRoots", ["MAA=", "MAA="], "ROOT_MALFORMED"),
    ],
)
def test_nonsense_is_refused_by_name(logbook: Any, people: Any, member: str, value: Any, code: str) -> None:
    named = {"ALICE": people.alice.person, "BOB": people.bob.person}
    if isinstance(value, list):
        value = [named.get(item, item) for item in value]
    predicate = {**root_of(logbook).to_predicate(nonce="0" * 32), member: value}

    with pytest.raises(VerificationError) as refused:
        parse_trust_root(predicate)

    assert refused.value.code == code
