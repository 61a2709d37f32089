"""Whatever an enrolled key signs counts or is refused by name, and nothing crashes."""

import base64
import json
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from registry.rules.dossier import build_dossier, parse_dossier
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import RECORD_TYPES, origin_subject

QUIET = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DIGEST = Digest.of(b"anything")
WORDS = st.sampled_from(
    (
        *("", "*", "production", "approve", "risk-approver", "high", "compromised", "\u0000"),
        *("2026-01-01T00:00:05Z", "2026-02-30T00:00:00Z", "p-0000000000000000", "retail/credit-risk@7"),
        *(DIGEST, "sha256:0"),
    )
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(WORDS.filter(str.isascii), inner, max_size=3)
    ),
    max_leaves=6,
)
ABOUT = ("version", "origin", "dossier", "evidence", "document")
MEMBERS = (
    "nonce version semantics approval checks source existingApprovals authors runs artifactLevel source runId"
    " job kind level validUntil replaces attribute rule tier environment evaluatedAt policySet decision role"
    " reviewer decidedAt expiresAt conditions opened reason logContext base to parts through keyid fromIndex"
    " persons services logKeys origin rootThreshold witnesses witnessQuorum expires"
).split()

DOSSIER_MEMBERS = (
    "environment subject evaluatedAt authors previous lineage evidence evaluations biasChecks monitoring risk"
    " findings waivers comments catalogue policySet checks unknown"
).split()


def statement_of(book: Any, leaf: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.b64decode(json.loads(book.records[leaf].envelope)["payload"]))
    return found


@QUIET
@given(
    kind=st.sampled_from(sorted(RECORD_TYPES)),
    signer=st.sampled_from(["alice", "bob", "service", "mallory"]),
    members=st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=6),
    names=st.lists(
        st.sampled_from(["version", "origin", "dossier", "evidence", "document"]), min_size=1, max_size=3
    ),
)
def test_any_signed_statement_is_taken_or_refused(
    new_logbook: Any, people: Any, kind: str, signer: str, members: dict[str, Any], names: list[str]
) -> None:
    book = new_logbook()
    dossier = book.request()
    origin = book.fold().origin
    about = {
        "version": book.subject(),
        "origin": (origin, origin_subject(origin)),
        "dossier": ("dossier", dossier),
        "evidence": ("evidence", DIGEST),
        "document": ("document", DIGEST),
    }
    book.log(kind, [about[name] for name in names], members, getattr(people, signer))

    assert book.status().status == "none"
    assert book.gate().verdict in ("deny", "unproven")


@QUIET
@given(leaf=st.integers(0, 7), member=st.sampled_from(MEMBERS), value=VALUES)
def test_any_member_of_an_honest_statement_may_be_anything(
    new_logbook: Any, people: Any, leaf: int, member: str, value: Any
) -> None:
    book = new_logbook()
    dossier = book.request(risk=book.assess("low"))
    book.decide(people.bob, dossier)
    book.change(dossier)
    book.revoke(people.carol, "left", 0)
    honest = statement_of(book, leaf)
    signer = people.bob if leaf == 5 else people.service if leaf == 6 else people.alice
    about = [(s["name"], Digest.from_hex(s["digest"]["sha256"])) for s in honest["subject"]]
    del book.records[leaf:]
    predicate = {**honest["predicate"], member: value, "nonce": f"{99:032x}"}
    book.log(honest["predicateType"].split("/")[-2], about, predicate, signer)

    assert book.status().status in ("none", "valid", "valid-with-conditions", "expired", "stale")


@QUIET
@given(member=st.sampled_from(DOSSIER_MEMBERS), value=VALUES)
@example(member="checks", value=[{"id": "a", "title": "b", "severity": "block", "check": {"risk": None}}])
def test_a_dossier_with_any_member_changed_is_read_or_refused(
    new_logbook: Any, member: str, value: Any
) -> None:
    book = new_logbook()
    frozen = json.loads(book.bodies[book.dossier()])
    data = json.dumps({**frozen, member: value}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with suppress(VerificationError):
        assert build_dossier(parse_dossier(data.encode())) == data.encode()
