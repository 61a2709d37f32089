"""N: what was erased, or is said to be: it takes proof away and gives nothing."""

from typing import Any

from registry.bundle.contents import Withheld
from schemas.digest import Digest
from schemas.ledger import parse_leaf
from schemas.statement import Statement, Subject
from tests.attacks.case import Handed, case, claimed
from tests.attacks.simulator import Registry, honest


def redaction(registry: Registry, digest: Digest, **said: Any) -> Statement:
    """Return the record of an erasure."""
    predicate = {"nonce": registry.nonce(), "reason": "erasure-request", **said}
    return Statement("redaction", (Subject("redacted", digest),), predicate)


def erase_record(registry: Registry, seq: int, signer: str = "service") -> int:
    """Log the erasure of the record at leaf `seq`, and erase it."""
    digest = parse_leaf(registry.leaves[seq]).body
    leaf = registry.append(redaction(registry, digest, what="envelope", leaf=seq), signer)
    registry.envelopes[seq] = Withheld(digest, "redacted")
    return leaf


def erase_body(registry: Registry, digest: Digest, what: str) -> int:
    """Log the erasure of words or of a document, and erase them."""
    leaf = registry.append(redaction(registry, digest, what=what), "service")
    del registry.bodies[digest]
    return leaf


def _erased(kind: str) -> Handed:
    """Hand over a bundle in which the first record of a type is erased by the book."""
    registry, manifest, _, approval = honest()
    registry.withdraw(manifest, approval)
    anchor = registry.anchor
    erase_record(registry, next(i for i, d in enumerate(registry.leaves) if parse_leaf(d).type == kind))
    return claimed(registry, manifest, "revoked", anchor=anchor)


@case("F10", "UNPROVEN", "BODY_MISSING BODY_REDACTED", "the withdrawal is erased")
def withdrawal_erased() -> Handed:
    return _erased("withdrawn")


@case("N01", "UNPROVEN", "BODY_MISSING BODY_REDACTED", "the approval is erased")
def approval_erased() -> Handed:
    return _erased("approval")


@case("N02", "UNPROVEN", "BODY_MISSING BODY_REDACTED", "the request is erased")
def request_erased() -> Handed:
    return _erased("review-requested")


@case("N03", "UNPROVEN", "BODY_MISSING BODY_REDACTED", "the registration is erased")
def registration_erased() -> Handed:
    return _erased("version-registered")


@case("N04", "UNPROVEN", "BODY_MISSING REDACTION_UNLOGGED", "the exporter says erased, and the log does not")
def erasure_unlogged() -> Handed:
    registry, manifest, _, approval = honest()
    registry.envelopes[approval] = Withheld(parse_leaf(registry.leaves[approval]).body, "redacted")
    return claimed(registry, manifest)


@case("N05", "UNPROVEN", "BODY_MISSING REDACTION_UNLOGGED ROLE_MISSING", "a person records an erasure")
def erasure_signed_by_a_person() -> Handed:
    registry, manifest, _, approval = honest()
    erase_record(registry, approval, "alice")
    return claimed(registry, manifest)


@case("N06", "UNPROVEN", "BODY_MISSING REDACTION_UNLOGGED", "the record of the erasure is itself left out")
def erasures_record_left_out() -> Handed:
    registry, manifest, _, approval = honest()
    leaf = erase_record(registry, approval)
    registry.envelopes[leaf] = Withheld(parse_leaf(registry.leaves[leaf]).body, "omitted")
    return claimed(registry, manifest)


@case(
    "N07",
    "UNPROVEN",
    "BODY_MISSING REDACTION_FALSE REDACTION_UNLOGGED",
    "an erasure names another leaf",
)
def erasure_of_another_leaf() -> Handed:
    registry, manifest, _, approval = honest()
    digest = parse_leaf(registry.leaves[approval]).body
    registry.append(redaction(registry, digest, what="envelope", leaf=approval - 1), "service")
    registry.envelopes[approval] = Withheld(digest, "redacted")
    return claimed(registry, manifest)


@case(
    "N08",
    "FAIL",
    "NO_TRUST_ROOT | BODY_MISSING EXPORTER_UNKNOWN REDACTION_UNLOGGED",
    "the trust root is erased",
)
def trust_root_erased() -> Handed:
    return _erased("trust-root")


@case("N09", "UNPROVEN", "BODY_MISSING REDACTION_FALSE REDACTION_UNLOGGED", "the policy set is erased")
def policy_set_erased() -> Handed:
    return _erased("policy-set")


@case("N10", "PASS", "TEXT_ERASED", "the words of a decision are erased by the book")
def words_erased() -> Handed:
    registry, manifest, _, _ = honest()
    words = next(d for d, data in registry.bodies.items() if data.endswith(b"checked drift"))
    erase_body(registry, words, "text")
    return claimed(registry, manifest)


@case("N11", "UNPROVEN", "BODY_MISSING BODY_REDACTED CHECKS_ATTESTED", "the dossier is erased by the book")
def dossier_erased() -> Handed:
    registry, manifest, dossier, _ = honest()
    erase_body(registry, dossier, "document")
    return claimed(registry, manifest)


def _said(**said: Any) -> Handed:
    registry, manifest, _, approval = honest()
    digest = parse_leaf(registry.leaves[approval]).body
    registry.append(redaction(registry, digest, **said), "service")
    return claimed(registry, manifest)


@case("N12", "PASS", "PREDICATE_MALFORMED", "an erasure of a record names no leaf: it is not counted")
def erasure_without_a_leaf() -> Handed:
    return _said(what="envelope")


@case("N13", "PASS", "PREDICATE_MALFORMED", "an erasure of everything is not counted")
def erasure_of_everything() -> Handed:
    return _said(what="everything")


@case("N14", "PASS", "PREDICATE_MALFORMED", "an erasure for a reason nobody gives is not counted")
def erasure_for_no_reason() -> Handed:
    return _said(what="text", reason="shame")


@case("N15", "PASS", "PREDICATE_MALFORMED", "an erasure of words names a leaf: it is not counted")
def erasure_of_words_at_a_leaf() -> Handed:
    return _said(what="text", leaf=1)


@case("N16", "PASS", "PREDICATE_MALFORMED", "an erasure names a leaf beyond itself: it is not counted")
def erasure_of_a_later_leaf() -> Handed:
    return _said(what="envelope", leaf=10_000)
