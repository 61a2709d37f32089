"""Fold the log into a State: one step per record, the same for the gate, the audit and the bundle's verifier.

A record that is not what it should be never counts; it is reported as a Problem and the fold goes on. A body
that is not here makes exactly the answers unproven that could have read it. A fold over the leaves of one
manifest plus those under the origin gives that manifest the same status as the fold over all leaves, as long
as each name was registered once (a second registration under a name is another manifest's leaf).
"""

from collections.abc import Callable, Iterable

from registry.trust.opening import BODY_MISSING, Bodies, Opened, Record, read, require_origin, verify_signers
from registry.trust.state import Missing, Problem, State
from registry.trust.steps import authority, erasures, exceptions, facts, reviews, versions
from schemas.errors import VerificationError
from schemas.ledger import RECORD_TYPES, Leaf, Signer, origin_subject

__all__ = ["Bodies", "Record", "State", "fold", "resume", "start", "step"]

Step = Callable[[State, Opened], None]

_STEPS: dict[str, Step] = {
    "key-revoked": authority.key_revoked,
    "key-suspended": authority.key_suspended,
    "key-reinstated": authority.key_reinstated,
    "policy-set": authority.policy_set,
    "run-linked": versions.run_linked,
    "evidence-added": facts.evidence_added,
    "evidence-withdrawn": facts.evidence_withdrawn,
    "evaluation-recorded": facts.evaluation_recorded,
    "bias-recorded": facts.bias_recorded,
    "monitoring-recorded": facts.monitoring_recorded,
    "risk-assessed": facts.risk_assessed,
    "approval": reviews.approval,
    "withdrawn": reviews.withdrawn,
    "dossier-changed": reviews.dossier_changed,
    "override": exceptions.override,
    "break-glass": exceptions.break_glass,
    "redaction": erasures.redaction,
}

_STEPS_WITH_BODIES: dict[str, Callable[[State, Opened, Bodies], None]] = {
    "version-registered": versions.version_registered,
    "review-requested": reviews.review_requested,
}

_NEVER_READ = frozenset(
    {"import", "seal", "bundle-exported", "link", "run-linked", "redaction", "alias-added", "alias-removed"}
)
"""Types whose content no status depends on: without their bodies every answer stays proved."""

_ABOUT_AUTHORITY = frozenset(
    {"NO_TRUST_ROOT", "SIGNER_UNKNOWN", "ROLE_MISSING", "POLICY_VERSION", "POLICY_NOT_IN_FORCE"}
    | {"ROOT_VERSION", "ROOT_THRESHOLD_OLD", "KEY_SUSPENDED", "KEY_NOT_SUSPENDED", "BREAK_GLASS_REFUSED"}
)
"""Refusals that prove nothing while a root, a policy set or a revocation is not here."""


def start(origin: str) -> State:
    """Return the state before the first leaf."""
    return State(origin=origin)


def step(state: State, record: Record, bodies: Bodies) -> State:
    """Return the state after `record`; `state` itself stays as it was."""
    after = state.copy()
    _apply(after, record, bodies, complete=False)
    return after


def fold(origin: str, records: Iterable[Record], bodies: Bodies, *, complete: bool = False) -> State:
    """Return what `records` amount to, in order; `complete` demands every leaf from the first on."""
    state = start(origin)
    for record in records:
        _apply(state, record, bodies, complete=complete)
    return state


def resume(state: State, records: Iterable[Record], bodies: Bodies, *, complete: bool = False) -> State:
    """Return the state after `records` follow `state`, which stays as it was; one copy for all of them."""
    after = state.copy()
    for record in records:
        _apply(after, record, bodies, complete=complete)
    return after


def _apply(state: State, record: Record, bodies: Bodies, *, complete: bool) -> None:
    leaf = record.leaf
    try:
        _place(state, leaf, complete=complete)
        if record.envelope is None:
            _note_missing(state, leaf)
        else:
            _take(state, record, record.envelope, bodies)
    except VerificationError as error:
        _refuse(state, leaf, error)


def _place(state: State, leaf: Leaf, *, complete: bool) -> None:
    expected, before = state.size, state.time
    state.size = max(state.size, leaf.seq + 1)
    state.time = max(state.time, leaf.time)
    if leaf.seq < expected or (complete and leaf.seq != expected):
        raise VerificationError("LEAF_SEQ", f"expected leaf {expected}, found leaf {leaf.seq}")
    if leaf.time < before:
        raise VerificationError("LEAF_TIME", f"leaf {leaf.seq} is at {leaf.time}, after a leaf at {before}")


def _take(state: State, record: Record, data: bytes, bodies: Bodies) -> None:
    leaf = record.leaf
    envelope, statement = read(record, data)
    # The same envelope a second time would restore what was withdrawn since.
    if leaf.body in state.envelopes:
        code = "APPROVAL_REPLAYED" if leaf.type == "approval" else "RECORD_REPLAYED"
        raise VerificationError(code, f"leaf {leaf.seq} logs an envelope that was logged before")
    state.envelopes.add(leaf.body)
    if leaf.type == "trust-root":
        authority.trust_root(state, leaf, envelope)
        return
    if not state.roots:
        raise VerificationError("NO_TRUST_ROOT", f"leaf {leaf.seq} comes before any trust root")
    opened = verify_signers(state, leaf, envelope, statement)
    if leaf.type in _STEPS:
        _STEPS[leaf.type](state, opened)
    elif leaf.type in _STEPS_WITH_BODIES:
        _STEPS_WITH_BODIES[leaf.type](state, opened, bodies)
    else:
        _check_only(state, opened)


def _check_only(state: State, opened: Opened) -> None:
    # Seals, imports and exports change no status; that the right key signed them is checked all the same.
    kind = RECORD_TYPES[opened.leaf.type]
    if kind.about_origin:
        require_origin(state, opened)
    if kind.signer is Signer.SERVICE and opened.signers[0] not in state.services:
        raise opened.refuse("ROLE_MISSING", "a person signed what the registry's service must sign")


def _note_missing(state: State, leaf: Leaf) -> None:
    if leaf.type in _NEVER_READ:
        return
    for subject in leaf.subjects:
        gap = Missing(leaf.seq, leaf.type, leaf.body)
        state.missing[subject] = (*state.missing.get(subject, ()), gap)


def _refuse(state: State, leaf: Leaf, error: VerificationError) -> None:
    unprovable = error.code in _ABOUT_AUTHORITY and origin_subject(state.origin) in state.missing
    if error.code == BODY_MISSING or unprovable:
        _note_missing(state, leaf)
    else:
        state.problems.append(Problem(leaf.seq, error.code, error.message, leaf.subjects))
