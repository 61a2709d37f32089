"""Checks are computed by one function at the freeze and by the verifier, from the bodies a dossier names."""

from collections.abc import Callable

import msgspec
import pytest

from registry.rules.check_rules import BiasCheck, CheckRule, LineageCheck
from registry.rules.dossier import DossierParts, Lineage, PolicyRow, Subject
from registry.rules.fairness import evaluate
from registry.rules.policy import STARTER_CHECKS, ApprovalRule, PolicySet
from registry.rules.recompute import compute_checks, verify_checks
from schemas.canonical import canonical
from schemas.digest import Digest
from schemas.errors import Unproven, VerificationError
from schemas.evaluation import BiasInput, GroupCounts, Polarity

SNAPSHOT = b"".join(
    sorted(
        canonical(line) + b"\n"
        for line in (
            {"kind": "node", "node": "dataset", "name": "loans", "level": "reported"},
            {"kind": "node", "node": "run", "name": "train", "level": "reported"},
            {"kind": "edge", "from": "loans", "to": "train", "relation": "input", "level": "reported"},
        )
    )
)
GROUPS = (GroupCounts("men", 400, 200), GroupCounts("women", 300, 120))
BIAS = evaluate(BiasInput("sex", "general", "best", Polarity("hired"), 0, GROUPS)).to_bytes()
BODIES = {Digest.of(body): body for body in (SNAPSHOT, BIAS)}
POLICY = PolicySet(
    version=1,
    approval=(ApprovalRule(roles={"risk-approver": 1}),),
    checks=(
        *STARTER_CHECKS,
        CheckRule(id="gaps", title="No gaps", severity="warn", check=LineageCheck(max_gaps=0)),
        CheckRule(id="sex", title="Fair by sex", severity="block", check=BiasCheck(attributes=("sex",))),
    ),
)
BARE = DossierParts(
    environment="production",
    subject=Subject(namespace="retail", name="credit-risk", version=7, manifest=Digest.of(b"m")),
    evaluated_at="2026-01-01T00:00:00Z",
    authors=(),
    lineage=Lineage(snapshot=Digest.of(SNAPSHOT), nodes=2, edges=1, gaps=0, weakest="reported"),
    policy_set=PolicyRow(version=1, digest=Digest.of(b"p")),
    bias_checks=(Digest.of(BIAS),),
)
Bodies = Callable[[Digest], bytes | None]


def frozen(bodies: Bodies = BODIES.get) -> DossierParts:
    return msgspec.structs.replace(BARE, checks=compute_checks(POLICY, BARE, "verified", bodies))


def test_the_rows_are_computed_from_the_bodies() -> None:
    assert [(row.rule, row.result) for row in frozen().checks] == [
        ("artifact-verified", "pass"),
        ("training-data-known", "pass"),
        ("gaps", "pass"),
        ("sex", "pass"),
    ]
    assert frozen().checks[3].values == {
        "attributes": [{"attribute": "sex", "group": "women", "ratio": {"num": "48000", "den": "60000"}}]
    }


def test_what_was_computed_honestly_comes_out_again() -> None:
    assert verify_checks(POLICY, frozen(), "verified", BODIES.get) == ()


@pytest.mark.parametrize("index", range(4))
def test_a_result_somebody_changed_is_found(index: int) -> None:
    parts = frozen()
    checks = list(parts.checks)
    checks[index] = msgspec.structs.replace(checks[index], result="fail")
    lying = msgspec.structs.replace(parts, checks=tuple(checks))

    assert [m.rule for m in verify_checks(POLICY, lying, "verified", BODIES.get)] == [checks[index].rule]


def test_a_row_left_out_is_found() -> None:
    parts = frozen()
    lying = msgspec.structs.replace(parts, checks=parts.checks[1:])

    (mismatch,) = verify_checks(POLICY, lying, "verified", BODIES.get)

    assert (mismatch.rule, mismatch.said) == ("artifact-verified", None)


def test_an_artifact_that_is_only_reported_is_found() -> None:
    assert [m.rule for m in verify_checks(POLICY, frozen(), "reported", BODIES.get)] == ["artifact-verified"]


def test_without_a_body_nothing_is_proved_either_way() -> None:
    with pytest.raises(Unproven, match="the lineage snapshot"):
        verify_checks(POLICY, frozen(), "verified", lambda _digest: None)


def test_a_body_under_another_digest_is_refused() -> None:
    with pytest.raises(VerificationError, match="BODY_DIGEST"):
        verify_checks(POLICY, frozen(), "verified", lambda _digest: b"{}\n")
