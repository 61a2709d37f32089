"""Compare again what the service said had changed with the two dossiers it compared.

Absence of a dossier-changed record is attested; one that is there must follow from what it names.
"""

from collections.abc import Mapping

from registry.bundle.findings import Findings
from registry.rules.changes import compare, stale_parts
from registry.rules.dossier import DossierParts, parse_dossier
from registry.rules.snapshot_lines import Snapshot, parse_snapshot
from registry.trust.state import Change, State
from schemas.digest import Digest
from schemas.errors import VerificationError

CHECK = "dossier-changes"


def compare_changes(
    state: State, bodies: Mapping[Digest, bytes], subjects: set[Digest], findings: Findings
) -> None:
    """Compare both dossiers of every dossier-changed record about `subjects`; one that omits is false."""
    changes = state.review_events(Change, subjects)
    for change in changes:
        try:
            _compare(change, bodies, findings)
        except VerificationError as error:
            findings.refuse(CHECK, error)
    if changes:
        findings.settle(CHECK, f"{len(changes)} records of changes leave out nothing their dossiers show")


def _compare(change: Change, bodies: Mapping[Digest, bytes], findings: Findings) -> None:
    where = f"the record of changes at leaf {change.by.seq}"
    base, to = _dossier(change.base, bodies), _dossier(change.to, bodies)
    if base is None or to is None:
        findings.note(CHECK, "CHANGES_ATTESTED", f"{where} names dossiers that are not here")
        return
    before, after = _snapshot(base, bodies), _snapshot(to, bodies)
    if base.lineage.snapshot != to.lineage.snapshot and (before is None or after is None):
        findings.note(CHECK, "CHANGES_ATTESTED", f"{where} rests on lineage that is not here")
    expected = {_kind(p.part, p.cause) for p in stale_parts(compare(base, to, before, after))}
    # Lineage that cannot be read here was read where the record was made.
    omitted = expected - {_kind(p.part, p.cause) for p in change.parts} - {("lineage", "lineage unreadable")}
    if omitted:
        said = ", ".join(sorted(kind for _, kind in omitted))
        findings.fail(CHECK, "CHANGE_OMITTED", f"{where} leaves out: {said}")


def _kind(part: str, cause: str) -> tuple[str, str]:
    # The kind of a change is fixed; the words behind it may be worded better one day.
    return part, cause.partition(": ")[0]


def _dossier(digest: Digest, bodies: Mapping[Digest, bytes]) -> DossierParts | None:
    data = bodies.get(digest)
    return None if data is None else parse_dossier(data)


def _snapshot(dossier: DossierParts, bodies: Mapping[Digest, bytes]) -> Snapshot | None:
    data = bodies.get(dossier.lineage.snapshot)
    return None if data is None else parse_snapshot(data)
