"""The rule by which one trust root follows another.

The first root is trusted because its digest is the auditor's anchor; version N+1 because the root
holders of N and of N+1 both signed it, counted as distinct persons (TUF specification, section 5.3).
"""

from collections.abc import Collection, Mapping

from registry.trust.dsse import verify_envelope
from registry.trust.trust_root import TrustRoot, parse_trust_root
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import origin_subject
from schemas.statement import Envelope, Subject, parse_statement


def verify_first_root(envelope: Envelope) -> TrustRoot:
    """Return version 1 when enough of its own root holders signed it; the anchor is compared elsewhere."""
    made = _read(envelope)
    if made.version != 1:
        raise VerificationError(
            "ROOT_VERSION", f"expected the first root to be version 1, found {made.version}"
        )
    holders = made.root_holders()
    _require(_signers(envelope, made.public_keys()), holders, made.root_threshold, "ROOT_THRESHOLD")
    return made


def verify_next_root(current: TrustRoot, envelope: Envelope, *, dead: Collection[str] = ()) -> TrustRoot:
    """Return the root that follows `current`, by both thresholds; `dead` keys count for nothing."""
    made = _read(envelope)
    if made.origin != current.origin:
        raise VerificationError("ORIGIN_MISMATCH", "the new root is another registry's")
    if made.version != current.version + 1:
        raise VerificationError(
            "ROOT_VERSION", f"expected version {current.version + 1} of the trust root, found {made.version}"
        )
    signed = _signers(envelope, {**made.public_keys(), **current.public_keys()}) - set(dead)
    _require(signed, current.root_holders(), current.root_threshold, "ROOT_THRESHOLD_OLD")
    _require(signed, made.root_holders(), made.root_threshold, "ROOT_THRESHOLD_NEW")
    return made


def anchor_of(envelope: Envelope) -> Digest:
    """Return the digest by which an auditor pins a registry: of the payload of its first root."""
    return Digest.of(envelope.payload)


def _read(envelope: Envelope) -> TrustRoot:
    statement = parse_statement(envelope.payload)
    if statement.kind != "trust-root":
        raise VerificationError("NO_TRUST_ROOT", f"expected a trust root, found {statement.kind!r}")
    made = parse_trust_root(statement.predicate)
    if statement.subjects != (Subject(made.origin, origin_subject(made.origin)),):
        raise VerificationError("SUBJECT_MISMATCH", "the trust root's subject is not its origin")
    return made


def _signers(envelope: Envelope, keys: Mapping[str, bytes]) -> set[str]:
    return set(verify_envelope(envelope, keys))


def _require(signed: set[str], holders: Mapping[str, str], threshold: int, code: str) -> None:
    persons = {holders[keyid] for keyid in signed if keyid in holders}
    if len(persons) < threshold:
        raise VerificationError(code, f"expected {threshold} root holders to sign, found {len(persons)}")
