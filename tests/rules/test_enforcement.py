"""How strictly the gate acts is said by namespace and environment."""

from typing import Any

from registry.rules.policy import ApprovalRule, Enforcement, PolicySet
from registry.rules.status import gate_verdict, status
from schemas.asset import VersionRef

REF = VersionRef("retail", "credit-risk", 7)


def test_how_strictly_is_said_by_namespace_and_environment(logbook: Any, people: Any) -> None:
    def rule(mode: str, **where: Any) -> ApprovalRule:
        enforcement = Enforcement(mode)  # type: ignore[arg-type]
        return ApprovalRule(roles={"risk-approver": 1}, enforcement=enforcement, **where)

    logbook.set_policy(
        PolicySet(
            version=2,
            approval=(
                rule("observe", namespaces=("lab",)),
                rule("warn", environments=("staging",)),
                rule("block"),
            ),
        )
    )
    lab = VersionRef("lab", "credit-risk", 1)
    logbook.register(ref=lab)
    state = logbook.fold()

    def ask(ref: VersionRef, environment: str) -> tuple[str, str]:
        found = status(state, logbook.subject(ref)[1], environment, logbook.now)
        answer = gate_verdict(state, found, signed_size=state.size)
        return answer.verdict, answer.why[-1]

    assert ask(lab, "production") == ("allow", "the policy set only says to observe")
    assert ask(REF, "staging") == ("allow", "the policy set only says to warn")
    assert ask(REF, "production")[0] == "deny"
