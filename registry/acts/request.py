"""Asking for a decision: the dossier is frozen, and nothing in it moves with the log any more."""

import msgspec

from registry.acts.actor import Actor, subject
from registry.acts.closures import remember_closure
from registry.acts.compose import compose_dossier
from registry.acts.refusing import refused
from registry.acts.state import read_state
from registry.acts.writing import writing
from registry.registry import Registry
from registry.rules.dossier import DossierParts
from schemas.asset import VersionRef, check_environment
from schemas.digest import Digest
from schemas.ledger import time_text


class Requested(msgspec.Struct, frozen=True):
    """A frozen dossier and the leaf that asks about it."""

    ref: VersionRef
    environment: str
    dossier: Digest
    seq: int
    parts: DossierParts


def request_review(registry: Registry, actor: Actor, ref: VersionRef, environment: str) -> Requested:
    """Freeze the dossier of `ref` for `environment` and ask for a decision on it."""
    check_environment(environment)
    manifest = registry.get_manifest(ref)
    with writing(registry) as writer:
        state = read_state(registry, manifest)
        # The leaf may carry the last leaf's time when this clock is a little behind.
        now = max(time_text(writer.now), state.time)
        composed = compose_dossier(registry, state, manifest, environment, now, requester=actor.person)
        dossier = writer.put_body(composed.dossier)
        snapshot = writer.put_body(composed.snapshot)
        parts = composed.parts
        predicate: dict[str, object] = {
            "environment": environment,
            "evaluatedAt": parts.evaluated_at,
            "policySet": {"digest": parts.policy_set.digest, "version": parts.policy_set.version},
            "snapshot": snapshot,
        }
        if parts.previous is not None:
            predicate["previous"] = parts.previous
        envelope = actor.sign(
            "review-requested", (subject(ref, manifest), subject("dossier", dossier)), predicate
        )
        leaf = writer.append(envelope)[0]
        remember_closure(registry, manifest, environment, composed.members)
        for problem in read_state(registry, manifest).problems:
            if problem.seq == leaf.seq:
                raise refused(problem)
    return Requested(ref, environment, dossier, leaf.seq, parts)
