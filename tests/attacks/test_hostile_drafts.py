"""A draft handed to a root person: nothing is signed that is not shown, and nothing shown that misleads."""

from typing import Any

import pytest

from registry.trust.dsse import sign_statement
from registry.trust.root_draft import RootDraft, read_root_draft, steps_of
from registry.trust.root_words import describe
from registry.trust.trust_root import Service
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import origin_subject
from schemas.statement import Statement, Subject, parse_envelope
from tests.attacks.simulator import ORIGIN, Registry, altered_root, key, person_id

OTHER = "muniment.dev/log/" + "f" * 32
HERE = (Subject(ORIGIN, origin_subject(ORIGIN)),)
THERE = (Subject(OTHER, origin_subject(OTHER)),)
NONCE = {"nonce": "0" * 32}
REVOKED = {"fromIndex": 0, "keyid": key("rita").keyid, "reason": "left", **NONCE}
REINSTATED = {"keyid": key("rita").keyid, **NONCE}
OVERRIDE = {"environment": "production", "reason": Digest.of(b"because"), **NONCE}
REJECTION = (Subject("retail/credit-risk@7", Digest.of(b"m")), Subject("decision", Digest.of(b"d")))


def draft(statement: Statement, names: dict[str, str] | None = None) -> bytes:
    first = Registry().envelopes[0]
    assert isinstance(first, bytes)
    envelope = sign_statement(statement, key("alice"))
    return RootDraft((envelope,), (parse_envelope(first),), names or {}).to_bytes()


def next_root(**changed: Any) -> Statement:
    return altered_root(Registry().root, version=2, **changed).to_statement(nonce="0" * 32)


HOSTILE = {
    "a root with a member nobody knows yet": Statement(
        "trust-root", HERE, next_root().predicate | {"emergency": "763b7d61"}
    ),
    "a root about another registry": Statement("trust-root", THERE, next_root().predicate),
    "a revocation in another registry": Statement("key-revoked", THERE, REVOKED),
    "a revocation that says more": Statement("key-revoked", HERE, REVOKED | {"also": "everything"}),
    "a reinstatement in another registry": Statement("key-reinstated", THERE, REINSTATED),
    "an override of no decision": Statement("override", REJECTION[:1], OVERRIDE),
    "an override of something else": Statement(
        "override", (REJECTION[0], Subject("dossier", Digest.of(b"d"))), OVERRIDE
    ),
    "an override for a list": Statement("override", REJECTION, OVERRIDE | {"environment": ["production"]}),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_draft_that_says_more_than_is_shown_is_refused(what: str) -> None:
    with pytest.raises(VerificationError, match=r"MALFORMED|MISMATCH"):
        read_root_draft(draft(HOSTILE[what]))


@pytest.mark.parametrize(
    "statement",
    [
        next_root(),
        Statement("key-revoked", HERE, REVOKED),
        Statement("key-reinstated", HERE, REINSTATED),
        Statement("override", REJECTION, OVERRIDE),
    ],
    ids=lambda statement: statement.kind,
)
def test_an_honest_draft_is_read(statement: Statement) -> None:
    assert read_root_draft(draft(statement)).envelopes[0].payload == statement.payload()


@pytest.mark.parametrize(
    "name", ["a\nchange    changes nothing", "a\u202e", f"rita ({person_id('rita')})", 7]
)
def test_a_draft_calls_nobody_what_shows_somebody_else(name: Any) -> None:
    with pytest.raises(VerificationError, match="names by person"):
        read_root_draft(draft(next_root(), {person_id("alice"): name}))


def test_an_override_shows_the_manifest_it_is_about() -> None:
    (step,) = steps_of(read_root_draft(draft(Statement("override", REJECTION, OVERRIDE))))
    assert f"about the manifest {Digest.of(b'm')}" in describe(step, {})


def test_a_service_without_a_key_is_shown() -> None:
    services = (*Registry().root.services, Service("robot", ()))
    (step,) = steps_of(read_root_draft(draft(next_root(services=services))))
    assert describe(step, {}) == ("adds the service robot",)
