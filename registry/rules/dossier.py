"""The dossier: the canonical document of all that was reviewed, frozen when a decision is asked for.

Its bytes are RECORDS section 4. One value has one spelling: lists that are sets (authors, evidence, digests)
are sorted here, absent members are left out, and `parse_dossier` refuses every other spelling.
"""

from typing import Annotated, Any, Literal

import msgspec

from registry.rules.check_rules import Level, Severity
from schemas.asset import VersionRef
from schemas.canonical import canonical, parse_canonical
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import parse_time_text

Count = Annotated[int, msgspec.Meta(ge=0)]
Result = Literal["pass", "fail", "error", "waived", "not-applicable"]


class _Part(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A member of the dossier; one we do not know would be signed unread."""


class Subject(_Part, frozen=True, kw_only=True):
    """The version reviewed."""

    namespace: str
    name: str
    version: int
    manifest: Digest

    @property
    def ref(self) -> VersionRef:
        """The version's name."""
        return VersionRef(self.namespace, self.name, self.version)


class Lineage(_Part, frozen=True, kw_only=True):
    """The lineage snapshot and what it amounts to."""

    snapshot: Digest
    nodes: Count
    edges: Count
    gaps: Count
    weakest: Level


class EvidenceRow(_Part, frozen=True, kw_only=True):
    """One document in the dossier."""

    kind: str
    digest: Digest
    level: Level
    valid_until: str | None = None


class RiskRow(_Part, frozen=True, kw_only=True):
    """The risk assessment and its tier."""

    assessment: Digest
    tier: Literal["low", "medium", "high", "critical"]


class PolicyRow(_Part, frozen=True, kw_only=True):
    """The policy set the checks were computed under."""

    version: int
    digest: Digest


class CheckRow(_Part, frozen=True, kw_only=True):
    """One check's result with the values it was computed from."""

    rule: str
    title: str
    severity: Severity
    result: Result
    message: str = ""
    values: dict[str, Any] = msgspec.field(default_factory=dict)
    by: Literal["recomputed", "attested"] = "recomputed"


class DossierParts(_Part, frozen=True, kw_only=True):
    """Everything a reviewer signs."""

    environment: str
    subject: Subject
    evaluated_at: str
    authors: tuple[str, ...]
    lineage: Lineage
    policy_set: PolicyRow
    previous: Digest | None = None
    evidence: tuple[EvidenceRow, ...] = ()
    evaluations: tuple[Digest, ...] = ()
    bias_checks: tuple[Digest, ...] = ()
    monitoring: tuple[Digest, ...] = ()
    risk: RiskRow | None = None
    findings: tuple[Digest, ...] = ()
    waivers: tuple[Digest, ...] = ()
    comments: tuple[Digest, ...] = ()
    catalogue: Digest | None = None
    checks: tuple[CheckRow, ...] = ()

    @property
    def tier(self) -> str | None:
        """The risk tier, None when the risk was not assessed."""
        return None if self.risk is None else self.risk.tier


_SETS = ("evaluations", "biasChecks", "monitoring", "findings", "waivers", "comments", "evidence", "checks")


def build_dossier(parts: DossierParts) -> bytes:
    """Return the canonical bytes that are frozen and whose digest every reviewer signs."""
    value = msgspec.to_builtins(parts, enc_hook=str)
    value.update({name: value.get(name, []) for name in _SETS})
    value["authors"] = sorted(set(parts.authors))
    for name in _SETS[:-2]:
        value[name] = sorted(set(value[name]))
    value["evidence"] = sorted(value["evidence"], key=lambda row: (row["kind"], row["digest"]))
    value["checks"] = [
        {**row, "by": check.by, "message": check.message, "values": check.values}
        for row, check in sorted(
            zip(value["checks"], parts.checks, strict=True), key=lambda pair: pair[1].rule
        )
    ]
    return canonical(value)


def parse_dossier(data: bytes) -> DossierParts:
    """Return the dossier spelled by `data`; raise VerificationError DOSSIER_MALFORMED for anything else."""
    value = parse_canonical(data)
    try:
        parts = msgspec.convert(value, DossierParts, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise VerificationError("DOSSIER_MALFORMED", str(error)[:200]) from error
    parse_time_text(parts.evaluated_at)
    for row in parts.evidence:
        if row.valid_until is not None:
            parse_time_text(row.valid_until)
    if build_dossier(parts) != data:
        raise VerificationError("DOSSIER_MALFORMED", "the dossier is not in its one spelling")
    return parts


def _decode(kind: type, value: Any) -> Any:
    if kind is Digest and isinstance(value, str):
        return Digest(value)
    raise ValueError(f"expected a digest, found {type(value).__name__}")
