"""A service with no person behind it assesses no version past the rules."""

import pytest

from registry.rules.policy import ApprovalRule, Enforcement, PolicySet
from tests.conftest import BOB, SERVICE, TestKey, honest

WARNS = ApprovalRule(
    roles={"risk-approver": 1}, tiers=("low", "medium"), enforcement=Enforcement(mode="warn")
)
BLOCKS = ApprovalRule(roles={"risk-approver": 1})


@pytest.mark.parametrize(("signer", "verdict"), [(SERVICE, "deny"), (BOB, "allow")])
@pytest.mark.parametrize("tier", ["low", "medium"])
def test_a_tier_that_only_a_service_assessed_picks_no_laxer_rule(
    tier: str, signer: TestKey, verdict: str
) -> None:
    book = honest()
    book.set_policy(PolicySet(version=2, approval=(WARNS, BLOCKS)))
    book.assess(tier, signer)

    assert book.gate().verdict == verdict


def test_a_tier_that_only_a_service_assessed_picks_the_stricter_rule() -> None:
    book = honest()
    strict = ApprovalRule(roles={"risk-approver": 1}, tiers=("high",))
    lax = ApprovalRule(roles={"risk-approver": 1}, enforcement=Enforcement(mode="warn"))
    book.set_policy(PolicySet(version=2, approval=(strict, lax)))
    before = book.gate().verdict
    book.assess("high", SERVICE)

    assert (before, book.gate().verdict) == ("allow", "deny")
