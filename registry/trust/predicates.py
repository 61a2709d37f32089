"""The predicates the fold reads, as typed values; a predicate that is not one of these shapes is refused.

Members that a predicate does not declare here are ignored (the in-toto rule for a known major version).
"""

from typing import Annotated, Any, Literal, TypeVar

import msgspec

from registry.rules.check_rules import Level
from schemas.digest import Digest
from schemas.errors import VerificationError
from schemas.ledger import parse_time_text

Nonce = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Environment = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}\Z")]
PersonId = Annotated[str, msgspec.Meta(pattern=r"^p-[0-9a-f]{16}\Z")]
Index = Annotated[int, msgspec.Meta(ge=0)]
Tier = Literal["low", "medium", "high", "critical"]


class Time(str):
    """A time of the log, `YYYY-MM-DDTHH:MM:SSZ`."""

    __slots__ = ()


class Predicate(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What every predicate carries: a nonce, so that no two statements are the same bytes."""

    nonce: Nonce


class VersionRegistered(Predicate, frozen=True, rename="camel", kw_only=True):
    """A version is registered: who made it and which runs trained it."""

    authors: tuple[PersonId, ...] = ()
    runs: tuple[dict[str, Any], ...] = ()
    artifact_level: Level


class RunLinked(Predicate, frozen=True, rename="camel", kw_only=True):
    """A training run is linked to a version after its registration."""

    source: str
    run_id: str
    job: dict[str, str]


class EvidenceAdded(Predicate, frozen=True, rename="camel", kw_only=True):
    """A document is evidence for a version; `replaces` names the document it takes the place of."""

    kind: str
    level: Level
    valid_until: Time | None = None
    replaces: Digest | None = None


class EvidenceWithdrawn(Predicate, frozen=True, rename="camel", kw_only=True):
    """A document is no longer evidence for a version."""


class DocumentRecorded(Predicate, frozen=True, rename="camel", kw_only=True):
    """An evaluation, a bias check or a report of monitoring is recorded."""

    attribute: str = ""
    rule: str = ""


class RiskAssessed(Predicate, frozen=True, rename="camel", kw_only=True):
    """A version is assessed and falls into a risk tier."""

    tier: Tier


class PolicyRef(msgspec.Struct, frozen=True):
    """The policy set a dossier was frozen under."""

    version: int
    digest: Digest


class ReviewRequested(Predicate, frozen=True, rename="camel", kw_only=True):
    """A dossier is frozen and a decision asked for."""

    environment: Environment
    evaluated_at: Time
    policy_set: PolicyRef


class LogContext(msgspec.Struct, frozen=True, rename="camel"):
    """The head of the log a reviewer saw when deciding."""

    origin: str
    tree_size: Index
    root_hash: str


class Approval(Predicate, frozen=True, rename="camel", kw_only=True):
    """A person's decision about one dossier."""

    decision: Literal["approve", "reject", "abstain"]
    environment: Environment
    role: str
    reviewer: PersonId
    decided_at: Time
    log_context: LogContext
    expires_at: Time | None = None
    conditions: tuple[Digest, ...] = ()
    opened: tuple[Digest, ...] = ()
    reason: Digest | None = None


class Withdrawn(Predicate, frozen=True, rename="camel", kw_only=True):
    """A person takes a decision back."""

    environment: Environment
    reviewer: PersonId


class Overridden(Predicate, frozen=True, rename="camel", kw_only=True):
    """Root holders end somebody's rejection."""

    environment: Environment
    reason: Digest


class GlassBroken(Predicate, frozen=True, rename="camel", kw_only=True):
    """A person answers for a deployment that nobody approved, until `expires_at`."""

    environment: Environment
    role: str
    reviewer: PersonId
    reason: Digest
    expires_at: Time


class ChangedPart(msgspec.Struct, frozen=True):
    """One part of a dossier that no longer is what was reviewed, and why."""

    part: str
    cause: str


class DossierChanged(Predicate, frozen=True, rename="camel", kw_only=True):
    """What has changed since `base` was frozen; no parts: nothing material any more."""

    environment: Environment
    base: Digest
    to: Digest
    parts: tuple[ChangedPart, ...]
    through: Index


class KeyRevoked(Predicate, frozen=True, rename="camel", kw_only=True):
    """A key is dead from here on; a compromised one from `from_index` on."""

    keyid: str
    reason: Literal["superseded", "left", "compromised"]
    from_index: Index


class KeySuspended(Predicate, frozen=True, rename="camel", kw_only=True):
    """A key signs nothing until it is reinstated; what it signed before stands."""

    keyid: str


class KeyReinstated(Predicate, frozen=True, rename="camel", kw_only=True):
    """A suspended key may sign again."""

    keyid: str


class Redaction(Predicate, frozen=True, rename="camel", kw_only=True):
    """The bytes of a body are erased on purpose; `leaf` is where the log names it when it was a record."""

    reason: Literal["erasure-request", "retention", "secret", "mistake"]
    what: Literal["envelope", "text", "document"]
    leaf: Index | None = None


P = TypeVar("P", bound=msgspec.Struct)


def parse_predicate(value: dict[str, Any], shape: type[P]) -> P:
    """Return `value` as `shape`; raise VerificationError PREDICATE_MALFORMED naming the member."""
    try:
        return msgspec.convert(value, shape, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise VerificationError("PREDICATE_MALFORMED", str(error)[:200]) from error


def _decode(kind: type, value: Any) -> Any:
    # Raising VerificationError here would escape msgspec's path; ValueError keeps the member's name.
    if not isinstance(value, str):
        raise ValueError("expected text")  # noqa: TRY004
    if kind is Digest:
        return Digest(value)
    try:
        return Time(parse_time_text(value))
    except VerificationError as error:
        raise ValueError(error.message) from error
