"""Breaking the glass: a person lets a denied version through for some hours, and ends it again."""

from datetime import timedelta

from registry.acts.actor import Actor, new_nonce, subject, text_body
from registry.acts.decide import record_signed
from registry.acts.state import read_state
from registry.reading import Receipt
from registry.registry import Registry
from registry.rules.answers import Glass
from registry.rules.policy import LONGEST_BREAK_GLASS
from registry.rules.status import status
from registry.rules.time_spans import time_after
from registry.trust.dsse import sign_statement
from schemas.asset import VersionRef, check_environment
from schemas.digest import Digest
from schemas.errors import NotFound, Usage
from schemas.ledger import time_text
from schemas.statement import Statement


def break_glass(
    registry: Registry, actor: Actor, ref: VersionRef, environment: str, role: str, reason: str, hours: int
) -> tuple[Receipt, str]:
    """Record the actor's break-glass for `ref`; return the receipt and when it expires.

    Raise Refused, recording nothing, where the policy set in force allows none.
    """
    check_environment(environment)
    if not 1 <= hours <= LONGEST_BREAK_GLASS:
        raise Usage(f"a break-glass of {hours} hours", hint=f"--hours takes 1 to {LONGEST_BREAK_GLASS}")
    manifest = registry.get_manifest(ref)
    # The leaf may carry the last leaf's time when this clock is a little behind.
    now = max(time_text(registry.clock()), registry.ledger.head().time)
    expires_at = time_after(now, timedelta(hours=hours))
    text = text_body(reason, "reason")
    predicate = {
        "environment": environment,
        "expiresAt": expires_at,
        "nonce": new_nonce(),
        "reason": Digest.of(text),
        "reviewer": actor.person or "",
        "role": role,
    }
    statement = Statement("break-glass", (subject(ref, manifest),), predicate)
    envelope = sign_statement(statement, actor.signer).to_bytes()
    return record_signed(registry, statement, envelope, (text,), "break-glass"), expires_at


def find_own_glass(registry: Registry, ref: VersionRef, environment: str, person: str) -> Glass:
    """Return the person's break-glass that has not run out; raise NotFound when there is none."""
    manifest = registry.get_manifest(ref)
    found = status(read_state(registry, manifest), manifest, environment, time_text(registry.clock()))
    for glass in reversed(found.break_glass):
        if glass.event.person == person and glass.word not in ("ended", "expired"):
            return glass
    raise NotFound(
        f"{registry.names.name_of(person)} has no break-glass for {ref} in {environment} to end",
        hint=f"muniment status {ref} --env {environment}",
    )
