"""The one interface the screens read the registry through, and what goes back: a draft, signed."""

from typing import Protocol

import msgspec

from registry.views import AuditRow, ChangeRow, QueueItem, QueueView, VersionPage
from schemas.digest import Digest


class Reviewer(msgspec.Struct, frozen=True):
    """A person whose key file is here: who it is, which roles they hold, and whether the key can sign now.

    `unusable` is empty, or says why the key cannot sign (revoked, no role here).
    """

    id: str
    name: str
    roles: tuple[str, ...]
    keyid: str
    key: str
    needs_passphrase: bool = True
    unusable: str = ""


class DecisionRequest(msgspec.Struct, frozen=True):
    """What a reviewer is about to decide; `opened` lists the evidence they opened before."""

    subject: str
    environment: str
    reviewer: str
    role: str
    decision: str
    reason: str
    conditions: tuple[str, ...] = ()
    expires_at: str | None = None
    opened: tuple[Digest, ...] = ()


class DecisionDraft(msgspec.Struct, frozen=True):
    """The statement a reviewer is shown and signs: `payload` byte for byte, `text` the same as UTF-8.

    `bodies` are the side bodies (salted reason and conditions) whose digests stand in the payload.
    `warnings` are sentences about separation of duties, inconclusive checks and the like; `refused` is
    empty, or says why this decision cannot be recorded.
    """

    request: DecisionRequest
    payload: bytes
    bodies: tuple[bytes, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: str = ""

    @property
    def text(self) -> str:
        """The payload as text; it is canonical JSON, hence UTF-8."""
        return self.payload.decode()


class Receipt(msgspec.Struct, frozen=True):
    """What was recorded."""

    seq: int
    decision: str
    envelope: Digest
    status: str
    message: str = ""


class RegistryLine(msgspec.Struct, frozen=True):
    """One line about the registry: where it is, how long the log is, how much of it is under a signed head.

    `read_only` is empty, or says why nothing can be signed; `problems` counts records refused by the fold.
    """

    name: str
    origin: str
    size: int
    signed_size: int
    read_only: str = ""
    problems: int = 0
    unsealed: int = 0


class Reading(Protocol):
    """What the screens need, one method a need. Everything raises `schemas.errors.Error` and nothing else."""

    def registry(self) -> RegistryLine:
        """Return the line about the registry."""
        ...

    def queue(self, view: QueueView) -> tuple[QueueItem, ...]:
        """Return the items of one home list, most urgent first."""
        ...

    def version_page(self, subject: str, environment: str) -> VersionPage:
        """Return all about one version in one environment."""
        ...

    def changes(self, subject: str, environment: str) -> tuple[ChangeRow, ...]:
        """Return what differs from the last approved dossier; raise NotFound when nothing was decided."""
        ...

    def evidence_body(self, digest: Digest) -> bytes | None:
        """Return the document's bytes, re-hashed, or None when they are not here."""
        ...

    def audit_size(self) -> int:
        """Return the number of leaves."""
        ...

    def audit(self, after: int, limit: int) -> tuple[AuditRow, ...]:
        """Return up to `limit` leaves with `seq` greater than `after`, in log order; `after` -1 starts."""
        ...

    def reviewers(self) -> tuple[Reviewer, ...]:
        """Return the people whose keys lie here, the usual one first."""
        ...

    def draft_decision(self, request: DecisionRequest) -> DecisionDraft:
        """Return the exact statement the decision would sign; record nothing."""
        ...

    def decide(self, draft: DecisionDraft, passphrase: str) -> Receipt:
        """Sign the draft's payload and record it; a wrong passphrase raises Usage and records nothing."""
        ...
