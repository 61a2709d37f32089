"""Overriding a rejection: the root holders end it together, in one envelope they all sign."""

from registry.acts.actor import Actor, new_nonce, subject, text_body
from registry.acts.decide import record_signed
from registry.acts.state import read_state
from registry.reading import Receipt
from registry.registry import Registry
from registry.trust.dsse import sign_statement
from registry.trust.reviews import review
from registry.trust.state import Decision
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import NotFound, Usage
from schemas.statement import Statement


def draft_override(
    registry: Registry, ref: VersionRef, environment: str, decision: Digest | None, reason: str
) -> tuple[Statement, bytes]:
    """Return the statement that ends the live rejection of `ref`, and the side body of its reason."""
    manifest = registry.get_manifest(ref)
    rejection = find_rejection(registry, ref, environment, decision)
    text = text_body(reason, "reason")
    predicate = {"environment": environment, "nonce": new_nonce(), "reason": Digest.of(text)}
    subjects = (subject(ref, manifest), subject("decision", rejection.envelope))
    return Statement("override", subjects, predicate), text


def override_rejection(
    registry: Registry,
    actor: Actor,
    ref: VersionRef,
    environment: str,
    decision: Digest | None,
    reason: str,
) -> Receipt:
    """Sign and record an override; raise Refused, recording nothing, when one root holder is not enough."""
    statement, text = draft_override(registry, ref, environment, decision, reason)
    envelope = sign_statement(statement, actor.signer).to_bytes()
    return record_signed(registry, statement, envelope, (text,), "override")


def find_rejection(
    registry: Registry, ref: VersionRef, environment: str, decision: Digest | None
) -> Decision:
    """Return the live rejection named, or the only one; raise when there is none or several."""
    manifest = registry.get_manifest(ref)
    live = review(read_state(registry, manifest), manifest, environment).rejections
    named = [d for d in live if decision is None or d.envelope == decision]
    if len(named) == 1:
        return named[0]
    if not named:
        which = f"the decision {decision} is no" if decision else f"{ref} for {environment} has no"
        raise NotFound(f"{which} rejection that stands", hint=f"muniment status {ref} --env {environment}")
    listed = ", ".join(f"{d.envelope} by {registry.names.name_of(d.person)}" for d in named)
    raise Usage(f"several rejections stand: {listed}", hint="name one with --decision")
