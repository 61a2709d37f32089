"""Compute a dossier's checks from the dossier itself and the bodies it names: at the freeze, and again later.

One function serves the registry that freezes and the verifier that doubts, so that they cannot differ.
"""

from collections.abc import Callable

import msgspec

from registry.rules.checks import CheckInputs, evaluate_checks
from registry.rules.dossier import CheckRow, DossierParts
from registry.rules.fairness import verify_bias_document
from registry.rules.policy import PolicySet
from registry.rules.snapshot_lines import parse_snapshot
from schemas.digest import Digest
from schemas.errors import Unproven, VerificationError

Bodies = Callable[[Digest], bytes | None]


class Mismatch(msgspec.Struct, frozen=True):
    """A check whose recomputed result or values are not what the dossier says; None is no row at all."""

    rule: str
    said: CheckRow | None
    found: CheckRow | None


def compute_checks(
    policy: PolicySet, parts: DossierParts, artifact_level: str, bodies: Bodies
) -> tuple[CheckRow, ...]:
    """Return the rows that belong into `parts`; raise Unproven when a body it names is not here."""
    inputs = CheckInputs(
        evaluated_at=parts.evaluated_at,
        artifact_level=artifact_level,
        lineage=parse_snapshot(_body(bodies, parts.lineage.snapshot, "lineage snapshot")).summary(),
        tier=parts.tier,
        bias=tuple(verify_bias_document(_body(bodies, d, "bias check")) for d in sorted(parts.bias_checks)),
        evidence=parts.evidence,
    )
    return evaluate_checks(policy, parts.subject.namespace, parts.environment, inputs)


def verify_checks(
    policy: PolicySet, parts: DossierParts, artifact_level: str, bodies: Bodies
) -> tuple[Mismatch, ...]:
    """Return every check that comes out otherwise now; raise Unproven when a body is not here."""
    found = {row.rule: row for row in compute_checks(policy, parts, artifact_level, bodies)}
    said = {row.rule: row for row in parts.checks if row.by == "recomputed"}
    return tuple(
        Mismatch(rule, said.get(rule), found.get(rule))
        for rule in sorted(found.keys() | said.keys())
        if said.get(rule) != found.get(rule)
    )


def _body(bodies: Bodies, digest: Digest, what: str) -> bytes:
    data = bodies(digest)
    if data is None:
        raise Unproven(f"the {what} {digest} is not here")
    if Digest.of(data) != digest:
        raise VerificationError("BODY_DIGEST", f"the {what} has another digest")
    return data
