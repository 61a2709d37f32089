"""The statement of a decision: the same bytes whether it is signed here or far from the registry."""

import base64

from registry.acts.actor import new_nonce, subject, text_body
from registry.reading import DecisionRequest
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import Usage
from schemas.ledger import Checkpoint
from schemas.statement import Statement


def decision_text(
    request: DecisionRequest,
    ref: VersionRef,
    manifest: Digest,
    dossier: Digest,
    head: Checkpoint,
    decided_at: str,
) -> tuple[bytes, tuple[bytes, ...]]:
    """Return the payload to sign and its side bodies: the salted reason and conditions."""
    if request.expires_at is not None and request.expires_at <= decided_at:
        raise Usage(
            f"the decision would have expired at {request.expires_at}",
            hint="name a day that is still to come",
        )
    reason = text_body(request.reason, "reason")
    conditions = tuple(text_body(text, "condition") for text in request.conditions)
    predicate: dict[str, object] = {
        "conditions": [Digest.of(c) for c in conditions],
        "decidedAt": decided_at,
        "decision": request.decision,
        "environment": request.environment,
        "logContext": {
            "origin": head.origin,
            "rootHash": base64.b64encode(head.root).decode(),
            "treeSize": head.size,
        },
        "nonce": new_nonce(),
        "opened": sorted(request.opened),
        "reason": Digest.of(reason),
        "reviewer": request.reviewer,
        "role": request.role,
    }
    if request.expires_at is not None:
        predicate["expiresAt"] = request.expires_at
    subjects = (subject(ref, manifest), subject("dossier", dossier))
    return Statement("approval", subjects, predicate).payload(), (reason, *conditions)
