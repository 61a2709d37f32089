"""Deciding far from the registry: a packet is carried out, signed elsewhere, and the decision recorded."""

import base64

import msgspec

from registry.acts.decide import record_signed
from registry.acts.decision_text import decision_text
from registry.acts.heads import grow_frontier
from registry.acts.prove import prove_leaf
from registry.acts.reviews import find_open_request
from registry.acts.state import get_trust_root, read_state
from registry.bundle.packet import (
    Packet,
    SignedDecision,
    build_decision,
    build_packet,
    named_documents,
    read_decision,
)
from registry.reading import DecisionDraft, DecisionRequest, Receipt
from registry.registry import Registry
from registry.rules.dossier import parse_dossier
from registry.trust.dsse import Signer, sign_statement
from registry.trust.state import State
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import Conflict, NotFound, Refused, Unproven
from schemas.ledger import Checkpoint
from schemas.statement import parse_statement


class Submitted(msgspec.Struct, frozen=True):
    """A decision that was carried back; `proof` is None while its leaf lies under no signed head."""

    receipt: Receipt
    subject: str
    environment: str
    proof: str | None


def carry_out(registry: Registry, ref: VersionRef, environment: str) -> bytes:
    """Return the packet of the open dossier of `ref`; raise Refused when no decision was asked for."""
    manifest = registry.get_manifest(ref)
    state = read_state(registry, manifest)
    asked = find_open_request(state, manifest, environment)
    if asked is None:
        raise Refused(
            f"{ref} has no open request for {environment}: there is no dossier to decide on",
            hint=f"muniment request {ref} --env {environment}",
        )
    dossier = registry.ledger.get_body(asked.dossier)
    found = {d: registry.ledger.find_body(d) for d in named_documents(parse_dossier(dossier))}
    bodies = {digest: body for digest, body in found.items() if body is not None}
    end = grow_frontier(registry)
    head = Checkpoint(registry.origin, end.size, end.root())
    return build_packet(Packet(dossier, head, get_trust_root(state), bodies))


def draft_from_packet(packet: Packet, signer: Signer, request: DecisionRequest, now: str) -> DecisionDraft:
    """Return what `signer` would sign about the packet's dossier; the reviewer is whose key it is."""
    person = packet.root.person_of(signer.keyid)
    if person is None:
        raise Refused(
            f"SIGNER_UNKNOWN: the key {signer.keyid[:16]} is no person's in {packet.head.origin}",
            hint="sign with the key that was enrolled there",
        )
    parts = packet.parts
    ref = parts.subject.ref
    if not person.holds(request.role, ref.namespace, parts.environment):
        raise Refused(
            f"ROLE_MISSING: you do not hold the role {request.role} for {ref} in {parts.environment}"
        )
    if now < parts.evaluated_at:
        raise Refused(
            f"this clock says {now}, the dossier was frozen at {parts.evaluated_at}", hint="set the clock"
        )
    request = msgspec.structs.replace(
        request, subject=str(ref), environment=parts.environment, reviewer=person.id
    )
    payload, bodies = decision_text(
        request, ref, parts.subject.manifest, Digest.of(packet.dossier), packet.head, now
    )
    return DecisionDraft(request=request, payload=payload, bodies=bodies)


def sign_draft(draft: DecisionDraft, signer: Signer) -> bytes:
    """Return the file that carries the signed decision back."""
    envelope = sign_statement(parse_statement(draft.payload), signer).to_bytes()
    return build_decision(envelope, draft.bodies)


def submit_decision(registry: Registry, data: bytes) -> Submitted:
    """Record a decision that was signed elsewhere; raise Refused in words, recording nothing."""
    decision = read_decision(data)
    about = decision.statement.subjects[0]
    _refuse_other_log(registry, decision)
    ref = registry.versions.find_ref(about.digest)
    if ref is None or str(ref) != about.name:
        raise NotFound(f"{about.name[:120]} with the manifest {about.digest} is not registered here")
    _refuse_known(read_state(registry, about.digest), decision)
    said = decision.said
    receipt = record_signed(registry, decision.statement, decision.data, decision.bodies, said.decision)
    try:
        proof = prove_leaf(registry, receipt.seq).text
    except Unproven:
        proof = None
    return Submitted(receipt, str(ref), said.environment, proof)


def _refuse_other_log(registry: Registry, decision: SignedDecision) -> None:
    seen = decision.said.log_context
    if seen.origin != registry.origin:
        raise Refused(
            f"APPROVAL_OTHER_REGISTRY: it was decided for {seen.origin[:120]}, "
            f"this registry is {registry.origin}",
            hint="submit it where its packet came from",
        )
    size = seen.tree_size
    if size > registry.ledger.head().size:
        raise Refused(f"LOG_CONTEXT_FORK: its packet showed {size} leaves, more than this log has")
    if base64.b64encode(registry.ledger.root_at(size)).decode() != seen.root_hash:
        raise Refused(
            f"LOG_CONTEXT_FORK: the first {size} leaves of this log are not those its packet showed",
            hint="muniment audit verify",
        )


def _refuse_known(state: State, decision: SignedDecision) -> None:
    if Digest.of(decision.data) in state.envelopes:
        raise Conflict("this decision is recorded already", hint="muniment audit log")
    signers = {signature.keyid for signature in decision.envelope.signatures}
    root = get_trust_root(state)
    for keyid in signers:
        person = root.person_of(keyid)
        if person is None or person.id != decision.said.reviewer:
            raise Refused(
                f"REVIEWER_MISMATCH: the key {keyid[:16]} that signed it is not its reviewer's",
                hint="muniment key list",
            )
