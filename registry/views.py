"""What the screens show, as plain values; `registry/reading.py` is the interface they are read through.

Strings hold what people and foreign tools wrote: whoever draws them makes control characters harmless.
Times are UTC text as in the log; an empty string or None says "not recorded".
"""

from enum import StrEnum

import msgspec

from schemas.digest import Digest


class QueueView(StrEnum):
    """The lists of the home screen."""

    WAITING = "waiting"
    """Open requests that lack a decision."""
    ATTENTION = "attention"
    """Approvals that went stale, expired or are about to, and every version behind a broken glass."""
    ALL = "all"
    """Every registered version in every environment it was asked for, and those never asked for."""


class QuorumRow(msgspec.Struct, frozen=True):
    """How many of one role have approved, and how many must."""

    role: str
    have: int
    need: int


class QueueItem(msgspec.Struct, frozen=True):
    """One version in one environment, with what it asks of a reviewer; `alarm` is a live break-glass."""

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
    alarm: str = ""
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
    """Status in one environment, with reasons and next steps in words; `alarm` is a live break-glass."""

    status: str
    version_state: str
    verdict: str
    why: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    expires_at: str = ""
    alarm: str = ""


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

    `interval` is clearly below, uncertain or clearly above 4/5; a lamp that is None cannot be computed.
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
    interval: str | None = None
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
    """A dataset, job, run or model of the snapshot; `id` is what edges name. Gaps are listed apart."""

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


class ReportRow(msgspec.Struct, frozen=True):
    """What another tool reported: of an evaluation, or of monitoring; `state` is empty when it can be read.

    `age` is in whole days, from the report's leaf to now.
    """

    of: str
    tool: str
    title: str
    digest: Digest
    recorded_at: str
    age: int
    numbers: int = 0
    alarming: int = 0
    checked: int = 0
    state: str = ""


class ApprovalRow(msgspec.Struct, frozen=True):
    """One decision as the log holds it; `counts` is False when it is void or replaced, `note` says why."""

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
    kind: str
    what: str
    materiality: str
    before: str = ""
    after: str = ""


class ExceptionRow(msgspec.Struct, frozen=True):
    """A break-glass or an override: who made it, why, and what became of it; `reason` None when erased."""

    kind: str
    seq: int
    time: str
    said: str
    state: str
    person: str = ""
    role: str = ""
    until: str = ""
    reason: str | None = None


class AuditRow(msgspec.Struct, frozen=True):
    """One leaf of the log; `signed` says whether it lies under a signed head.

    `erased` is empty, or says by which leaf the record was erased and why.
    """

    seq: int
    time: str
    type: str
    actor: str
    subject: str
    summary: str
    body: Digest
    signed: bool = True
    erased: str = ""


class VersionPage(msgspec.Struct, frozen=True):
    """Everything one version's page shows, in one environment; `dossier` is the frozen one to decide on."""

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
    audit: tuple[AuditRow, ...] = ()
    exceptions: tuple[ExceptionRow, ...] = ()
    reports: tuple[ReportRow, ...] = ()
