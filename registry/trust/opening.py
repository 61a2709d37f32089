"""Open one record: its leaf, its envelope and its signature agree, or it is refused by name."""

from collections.abc import Callable

import msgspec

from registry.rules.policy import REVIEW_ROLES
from registry.trust.dsse import verify_envelope
from registry.trust.state import By, State, Version
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import RECORD_TYPES, Leaf, Signer, origin_subject
from schemas.statement import Envelope, Statement, Subject, parse_envelope, parse_statement

Bodies = Callable[[Digest], bytes | None]
"""Where bodies are found by digest; None when one is withheld, erased or out of scope."""

BODY_MISSING = "BODY_MISSING"
"""Not a fault: bytes the fold needs are not here, so answers that read them are unproven."""


class Record(msgspec.Struct, frozen=True):
    """One leaf and the envelope its body names; None when the envelope is withheld or erased."""

    leaf: Leaf
    envelope: bytes | None


class Opened(msgspec.Struct, frozen=True):
    """A record whose bytes, leaf and signatures agree; `signers` are the ids of the keys that signed."""

    leaf: Leaf
    envelope: Envelope
    statement: Statement
    signers: tuple[str, ...]

    def refuse(self, code: str, message: str) -> VerificationError:
        """Return the error that names this record."""
        return VerificationError(code, f"{self.leaf.type} at leaf {self.leaf.seq}: {message}")


def read(record: Record, envelope: bytes) -> tuple[Envelope, Statement]:
    """Return the envelope and its statement when leaf and bytes agree; raise VerificationError otherwise."""
    leaf = record.leaf
    # 1. The leaf commits to exactly these bytes.
    if Digest.of(envelope) != leaf.body:
        raise VerificationError("BODY_DIGEST", f"the body of leaf {leaf.seq} has another digest")
    # 2. Envelope and statement are in their one spelling.
    opened = parse_envelope(envelope)
    statement = parse_statement(opened.payload)
    # 3. A record counts only under its own type.
    if statement.kind != leaf.type:
        raise VerificationError(
            "LEAF_TYPE_MISMATCH", f"leaf {leaf.seq} says {leaf.type}, its statement is {statement.kind!r}"
        )
    # 4. The leaf is indexed under exactly the statement's subjects, or a fold by subject would miss it.
    subjects = tuple(dict.fromkeys(s.digest for s in statement.subjects))
    if subjects != leaf.subjects:
        raise VerificationError("SUBJECT_MISMATCH", f"leaf {leaf.seq} does not list its statement's subjects")
    return opened, statement


def verify_signers(state: State, leaf: Leaf, envelope: Envelope, statement: Statement) -> Opened:
    """Return the record opened, signed by keys in force at its leaf; raise VerificationError otherwise."""
    for signature in envelope.signatures:
        if signature.keyid in state.revoked:
            raise VerificationError(
                "KEY_REVOKED", f"leaf {leaf.seq} is signed by key {signature.keyid[:16]}, revoked before"
            )
        # A suspended key helps to say that a key may sign again, or one root person could lock out all.
        if signature.keyid in state.suspended and leaf.type != "key-reinstated":
            raise VerificationError(
                "KEY_SUSPENDED",
                f"leaf {leaf.seq} is signed by key {signature.keyid[:16]}, which is suspended",
            )
    signers = verify_envelope(envelope, state.keys)
    # One statement, one signer: a quorum is counted over envelopes, never inside one (trust.md section 0).
    if RECORD_TYPES[leaf.type].signer is not Signer.ROOT and len(signers) != 1:
        raise VerificationError(
            "SIGNER_COUNT", f"leaf {leaf.seq}: expected 1 signature, found {len(signers)}"
        )
    return Opened(leaf, envelope, statement, signers)


def signed_by(state: State, opened: Opened) -> By:
    """Return who signed a record with one signature."""
    keyid = opened.signers[0]
    person, service = state.persons.get(keyid), state.services.get(keyid)
    return By(
        opened.leaf.seq,
        opened.leaf.time,
        keyid,
        None if person is None else person.id,
        None if service is None else service.id,
        opened.leaf.body,
    )


def root_signers(state: State, opened: Opened) -> dict[str, str]:
    """Return who of the holders of the role root everywhere signed: person by key."""
    holders = {} if state.trust_root is None else state.trust_root.root_holders()
    return {keyid: holders[keyid] for keyid in opened.signers if keyid in holders}


def require_root_threshold(state: State, opened: Opened) -> By:
    """Return who signed when they are as many distinct root persons as the root in force asks for.

    Raise ROLE_MISSING otherwise. Every key that signed is kept: one found compromised voids the act.
    """
    signed = root_signers(state, opened)
    needed = 1 if state.trust_root is None else state.trust_root.root_threshold
    found = len(set(signed.values()))
    if found < needed:
        raise opened.refuse("ROLE_MISSING", f"expected {needed} root persons to sign it, found {found}")
    first, *others = signed
    leaf = opened.leaf
    return By(leaf.seq, leaf.time, first, signed[first], envelope=leaf.body, cosigners=tuple(others))


def require_signer(state: State, opened: Opened, namespace: str, environment: str | None = None) -> By:
    """Return who signed when the table of record types lets them there; raise ROLE_MISSING otherwise."""
    by = signed_by(state, opened)
    allowed = RECORD_TYPES[opened.leaf.type].signer
    if by.service is not None and allowed in (Signer.SERVICE, Signer.EITHER):
        return by
    if allowed is Signer.SERVICE:
        raise opened.refuse("ROLE_MISSING", "a person signed what the registry's service must sign")
    if not any(holds_role(state, by, role, namespace, environment) for role in REVIEW_ROLES):
        where = namespace if environment is None else f"{namespace}, {environment}"
        raise opened.refuse("ROLE_MISSING", f"{by.person} holds none of {', '.join(REVIEW_ROLES)} in {where}")
    return by


def holds_role(state: State, by: By, role: str, namespace: str, environment: str | None) -> bool:
    """Say whether the person who signed holds `role` there, by the trust root in force."""
    person = state.persons.get(by.keyid)
    return person is not None and person.holds(role, namespace, environment)


def require_origin(state: State, opened: Opened) -> None:
    """Return when the statement is about this registry; raise SUBJECT_MISMATCH otherwise."""
    expected = (Subject(state.origin, origin_subject(state.origin)),)
    if opened.statement.subjects != expected:
        raise opened.refuse("SUBJECT_MISMATCH", "expected the registry itself as the only subject")


def require_version(state: State, opened: Opened, second: str = "") -> tuple[Version, Digest]:
    """Return the registered version of the first subject and the digest of the second, called `second`.

    Both subjects are matched by name and digest; `second` empty means that there is only one.
    """
    subjects = opened.statement.subjects
    names = [s.name for s in subjects[1:]]
    if names != ([second] if second else []):
        raise opened.refuse(
            "SUBJECT_MISMATCH", f"expected the subjects version and {second or 'nothing else'}"
        )
    version = state.versions.get(subjects[0].digest)
    if version is None and any(
        m.what == "version-registered" for m in state.missing.get(subjects[0].digest, ())
    ):
        raise opened.refuse(BODY_MISSING, "the registration of its version is not here")
    if version is None or str(version.ref) != subjects[0].name:
        raise opened.refuse("SUBJECT_MISMATCH", f"no version {subjects[0].name[:160]!r} has that manifest")
    if state.is_void(version.by):
        raise opened.refuse("SUBJECT_MISMATCH", "its version was registered with a compromised key")
    return version, subjects[-1].digest
