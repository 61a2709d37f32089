"""What the screens show, as plain values, and the one interface they are read through.

Strings hold what people and foreign tools wrote: whoever draws them makes control characters harmless.
Times are UTC text as in the log; an empty string or None says "not recorded".
"""

from enum import StrEnum
from typing import Protocol

import msgspec

from schemas.digest import Digest


class QueueView(StrEnum):
    """The lists of the home screen."""

    WAITING = "waiting"
    """Open requests that lack a decision."""
    ATTENTION = "attention"
    """Approvals that went stale, expired or are about to."""
    ALL = "all"
    """Every registered version in every environment it was asked for, and those never asked for."""


class QuorumRow(msgspec.Struct, frozen=True):
    """How many of one role have approved, and how many must."""

    role: str
    have: int
    need: int


class QueueItem(msgspec.Struct, frozen=True):
    """One version in one environment, with what it asks of a reviewer."""

    subject: str
    environment: str
    manifest: Digest
    status: str
    version_state: str
    tier: str = ""
    asked: str = ""
    checks_met: int = 0
    checks_total: int = 0
    quorum: tuple[QuorumRow, ...] = ()
    requested_at: str = ""
    expires_at: str = ""
    note: str = ""
    why: tuple[str, ...] = ()
    next: tuple[str, ...] = ()


class CheckRow(msgspec.Struct, frozen=True):
    """One policy check as the dossier holds it: result, sentence, and the numbers that decided it.

    `result` is pass, fail, error, waived or not-applicable; `tab` names the tab with the evidence:
    overview, risk, fairness, lineage, evidence or approvals.
    """

    rule: str
    title: str
    severity: str
    result: str
    message: str
    values: tuple[tuple[str, str], ...] = ()
    by: str = "recomputed"
    tab: str = "overview"


class FileRow(msgspec.Struct, frozen=True):
    """One file of the version."""

    path: str
    digest: Digest
    size: int


class Identity(msgspec.Struct, frozen=True):
    """What the version is: digests, files, who made it and from which runs."""

    subject: str
    manifest: Digest
    artifact: Digest
    files: tuple[FileRow, ...]
    artifact_level: str
    authors: tuple[str, ...] = ()
    registered_by: str = ""
    registered_at: str = ""
    runs: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


class Standing(msgspec.Struct, frozen=True):
    """Status in one environment, with reasons and next steps in words."""

    status: str
    version_state: str
    verdict: str
    why: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    expires_at: str = ""


class Score(msgspec.Struct, frozen=True):
    """Likelihood and impact, 1 to 5 each, and the rating the matrix gives: low, medium, high or critical."""

    likelihood: int
    impact: int
    rating: str


class RiskRow(msgspec.Struct, frozen=True):
    """One entry of the risk register."""

    id: str
    title: str
    area: str = ""
    scenario: str = ""
    inherent: Score | None = None
    residual: Score | None = None
    treatment: str = ""
    owner: str = ""
    controls: tuple[str, ...] = ()


class RiskPage(msgspec.Struct, frozen=True):
    """The latest risk assessment: the tier, the steps that led to it, the register."""

    tier: str
    level: str
    document: Digest
    derivation: tuple[tuple[str, str], ...]
    register: tuple[RiskRow, ...]
    assessed_at: str = ""


class Ratio(msgspec.Struct, frozen=True):
    """A ratio as its two integers; it is compared in integers and printed as a decimal."""

    num: int
    den: int


class GroupRow(msgspec.Struct, frozen=True):
    """One group of a bias check. Three lamps: ratio, interval, significance; plus the small-sample mark.

    A lamp is True (raised), False (not raised) or None (cannot be computed).
    """

    label: str
    n: int
    selected: int
    rate: Ratio | None = None
    impact_ratio: Ratio | None = None
    ci_low: str | None = None
    ci_high: str | None = None
    p: str | None = None
    below_four_fifths: bool | None = None
    interval_below: bool | None = None
    significant: bool | None = None
    small_sample: bool = False
    reference: bool = False
    excluded: str = ""


class BiasCheck(msgspec.Struct, frozen=True):
    """One recorded bias check of one protected attribute."""

    attribute: str
    rule: str
    reference: str
    polarity: str
    level: str
    document: Digest
    groups: tuple[GroupRow, ...]
    unknown: int = 0
    method: str = ""


class LineageNode(msgspec.Struct, frozen=True):
    """A dataset, job, run, model or gap of the snapshot; `id` is what edges name."""

    id: str
    kind: str
    name: str
    level: str
    version: str = ""
    digest: str = ""
    note: str = ""


class LineageEdge(msgspec.Struct, frozen=True):
    """`source` was used to make `target`: edges point downstream."""

    source: str
    target: str
    relation: str
    level: str


class LineageGap(msgspec.Struct, frozen=True):
    """Something the lineage does not know, and where."""

    at: str
    reason: str


class LineagePage(msgspec.Struct, frozen=True):
    """The lineage of one version; `root` is the node of the version itself."""

    root: str
    nodes: tuple[LineageNode, ...]
    edges: tuple[LineageEdge, ...]
    gaps: tuple[LineageGap, ...]
    weakest: str
    snapshot: str = ""


class EvidenceRow(msgspec.Struct, frozen=True):
    """One stored document; `state` is current, withdrawn or expired."""

    kind: str
    title: str
    digest: Digest
    level: str
    media_type: str = ""
    size: int = 0
    added_by: str = ""
    added_at: str = ""
    valid_until: str = ""
    state: str = "current"


class ApprovalRow(msgspec.Struct, frozen=True):
    """One decision as the log holds it; `counts` is False when it is void, withdrawn or replaced, `note` says why."""

    seq: int
    decision: str
    reviewer: str
    role: str
    decided_at: str
    dossier: Digest
    keyid: str
    counts: bool
    note: str = ""
    reason: str | None = None
    conditions: tuple[str, ...] = ()
    expires_at: str = ""


class ChangeRow(msgspec.Struct, frozen=True):
    """One difference to the last approved dossier; `materiality` is pinned, judged or noted."""

    part: str
    what: str
    materiality: str
    before: str = ""
    after: str = ""


class AuditRow(msgspec.Struct, frozen=True):
    """One leaf of the log; `signed` says whether it lies under a signed head."""

    seq: int
    time: str
    type: str
    actor: str
    subject: str
    summary: str
    body: Digest
    signed: bool = True


class VersionPage(msgspec.Struct, frozen=True):
    """Everything one version's page shows, in one environment. `dossier` is the frozen one to decide on, if any."""

    environment: str
    environments: tuple[str, ...]
    identity: Identity
    standing: Standing
    tier: str
    checks: tuple[CheckRow, ...]
    quorum: tuple[QuorumRow, ...]
    dossier: Digest | None
    policy: str = ""
    risk: RiskPage | None = None
    bias: tuple[BiasCheck, ...] = ()
    lineage: LineagePage | None = None
    evidence: tuple[EvidenceRow, ...] = ()
    approvals: tuple[ApprovalRow, ...] = ()
    changes: tuple[ChangeRow, ...] = ()
    audit: tuple[AuditRow, ...] = ()


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
