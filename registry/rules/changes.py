"""What differs between two dossiers of one version, and how much it matters (RECORDS section 4).

Each kind of change has one materiality: `pinned` makes an approval stale, `judged` only when a check's result
got worse, `noted` never. `evaluatedAt`, `previous` and `policySet` are never compared.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from registry.rules.check_rules import LEVELS, TIERS
from registry.rules.checks import RESULT_RANK
from registry.rules.dossier import DossierParts
from registry.rules.lineage_changes import lineage_changes
from registry.rules.snapshot_lines import Snapshot

Materiality = Literal["pinned", "judged", "noted"]
MAX_PARTS = 50

MATERIALITY: dict[str, Materiality] = {
    "manifest changed": "pinned",
    "lineage node added": "pinned",
    "lineage node removed": "pinned",
    "lineage node changed": "pinned",
    "lineage edge added": "pinned",
    "lineage edge removed": "pinned",
    "lineage gap added": "pinned",
    "lineage gap removed": "pinned",
    "lineage unreadable": "pinned",
    "lineage level lowered": "pinned",
    "lineage level raised": "noted",
    "lineage alias added": "noted",
    "lineage alias removed": "noted",
    "author added": "pinned",
    "author removed": "noted",
    "tier raised": "pinned",
    "tier lowered": "noted",
    "risk reassessed": "noted",
    "finding opened": "pinned",
    "finding added": "noted",
    "finding closed": "noted",
    "evidence added": "noted",
    "evidence removed": "pinned",
    "evidence replaced": "pinned",
    "evidence changed": "noted",
    "evaluation added": "judged",
    "evaluation removed": "judged",
    "bias check added": "judged",
    "bias check removed": "judged",
    "monitoring added": "judged",
    "monitoring removed": "judged",
    "catalogue changed": "judged",
    "waiver added": "noted",
    "waiver removed": "judged",
    "comment added": "noted",
    "comment removed": "noted",
    "check worse": "judged",
    "check better": "noted",
    "exception added": "noted",
}
"""Every kind of change there is."""


class Change(msgspec.Struct, frozen=True):
    """One difference: its part of the dossier, its kind (a key of MATERIALITY) and what it is about."""

    part: str
    kind: str
    what: str

    @property
    def materiality(self) -> Materiality:
        """How much it matters."""
        return MATERIALITY[self.kind]


class StalePart(msgspec.Struct, frozen=True):
    """A part of `dossier-changed`: what is stale and why."""

    part: str
    cause: str


def compare(
    base: DossierParts,
    now: DossierParts,
    base_snapshot: Snapshot | None,
    now_snapshot: Snapshot | None,
    *,
    severe_findings: frozenset[str] = frozenset(),
) -> tuple[Change, ...]:
    """Return every difference from `base` to `now`; `severe_findings` are the open high and critical ones."""
    return (
        *_subject(base, now),
        *_lineage(base, now, base_snapshot, now_snapshot),
        *_risk(base, now),
        *_evidence(base, now),
        *_findings(base, now, severe_findings),
        *_lists(base, now),
        *_checks(base, now),
    )


def stale_parts(changes: Iterable[Change]) -> tuple[StalePart, ...]:
    """Return what `dossier-changed` lists: pinned changes and checks that got worse."""
    parts = [
        StalePart(c.part, f"{c.kind}: {c.what}"[:500])
        for c in changes
        if c.materiality == "pinned" or c.kind == "check worse"
    ]
    if len(parts) > MAX_PARTS:
        rest = len(parts) - MAX_PARTS + 1
        parts = [*parts[: MAX_PARTS - 1], StalePart(parts[-1].part, f"and {rest} more changes")]
    return tuple(parts)


def _subject(base: DossierParts, now: DossierParts) -> Iterable[Change]:
    if base.subject.manifest != now.subject.manifest:
        yield Change("manifest", "manifest changed", str(now.subject.manifest))
    yield from _sets("authors", "author", base.authors, now.authors)
    if base.catalogue != now.catalogue:
        yield Change("catalogue", "catalogue changed", now.catalogue or "none")


def _lineage(
    base: DossierParts, now: DossierParts, before: Snapshot | None, after: Snapshot | None
) -> Iterable[Change]:
    if base.lineage.snapshot != now.lineage.snapshot:
        if before is None or after is None:
            yield Change("lineage", "lineage unreadable", "the lineage differs and a snapshot is not here")
        else:
            yield from (Change("lineage", kind, what) for kind, what in lineage_changes(before, after))
    was, level = LEVELS.index(base.lineage.weakest), LEVELS.index(now.lineage.weakest)
    if was != level:
        word = "lowered" if level < was else "raised"
        said = f"the weakest link was {base.lineage.weakest}, is {now.lineage.weakest}"
        yield Change("lineage", f"lineage level {word}", said)


def _risk(base: DossierParts, now: DossierParts) -> Iterable[Change]:
    # Unassessed ranks with the lowest tier, as in the fold: assessing it low raises nothing.
    was, tier = (0 if t is None else TIERS.index(t) for t in (base.tier, now.tier))
    if was != tier:
        said = f"was {base.tier or 'unassessed'}, is {now.tier or 'unassessed'}"
        yield Change("risk", "tier raised" if tier > was else "tier lowered", said)
    elif base.risk != now.risk:
        yield Change("risk", "risk reassessed", now.tier or "unassessed")


def _evidence(base: DossierParts, now: DossierParts) -> Iterable[Change]:
    old = {row.digest: row for row in base.evidence}
    new = {row.digest: row for row in now.evidence}
    fresh = {row.kind for digest, row in new.items() if digest not in old}
    for digest, row in old.items():
        if digest not in new:
            yield Change(
                "evidence", "evidence replaced" if row.kind in fresh else "evidence removed", row.kind
            )
        elif new[digest] != row:
            yield Change("evidence", "evidence changed", row.kind)
    for digest, row in new.items():
        if digest not in old:
            yield Change("evidence", "evidence added", row.kind)


def _findings(base: DossierParts, now: DossierParts, severe: frozenset[str]) -> Iterable[Change]:
    for digest in sorted(set(now.findings) - set(base.findings)):
        yield Change("findings", "finding opened" if digest in severe else "finding added", digest)
    for digest in sorted(set(base.findings) - set(now.findings)):
        yield Change("findings", "finding closed", digest)


def _lists(base: DossierParts, now: DossierParts) -> Iterable[Change]:
    yield from _sets("evaluations", "evaluation", base.evaluations, now.evaluations)
    yield from _sets("biasChecks", "bias check", base.bias_checks, now.bias_checks)
    yield from _sets("monitoring", "monitoring", base.monitoring, now.monitoring)
    yield from _sets("waivers", "waiver", base.waivers, now.waivers)
    yield from _sets("comments", "comment", base.comments, now.comments)


def _sets(part: str, word: str, base: Iterable[str], now: Iterable[str]) -> Iterable[Change]:
    old, new = set(base), set(now)
    yield from (Change(part, f"{word} added", item) for item in sorted(new - old))
    yield from (Change(part, f"{word} removed", item) for item in sorted(old - new))


def _checks(base: DossierParts, now: DossierParts) -> Iterable[Change]:
    old = {row.rule: row for row in base.checks}
    for row in now.checks:
        if row.rule not in old:
            continue
        was, rank = RESULT_RANK[old[row.rule].result], RESULT_RANK[row.result]
        if was != rank:
            said = f"{row.rule} was {old[row.rule].result}, is {row.result}"
            yield Change("checks", "check worse" if rank > was else "check better", said)
