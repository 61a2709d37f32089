"""Deciding: the statement is drafted and shown, then exactly those bytes are signed and recorded."""

from registry.acts.actor import Actor, new_nonce, subject, text_body
from registry.acts.days import end_of_day
from registry.acts.decision_text import decision_text
from registry.acts.heads import grow_frontier
from registry.acts.refusing import refused
from registry.acts.reviews import find_live_decision, find_open_request
from registry.acts.state import read_state
from registry.acts.writing import writing
from registry.reading import DecisionDraft, DecisionRequest, Receipt
from registry.registry import Registry
from registry.rules.status import status
from registry.trust.dsse import Signer, sign_statement
from registry.trust.state import State
from schemas.asset import VersionRef, parse_version_ref
from schemas.digest import Digest
from schemas.errors import NotFound, Refused
from schemas.ledger import Checkpoint, time_text
from schemas.statement import Statement, parse_statement

__all__ = ["draft_decision", "end_of_day", "record_decision", "record_signed", "withdraw_decision"]


def draft_decision(registry: Registry, request: DecisionRequest) -> DecisionDraft:
    """Return the exact statement the decision would sign, with warnings; record nothing."""
    ref = parse_version_ref(request.subject, namespace="main")
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    asked = find_open_request(state, manifest, request.environment)
    if asked is None:
        raise Refused(
            f"{ref} has no open request for {request.environment}: there is no dossier to decide on",
            hint=f"muniment request {ref} --env {request.environment}",
        )
    registry.ledger.get_body(asked.dossier)  # nobody signs what nobody can read
    end = grow_frontier(registry)
    payload, bodies = decision_text(
        request,
        ref,
        manifest,
        asked.dossier,
        Checkpoint(registry.origin, end.size, end.root()),
        time_text(registry.clock()),
    )
    return DecisionDraft(
        request=request,
        payload=payload,
        bodies=bodies,
        warnings=_warnings(state, manifest, request),
        refused=_refusal(state, ref, request),
    )


def record_decision(registry: Registry, draft: DecisionDraft, signer: Signer) -> Receipt:
    """Sign the draft's bytes and record them; raise Refused, recording nothing, when they would be void."""
    if draft.refused:
        raise Refused(draft.refused)
    statement = parse_statement(draft.payload)
    envelope = sign_statement(statement, signer).to_bytes()
    return record_signed(registry, statement, envelope, draft.bodies, draft.request.decision)


def withdraw_decision(
    registry: Registry, actor: Actor, ref: VersionRef, environment: str, reason: str
) -> Receipt:
    """Take back the actor's own latest decision about `ref` in `environment`."""
    manifest = registry.get_manifest(ref)
    person = actor.person or ""
    decision = find_live_decision(read_state(registry, manifest), manifest, environment, person)
    if decision is None:
        raise NotFound(
            f"{registry.names.name_of(person)} has no decision about {ref} for {environment} to take back",
            hint=f"muniment status {ref} --env {environment}",
        )
    return withdraw_envelope(registry, actor, ref, environment, reason, decision.envelope)


def withdraw_envelope(
    registry: Registry, actor: Actor, ref: VersionRef, environment: str, reason: str, envelope_digest: Digest
) -> Receipt:
    """Take back what the actor signed in the envelope with that digest: a decision or a break-glass."""
    text = text_body(reason, "reason")
    predicate = {
        "environment": environment,
        "nonce": new_nonce(),
        "reason": Digest.of(text),
        "reviewer": actor.person or "",
    }
    subjects = (subject(ref, registry.get_manifest(ref)), subject("decision", envelope_digest))
    statement = Statement("withdrawn", subjects, predicate)
    envelope = sign_statement(statement, actor.signer).to_bytes()
    return record_signed(registry, statement, envelope, (text,), "withdraw")


def record_signed(
    registry: Registry, statement: Statement, envelope: bytes, bodies: tuple[bytes, ...], decision: str
) -> Receipt:
    """Record the signed `envelope` of `statement`; raise Refused and record nothing when it would be void."""
    manifest = statement.subjects[0].digest
    environment = statement.predicate["environment"]
    with writing(registry) as writer:
        for body in bodies:
            writer.put_body(body)
        leaf = writer.append(envelope)[0]
        _refuse_void(read_state(registry, manifest), leaf.seq)
    after = status(read_state(registry, manifest), manifest, environment, time_text(registry.clock()))
    return Receipt(
        seq=leaf.seq,
        decision=decision,
        envelope=Digest.of(envelope),
        status=after.status,
        message=f"recorded at leaf {leaf.seq}",
    )


def _refuse_void(state: State, seq: int) -> None:
    for problem in state.problems:
        if problem.seq == seq:
            raise refused(problem)


def _warnings(state: State, manifest: Digest, request: DecisionRequest) -> tuple[str, ...]:
    asked = find_open_request(state, manifest, request.environment)
    if asked is None or asked.frozen is None:
        return ()
    return tuple(
        f"check {check.rule} is {check.result}: {check.message or check.title}"
        for check in asked.frozen.checks
        if check.result in ("fail", "error")
    )


def _refusal(state: State, ref: VersionRef, request: DecisionRequest) -> str:
    root = state.trust_root
    person = next((p for p in root.persons if p.id == request.reviewer), None) if root else None
    if person is None or not person.holds(request.role, ref.namespace, request.environment):
        return f"ROLE_MISSING: you do not hold the role {request.role} for {ref} in {request.environment}"
    return ""
