"""Each kind of change has one materiality: RECORDS section 4."""

from typing import Any

import msgspec
import pytest

from registry.rules.changes import MATERIALITY, MAX_PARTS, Change, StalePart, compare, stale_parts
from registry.rules.check_rules import Level
from registry.rules.dossier import (
    CheckRow,
    DossierParts,
    EvidenceRow,
    Lineage,
    PolicyRow,
    RiskRow,
    Subject,
)
from registry.rules.snapshot_lines import Alias, Edge, Gap, Node, Snapshot, parse_snapshot
from schemas.canonical import canonical
from schemas.digest import Digest
from schemas.errors import VerificationError

A, B, C = (Digest.of(x) for x in (b"a", b"b", b"c"))
CARD = EvidenceRow(kind="model_card", digest=A, level="verified")


def check(result: str, rule: str = "r") -> CheckRow:
    return CheckRow(rule=rule, title="t", severity="block", result=result)  # type: ignore[arg-type]


def lineage(weakest: str = "reported", snapshot: Digest = A) -> Lineage:
    return Lineage(snapshot=snapshot, nodes=1, edges=0, gaps=0, weakest=weakest)  # type: ignore[arg-type]


def risk(tier: str, assessment: Digest = A) -> RiskRow:
    return RiskRow(assessment=assessment, tier=tier)  # type: ignore[arg-type]


BASE = DossierParts(
    environment="production",
    subject=Subject(namespace="retail", name="credit-risk", version=7, manifest=A),
    evaluated_at="2026-01-01T00:00:00Z",
    authors=("p-0",),
    lineage=lineage(),
    policy_set=PolicyRow(version=1, digest=A),
    evidence=(CARD,),
    bias_checks=(A,),
    findings=(A,),
    waivers=(A,),
    risk=risk("medium"),
    catalogue=A,
    checks=(check("pass"),),
)

CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "another manifest": (
        {"subject": Subject(namespace="retail", name="credit-risk", version=7, manifest=B)},
        "manifest changed",
        "pinned",
    ),
    "weaker lineage": ({"lineage": lineage("inferred")}, "lineage level lowered", "pinned"),
    "stronger lineage": ({"lineage": lineage("signed")}, "lineage level raised", "noted"),
    "an author more": ({"authors": ("p-0", "p-1")}, "author added", "pinned"),
    "an author less": ({"authors": ()}, "author removed", "noted"),
    "a higher tier": ({"risk": risk("high")}, "tier raised", "pinned"),
    "a lower tier": ({"risk": risk("low")}, "tier lowered", "noted"),
    "a new assessment of the same tier": ({"risk": risk("medium", B)}, "risk reassessed", "noted"),
    "evidence withdrawn": ({"evidence": ()}, "evidence removed", "pinned"),
    "evidence replaced": (
        {"evidence": (EvidenceRow(kind="model_card", digest=B, level="verified"),)},
        "evidence replaced",
        "pinned",
    ),
    "more evidence": (
        {"evidence": (CARD, EvidenceRow(kind="datasheet", digest=B, level="verified"))},
        "evidence added",
        "noted",
    ),
    "an evaluation more": ({"evaluations": (A,)}, "evaluation added", "judged"),
    "a bias check less": ({"bias_checks": ()}, "bias check removed", "judged"),
    "a monitoring report more": ({"monitoring": (A,)}, "monitoring added", "judged"),
    "another catalogue": ({"catalogue": B}, "catalogue changed", "judged"),
    "a waiver lapsed": ({"waivers": ()}, "waiver removed", "judged"),
    "a finding closed": ({"findings": ()}, "finding closed", "noted"),
    "a finding of low severity": ({"findings": (A, B)}, "finding added", "noted"),
    "a finding of high severity": ({"findings": (A, C)}, "finding opened", "pinned"),
    "a comment more": ({"comments": (A,)}, "comment added", "noted"),
    "a check that got worse": ({"checks": (check("error"),)}, "check worse", "judged"),
}


@pytest.mark.parametrize(("parts", "kind", "materiality"), CASES.values(), ids=CASES)
def test_a_change_has_a_kind_and_a_materiality(parts: dict[str, Any], kind: str, materiality: str) -> None:
    now = msgspec.structs.replace(BASE, **parts)

    found = compare(BASE, now, None, None, severe_findings=frozenset({C}))

    assert kind in {c.kind for c in found}
    assert MATERIALITY[kind] == materiality
    assert {c.kind for c in found} - {kind} <= {"evidence added"}
    assert bool(stale_parts(found)) == (materiality == "pinned" or kind == "check worse")


def test_time_previous_and_policy_set_are_never_compared() -> None:
    now = msgspec.structs.replace(
        BASE, evaluated_at="2026-09-09T00:00:00Z", previous=B, policy_set=PolicyRow(version=9, digest=B)
    )

    assert compare(BASE, now, None, None) == ()


def test_a_judged_change_is_stale_only_with_a_check_that_got_worse() -> None:
    judged = msgspec.structs.replace(BASE, evaluations=(B,))
    worse = msgspec.structs.replace(judged, checks=(check("fail"),))

    assert stale_parts(compare(BASE, judged, None, None)) == ()
    assert stale_parts(compare(BASE, worse, None, None)) == (
        StalePart("checks", "check worse: r was pass, is fail"),
    )


def test_a_waiver_that_covers_a_failure_makes_nothing_worse() -> None:
    now = msgspec.structs.replace(BASE, checks=(check("waived"),))

    assert compare(BASE, now, None, None) == ()


def test_many_changes_are_listed_up_to_a_limit_and_counted() -> None:
    parts = stale_parts(Change("lineage", "lineage node added", str(n)) for n in range(200))

    assert len(parts) == MAX_PARTS
    assert parts[-1] == StalePart("lineage", "and 151 more changes")


def dataset(
    name: str, version: str | None = None, level: Level = "reported", digest: str | None = None
) -> Node:
    return Node("dataset", name, level, version, digest)


OLD = Snapshot(
    nodes=(dataset("loans", "1"), dataset("income")),
    edges=(Edge("loans", "train", "input", "reported"),),
    gaps=(Gap("income", "unpinned"),),
)

SNAPSHOTS: dict[str, tuple[Snapshot, set[str]]] = {
    "nothing": (OLD, set()),
    "another version": (
        msgspec.structs.replace(OLD, nodes=(dataset("loans", "2"), dataset("income"))),
        {"lineage node changed"},
    ),
    "another digest": (
        msgspec.structs.replace(OLD, nodes=(dataset("loans", "1", digest="x"), dataset("income"))),
        {"lineage node changed"},
    ),
    "a node more": (
        msgspec.structs.replace(OLD, nodes=(*OLD.nodes, dataset("age"))),
        {"lineage node added"},
    ),
    "a node less": (msgspec.structs.replace(OLD, nodes=OLD.nodes[:1]), {"lineage node removed"}),
    "an edge less": (msgspec.structs.replace(OLD, edges=()), {"lineage edge removed"}),
    "a gap closed": (msgspec.structs.replace(OLD, gaps=()), {"lineage gap removed"}),
    "a gap more": (
        msgspec.structs.replace(OLD, gaps=(*OLD.gaps, Gap("loans", "writer-unknown"))),
        {"lineage gap added"},
    ),
    "another level of one node": (
        msgspec.structs.replace(OLD, nodes=(dataset("loans", "1", "signed"), dataset("income"))),
        set(),
    ),
    "an alias learnt": (
        msgspec.structs.replace(OLD, aliases=(Alias("loans", "s3 loans"),)),
        {"lineage alias added"},
    ),
    "the same dataset under its alias": (
        Snapshot(
            nodes=(dataset("s3 loans", "1"), dataset("income")),
            edges=(Edge("s3 loans", "train", "input", "reported"),),
            gaps=OLD.gaps,
            aliases=(Alias("loans", "s3 loans"),),
        ),
        {"lineage alias added"},
    ),
}


@pytest.mark.parametrize(("now", "kinds"), SNAPSHOTS.values(), ids=SNAPSHOTS)
def test_lineage_is_compared_by_alias_folded_identity(now: Snapshot, kinds: set[str]) -> None:
    after = msgspec.structs.replace(BASE, lineage=lineage(snapshot=B))

    assert {c.kind for c in compare(BASE, after, OLD, now)} == kinds


def test_lineage_that_differs_unread_is_a_change() -> None:
    after = msgspec.structs.replace(BASE, lineage=lineage(snapshot=B))

    assert [c.kind for c in compare(BASE, after, None, OLD)] == ["lineage unreadable"]


LINES = [
    {"kind": "node", "node": "dataset", "name": "loans", "version": "1", "level": "reported"},
    {"kind": "node", "node": "run", "name": "train", "level": "verified"},
    {"kind": "edge", "from": "loans", "to": "train", "relation": "input", "level": "reported"},
    {"kind": "gap", "at": "income", "reason": "unpinned", "level": "absent"},
    {"kind": "alias", "a": "loans", "b": "s3 loans"},
]


def lines(*values: dict[str, str]) -> bytes:
    return b"".join(sorted(canonical(v) + b"\n" for v in values))


def test_a_snapshot_sums_up_to_what_checks_ask() -> None:
    found = parse_snapshot(lines(*LINES)).summary()

    assert (found.training_known, found.datasets, found.gaps, found.weakest) == (True, 1, 1, "absent")


def test_a_snapshot_without_a_training_run_knows_no_training() -> None:
    gap = {"kind": "gap", "at": "retail/credit-risk@7", "reason": "training-run-unknown", "level": "absent"}

    assert not parse_snapshot(lines(gap)).summary().training_known


@pytest.mark.parametrize(
    "data",
    [
        lines(*LINES)[:-1],
        b"".join(reversed(lines(*LINES).splitlines(keepends=True))),
        lines(LINES[0], LINES[0]),
        lines({"kind": "mystery"}),
        lines({"kind": "alias", "a": "x"}),
        b"{}\r",
        b'{ "kind": "alias"}\n',
    ],
    ids=["no last newline", "unsorted", "a line twice", "unknown kind", "a member missing", "CR", "spaces"],
)
def test_a_snapshot_in_another_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(VerificationError):
        parse_snapshot(data)
