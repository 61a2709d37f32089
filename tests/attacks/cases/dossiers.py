"""D: dossiers whose results do not follow from their documents, and words of the service about changes."""

from typing import Any

import msgspec

from registry.rules.dossier import CheckRow, EvidenceRow, build_dossier, parse_dossier
from registry.rules.time_spans import days_after
from schemas.digest import Digest
from schemas.governance import RiskForm
from schemas.ledger import parse_leaf
from tests.attacks.case import Handed, approved, asked, case, claimed, table
from tests.attacks.simulator import CHECK, SNAPSHOT, Registry, honest, person_id
from tests.attacks.simulator_policy import ask_for_monitoring, watched_row

SHORT = "CLAIM_FALSE QUORUM_NOT_MET"
UNASKED = "CLAIM_FALSE DOSSIER_MISMATCH SUBJECT_MISMATCH"
REPORT = b"a validation report"
DRIFT = b"a report of drift"


def _frozen(**lie: Any) -> Handed:
    """Hand over an approval of a dossier frozen with a lie."""
    registry = Registry()
    manifest = registry.register()
    registry.decide(manifest, registry.request(manifest, **lie))
    return claimed(registry, manifest)


def _row(digest: Digest, **changed: Any) -> EvidenceRow:
    return EvidenceRow(**({"kind": "validation_report", "digest": digest, "level": "verified"} | changed))


def _check(**changed: Any) -> tuple[CheckRow, ...]:
    return (msgspec.structs.replace(CHECK, **changed),)


LIES: dict[str, tuple[str, dict[str, Any]]] = {
    "a value its documents do not give": ("CHECK_MISMATCH", {"checks": _check(values={"level": "signed"})}),
    "a lighter severity": ("CHECK_MISMATCH", {"checks": _check(severity="info")}),
    "a waiver nobody gave": ("CHECK_MISMATCH", {"checks": _check(result="waived")}),
    "a check nobody asked for": ("CHECK_MISMATCH", {"checks": (CHECK, *_check(rule="invented"))}),
    "no gap": ("LINEAGE_MISMATCH", {"gaps": 0}),
    "stronger evidence": ("LINEAGE_MISMATCH", {"weakest": "verified"}),
    "more nodes": ("LINEAGE_MISMATCH", {"nodes": 12}),
    "a level that does not exist": ("SNAPSHOT_MALFORMED", {"lines": SNAPSHOT.replace(b"absent", b"divine")}),
    "a kind that is a list": ("SNAPSHOT_MALFORMED", {"lines": SNAPSHOT.replace(b'"gap"', b'["gap"]')}),
    "a kind that does not exist": ("SNAPSHOT_MALFORMED", {"lines": SNAPSHOT.replace(b'"gap"', b'"hole"')}),
    "a line twice": ("SNAPSHOT_MALFORMED", {"lines": SNAPSHOT * 2}),
    "a line without an end": ("SNAPSHOT_MALFORMED", {"lines": SNAPSHOT[:-1]}),
    "a line that is a list": ("SNAPSHOT_MALFORMED", {"lines": b"[]\n"}),
    "a line that is not UTF-8": ("JSON_MALFORMED", {"lines": b"\xff\n"}),
}
table(
    "D",
    1,
    "the dossier or its lineage states",
    [(words, codes, lambda m=lie: _frozen(**m)) for words, (codes, lie) in LIES.items()],  # type: ignore[misc]
)


@case("D20", "FAIL", UNASKED, "a check the verifier could compute is called attested")
def computed_check_called_attested() -> Handed:
    return _frozen(checks=_check(by="attested"))


@case("D21", "PASS", "CHECKS_ATTESTED", "the documents of a check are not here: its result is attested")
def documents_left_out() -> Handed:
    registry, manifest = approved()
    del registry.bodies[Digest.of(SNAPSHOT)]
    return claimed(registry, manifest)


@case("D22", "PASS", "", "evidence and risk stand in the dossier as the log holds them")
def evidence_and_risk() -> Handed:
    registry = Registry()
    manifest = registry.register()
    evidence = _row(registry.evidence(manifest, REPORT))
    risk = registry.assess(manifest, RiskForm(exposure=5, purpose=5, summary="Decides on loans."))
    registry.decide(manifest, registry.request(manifest, parts={"evidence": (evidence,), "risk": risk}))
    return claimed(registry, manifest)


@case("F08", "FAIL", UNASKED, "the dossier lists evidence that nobody recorded")
def evidence_nobody_recorded() -> Handed:
    return _frozen(parts={"evidence": (_row(Digest.of(REPORT)),)})


@case("D23", "FAIL", UNASKED, "the dossier calls reported evidence verified")
def evidence_at_a_higher_level() -> Handed:
    registry = Registry()
    manifest = registry.register()
    digest = registry.evidence(manifest, REPORT, level="reported")
    registry.decide(manifest, registry.request(manifest, parts={"evidence": (_row(digest),)}))
    return claimed(registry, manifest)


@case("D24", "FAIL", "CLAIM_FALSE", "the evidence was withdrawn after the approval")
def evidence_withdrawn() -> Handed:
    registry = Registry()
    manifest = registry.register()
    digest = registry.evidence(manifest, REPORT)
    registry.decide(manifest, registry.request(manifest, parts={"evidence": (_row(digest),)}))
    registry.withdraw_evidence(manifest, digest)
    return claimed(registry, manifest)


@case("D25", "FAIL", "RISK_MISMATCH", "the risk record claims a lower tier than its assessment gives")
def lower_tier_than_assessed() -> Handed:
    registry = Registry()
    manifest = registry.register()
    risk = registry.assess(manifest, RiskForm(exposure=5, purpose=5, summary="Decides on loans."), tier="low")
    registry.decide(manifest, registry.request(manifest, parts={"risk": risk}))
    return claimed(registry, manifest)


@case("D26", "FAIL", UNASKED, "the dossier leaves the risk assessment out")
def risk_left_out() -> Handed:
    registry = Registry()
    manifest = registry.register()
    registry.assess(manifest, RiskForm(exposure=5, purpose=5, summary="Decides on loans."))
    registry.decide(manifest, registry.request(manifest))
    return claimed(registry, manifest)


@case("D27", "FAIL", "CLAIM_FALSE", "the risk was raised after the approval")
def risk_raised() -> Handed:
    registry = Registry()
    manifest = registry.register()
    risk = registry.assess(manifest, RiskForm(exposure=1, purpose=1, summary="Sorts mail."))
    registry.decide(manifest, registry.request(manifest, parts={"risk": risk}))
    registry.assess(manifest, RiskForm(exposure=5, purpose=5, summary="Decides on loans."))
    return claimed(registry, manifest)


@case("D28", "FAIL", f"{UNASKED} ROLE_MISSING", "somebody without the role lowers the tier")
def tier_lowered_without_the_role() -> Handed:
    registry = Registry()
    manifest = registry.register()
    registry.assess(manifest, RiskForm(exposure=5, purpose=5, summary="Decides on loans."))
    low = registry.assess(manifest, RiskForm(exposure=1, purpose=1, summary="Sorts mail."))
    registry.decide(manifest, registry.request(manifest, parts={"risk": low}))
    return claimed(registry, manifest)


@case("D29", "UNPROVEN", "BODY_MISSING CHECKS_ATTESTED", "the dossier that was approved is not in the bundle")
def dossier_left_out() -> Handed:
    registry, manifest, dossier, _ = honest()
    del registry.bodies[dossier]
    return claimed(registry, manifest)


@case("D30", "PASS", "CHECKS_ATTESTED", "a dossier nobody decided about is not in the bundle")
def undecided_dossier_left_out() -> Handed:
    registry, manifest, dossier = asked()
    del registry.bodies[dossier]
    return claimed(registry, manifest, "none")


def _monitored(*listed: bytes) -> Handed:
    """Hand over an approval after one report of monitoring; its dossier lists `listed`."""
    registry = Registry()
    manifest = registry.register()
    registry.log_document("monitoring-recorded", manifest, DRIFT)
    parts = {"monitoring": tuple(Digest.of(item) for item in listed)}
    registry.decide(manifest, registry.request(manifest, parts=parts))
    return claimed(registry, manifest)


@case("D31", "PASS", "", "the dossier lists the report of monitoring that the log holds")
def monitoring_listed() -> Handed:
    return _monitored(DRIFT)


@case("D32", "FAIL", UNASKED, "the dossier leaves a report of monitoring out")
def monitoring_left_out() -> Handed:
    return _monitored()


@case("D33", "FAIL", UNASKED, "the dossier lists a report of monitoring that nobody recorded")
def monitoring_made_up() -> Handed:
    return _monitored(DRIFT, REPORT)


def _watched(days: int = 0, again: int = 0, status: str = "valid", **lie: str) -> Handed:
    """Hand over an approval under a policy that asks for monitoring, and a bundle `days` later."""
    registry = Registry()
    ask_for_monitoring(registry)
    manifest = registry.register()
    registry.log_document("monitoring-recorded", manifest, DRIFT)
    last = parse_leaf(registry.leaves[-1]).time
    row = watched_row(**({"last": last, "until": days_after(last, 30)} | lie))
    parts = {"monitoring": (Digest.of(DRIFT),)}
    registry.decide(manifest, registry.request(manifest, parts=parts, checks=(row,)))
    for wait, what in ((again, b"a later report"), (days - again, b"nothing of interest")):
        if wait:
            registry.later(hours=24 * wait)
            kind = "monitoring-recorded" if what == b"a later report" else "evaluation-recorded"
            registry.log_document(kind, manifest, what)
    return claimed(registry, manifest, status)


@case("D34", "PASS", "", "monitoring reported within the days that the policy asks for")
def watched() -> Handed:
    return _watched()


@case("D35", "PASS", "", "monitoring fell silent, and the version is claimed to be stale")
def silent_and_said_so() -> Handed:
    return _watched(days=31, status="stale")


@case("D36", "FAIL", "CLAIM_FALSE", "monitoring fell silent, and the version is claimed to be valid")
def silent() -> Handed:
    return _watched(days=31)


@case("D37", "PASS", "", "a later report of monitoring keeps the version valid")
def watched_again() -> Handed:
    return _watched(days=40, again=20)


@case("D38", "FAIL", "CHECK_MISMATCH", "the check states a later report of monitoring than the log holds")
def report_postdated() -> Handed:
    return _watched(last="2027-01-01T00:00:00Z")


AUTHOR = ("authors", "author added: " + person_id("vic"))
NODE = ("lineage", "lineage node added: x")


def _changed(*parts: tuple[str, str], status: str) -> Handed:
    """Hand over a log where an author was added to the dossier, and the service says so, or not."""
    registry, manifest, dossier, _ = honest()
    old = parse_dossier(registry.bodies[dossier])
    now = msgspec.structs.replace(old, authors=(*old.authors, person_id("vic")))
    registry.change(manifest, dossier, registry.put(build_dossier(now)), *parts)
    return claimed(registry, manifest, status)


@case("D40", "FAIL", "CHANGE_OMITTED", "the service says that nothing changed, and its two dossiers differ")
def change_omitted() -> Handed:
    return _changed(status="valid")


@case("D41", "FAIL", "CHANGE_OMITTED", "the service names another change than its two dossiers show")
def another_change_named() -> Handed:
    return _changed(NODE, status="stale")


@case("D42", "PASS", "", "the service names the change that its two dossiers show")
def change_named() -> Handed:
    return _changed(AUTHOR, status="stale")


@case("D43", "PASS", "", "the service names a change more than its two dossiers show")
def more_changes_named() -> Handed:
    return _changed(AUTHOR, NODE, status="stale")


@case("D44", "PASS", "CHANGES_ATTESTED", "the dossier after the change is not here: what changed is attested")
def changed_dossier_left_out() -> Handed:
    registry, manifest, dossier, _ = honest()
    registry.change(manifest, dossier, Digest.of(b"elsewhere"))
    return claimed(registry, manifest)


@case("D45", "PASS", "", "the version is stale and claimed to be")
def stale_and_said_so() -> Handed:
    registry, manifest, dossier, _ = honest()
    registry.change(manifest, dossier, dossier, ("lineage", "a training input changed"))
    return claimed(registry, manifest, "stale")


@case("D46", "FAIL", f"{SHORT} CHANGE_AHEAD", "the service speaks of a leaf that is not yet there")
def change_ahead() -> Handed:
    registry, manifest, dossier = asked()
    registry.change(manifest, dossier, dossier, through=99)
    return claimed(registry, manifest)
