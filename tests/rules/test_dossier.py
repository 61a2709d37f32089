"""A dossier has one spelling, and whatever else is refused."""

import json
from typing import Any

import pytest

from registry.rules.dossier import (
    CheckRow,
    DossierParts,
    EvidenceRow,
    Lineage,
    PolicyRow,
    RiskRow,
    Subject,
    build_dossier,
    parse_dossier,
)
from schemas.canonical import canonical
from schemas.digest import Digest
from schemas.errors import VerificationError

A, B = Digest.of(b"a"), Digest.of(b"b")
PARTS = DossierParts(
    environment="production",
    subject=Subject(namespace="retail", name="credit-risk", version=7, manifest=A),
    evaluated_at="2026-11-23T10:00:00Z",
    authors=("p-0000000000000001", "p-0000000000000000"),
    lineage=Lineage(snapshot=A, nodes=41, edges=58, gaps=2, weakest="reported"),
    policy_set=PolicyRow(version=3, digest=B),
    previous=B,
    evidence=(
        EvidenceRow(kind="validation_report", digest=B, level="verified"),
        EvidenceRow(kind="model_card", digest=A, level="signed", valid_until="2027-01-01T00:00:00Z"),
    ),
    bias_checks=(B, A),
    risk=RiskRow(assessment=A, tier="high"),
    checks=(
        CheckRow(
            rule="high-risk/BIAS",
            title="Four fifths",
            severity="block",
            result="pass",
            values={"ratio": {"num": "663", "den": "786"}},
        ),
        CheckRow(rule="artifact", title="Bytes", severity="warn", result="fail", message="no bytes"),
    ),
)
VALUE: dict[str, Any] = json.loads(build_dossier(PARTS))


def test_its_members_are_those_of_the_contract() -> None:
    assert set(VALUE) == {
        "environment",
        "subject",
        "evaluatedAt",
        "authors",
        "previous",
        "lineage",
        "evidence",
        "evaluations",
        "biasChecks",
        "monitoring",
        "risk",
        "findings",
        "waivers",
        "comments",
        "policySet",
        "checks",
    }
    assert VALUE["subject"] == {"namespace": "retail", "name": "credit-risk", "version": 7, "manifest": A}
    assert VALUE["risk"] == {"assessment": A, "tier": "high"}
    assert VALUE["checks"][1] == {
        "rule": "high-risk/BIAS",
        "title": "Four fifths",
        "severity": "block",
        "result": "pass",
        "message": "",
        "values": {"ratio": {"num": "663", "den": "786"}},
        "by": "recomputed",
    }


def test_sets_are_sorted_so_that_one_review_has_one_digest() -> None:
    assert VALUE["authors"] == ["p-0000000000000000", "p-0000000000000001"]
    assert VALUE["biasChecks"] == sorted([A, B])
    assert [row["kind"] for row in VALUE["evidence"]] == ["model_card", "validation_report"]
    assert [row["rule"] for row in VALUE["checks"]] == ["artifact", "high-risk/BIAS"]


def test_what_is_absent_is_left_out() -> None:
    bare = DossierParts(
        environment="e",
        subject=PARTS.subject,
        evaluated_at=PARTS.evaluated_at,
        authors=(),
        lineage=PARTS.lineage,
        policy_set=PARTS.policy_set,
    )

    assert not {"previous", "risk", "catalogue"} & set(json.loads(build_dossier(bare)))


def test_reading_what_was_built_gives_the_same_bytes() -> None:
    data = build_dossier(PARTS)

    assert build_dossier(parse_dossier(data)) == data


BAD: dict[str, dict[str, Any]] = {
    "a member we do not know": {**VALUE, "draft": True},
    "an unknown result": {**VALUE, "checks": [{**VALUE["checks"][0], "result": "perhaps"}]},
    "authors out of order": {**VALUE, "authors": VALUE["authors"][::-1]},
    "an author twice": {**VALUE, "authors": [VALUE["authors"][0]] * 2},
    "checks out of order": {**VALUE, "checks": VALUE["checks"][::-1]},
    "a tier we do not know": {**VALUE, "risk": {"assessment": A, "tier": "vast"}},
    "a digest of another kind": {**VALUE, "biasChecks": ["md5:0"]},
    "a missing environment": {k: v for k, v in VALUE.items() if k != "environment"},
    "an empty member written as null": {**VALUE, "catalogue": None},
    "a negative count": {**VALUE, "lineage": {**VALUE["lineage"], "gaps": -1}},
    "a time that does not exist": {**VALUE, "evaluatedAt": "2026-13-01T00:00:00Z"},
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD)
def test_any_other_spelling_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(VerificationError):
        parse_dossier(canonical(value))
