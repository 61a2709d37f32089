"""P: policy sets out of turn, by the wrong person, or that ask for nobody."""

from typing import Any

from tests.attacks.case import Handed, approved, case, claimed, table


def _policy(version: int, signer: str = "alice", need: dict[str, int] | None = None) -> Handed:
    registry, manifest = approved()
    registry.add_policy(version, need if need is not None else {"owner": 1}, signer)
    return claimed(registry, manifest)


@case("P01", "FAIL", "POLICY_VERSION", "the old policy set is put back")
def policy_put_back() -> Handed:
    return _policy(1)


@case("P02", "FAIL", "ROLE_MISSING", "the policy set is signed by a reviewer")
def policy_signed_by_a_reviewer() -> Handed:
    return _policy(2, "rita")


@case("P03", "FAIL", "POLICY_VERSION", "a policy set skips a version")
def policy_version_skipped() -> Handed:
    return _policy(3)


@case("P04", "PASS", "", "a new policy set leaves what was approved under the old one")
def policy_renewed() -> Handed:
    return _policy(2)


@case("P05", "FAIL", "SIGNER_UNKNOWN", "the policy set is signed by a stranger")
def policy_signed_by_a_stranger() -> Handed:
    return _policy(2, "mallory")


@case("P06", "FAIL", "ROLE_MISSING", "the policy set is signed by the registry's service")
def policy_signed_by_the_service() -> Handed:
    return _policy(2, "service")


@case("F27", "FAIL", "POLICY_MALFORMED", "the policy set asks for nobody")
def policy_asks_for_nobody() -> Handed:
    return _policy(2, need={})


POLICIES: dict[str, dict[str, Any]] = {
    "none of a role": {"risk-approver": 0},
    "fewer than none": {"risk-approver": -1},
    "a role nobody knows": {"emperor": 1},
    "a role that reviews nothing": {"auditor": 1},
    "a hundred": {"risk-approver": 100},
    "half a person": {"risk-approver": "1"},
}
table(
    "P",
    10,
    "the policy set asks for",
    [(words, "POLICY_MALFORMED", lambda n=need: _policy(2, need=n)) for words, need in POLICIES.items()],  # type: ignore[misc]
)
