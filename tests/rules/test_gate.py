"""The gate denies by default and says why: RECORDS sections 1 and 6."""

from typing import Any

import msgspec
import pytest

from registry.rules.dossier import CheckRow
from registry.rules.policy import ApprovalRule, Enforcement, OnStale, PolicySet
from schemas.asset import VersionRef


def with_rule(book: Any, **rule: Any) -> None:
    whole = {"roles": {"risk-approver": 1}, **rule}
    version = 1 if book.policy is None else book.policy.version + 1
    book.set_policy(PolicySet(version=version, approval=(ApprovalRule(**whole),)))


def row(result: str, severity: str = "block", rule: str = "artifact-verified") -> CheckRow:
    return CheckRow(rule=rule, title=rule, severity=severity, result=result)  # type: ignore[arg-type]


def test_a_grant_beyond_the_signed_head_is_unproven_and_says_what_to_do(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())

    answer = logbook.gate(signed_size=approval)

    assert answer.verdict == "unproven"
    assert answer.why[0] == f"unsigned since {approval}: what grants lies beyond the signed head"
    assert answer.next == ("muniment audit checkpoint",)
    assert logbook.gate(signed_size=approval + 1).verdict == "allow"


def test_an_expired_trust_root_proves_no_grant_and_keeps_a_denial(logbook: Any, people: Any) -> None:
    held = people.roles("owner", "policy", "root")
    reviewer = people.roles("risk-approver")
    logbook.enrol((people.alice, held), (people.bob, reviewer), expires="2026-05-01T00:00:00Z")
    denied = logbook.gate(at="2026-05-01T00:00:00Z").verdict
    logbook.decide(people.bob, logbook.request())

    assert logbook.gate(at="2026-04-30T23:59:59Z").verdict == "allow"
    assert logbook.gate(at="2026-05-01T00:00:00Z").verdict == "unproven"
    assert denied == "deny"


def test_a_denial_counts_wherever_it_lies(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    logbook.withdraw(people.bob, approval)

    assert logbook.gate(signed_size=approval + 1).verdict == "deny"


def test_what_ends_a_denial_must_lie_under_the_signed_head(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    rejection = logbook.decide(people.carol, dossier, "reject")
    lifted = logbook.withdraw(people.carol, rejection)

    assert logbook.gate(signed_size=lifted).verdict == "unproven"
    assert logbook.gate(signed_size=lifted + 1).verdict == "allow"


def test_what_clears_a_change_must_lie_under_the_signed_head(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.change(dossier, "lineage")
    cleared = logbook.change(dossier)

    assert logbook.gate(signed_size=cleared).verdict == "unproven"


def test_a_revocation_that_undid_nothing_here_need_not_be_signed_yet(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    logbook.revoke(people.carol, "compromised", 0)
    logbook.revoke(people.bob, "superseded", 0)

    assert logbook.gate(signed_size=approval + 1).verdict == "allow"


def test_a_revocation_that_voided_a_change_must_lie_under_the_signed_head(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    told = logbook.change(dossier, "lineage")
    revoked = logbook.revoke(people.service, "compromised", told)

    assert logbook.gate(signed_size=revoked).verdict == "unproven"
    assert logbook.gate(signed_size=revoked + 1).verdict == "allow"


def test_a_tier_lowered_again_must_lie_under_the_signed_head(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request(risk=logbook.assess("low")))
    logbook.assess("high")
    stale = logbook.gate().status
    logbook.assess("low")
    lowered = len(logbook.records) - 1

    assert stale == "stale"
    assert logbook.gate(signed_size=lowered).verdict == "unproven"
    assert logbook.gate(signed_size=lowered + 1).verdict == "allow"


def test_an_assessment_that_changes_nothing_need_not_be_signed_yet(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request(risk=logbook.assess("low")))
    logbook.assess("low")

    assert logbook.gate(signed_size=approval + 1).verdict == "allow"


def test_an_approval_beyond_the_quorum_need_not_be_signed_yet(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    enough = logbook.decide(people.bob, dossier)
    logbook.decide(people.carol, dossier)

    assert logbook.gate(signed_size=enough + 1).verdict == "allow"


@pytest.mark.parametrize("result", ["fail", "error"])
def test_a_blocking_check_denies_beside_a_full_quorum(logbook: Any, people: Any, result: str) -> None:
    checks = (row(result), row("pass", rule="training-data-known"))
    logbook.decide(people.bob, logbook.request(checks=checks))

    assert logbook.status().status == "valid"
    assert logbook.gate().verdict == "deny"
    assert logbook.gate().why == (
        f"check artifact-verified is {result}: The artifact's bytes were hashed here",
    )


@pytest.mark.parametrize("result", ["pass", "waived", "not-applicable"])
def test_a_check_that_holds_or_is_waived_allows(logbook: Any, people: Any, result: str) -> None:
    checks = (row(result), row("pass", rule="training-data-known"))
    logbook.decide(people.bob, logbook.request(checks=checks))

    assert logbook.gate().verdict == "allow"


@pytest.mark.parametrize(
    "checks", [(), (row("pass"),), (row("pass"), row("pass"))], ids=["none", "one", "two"]
)
def test_an_applicable_check_without_exactly_one_result_denies(
    logbook: Any, people: Any, checks: tuple[CheckRow, ...]
) -> None:
    logbook.decide(people.bob, logbook.request(checks=checks))

    assert logbook.gate().verdict == "deny"


def test_a_dossier_cannot_soften_a_checks_severity(logbook: Any, people: Any) -> None:
    checks = (row("fail", "info"), row("pass", rule="training-data-known"))
    logbook.decide(people.bob, logbook.request(checks=checks))

    assert logbook.gate().verdict == "deny"


@pytest.mark.parametrize("mode", ["warn", "observe"])
def test_a_policy_that_only_warns_or_observes_allows_and_says_so(logbook: Any, mode: str) -> None:
    with_rule(logbook, enforcement=Enforcement(mode))  # type: ignore[arg-type]

    answer = logbook.gate()

    assert (answer.verdict, answer.status) == ("allow", "none")
    assert answer.why[-1] == f"the policy set only says to {mode}"


def test_enforcement_begins_at_its_date(logbook: Any) -> None:
    with_rule(logbook, enforcement=Enforcement("block", "2026-03-01T00:00:00Z"))

    assert logbook.gate(at="2026-02-28T23:59:59Z").verdict == "allow"
    assert logbook.gate(at="2026-03-01T00:00:00Z").verdict == "deny"


def test_days_of_grace_run_from_the_change_that_made_it_stale(logbook: Any, people: Any) -> None:
    with_rule(logbook, on_stale=OnStale(2))
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.change(dossier, "lineage")
    logbook.later(days=1)
    logbook.change(dossier, "lineage", "authors")

    assert (logbook.gate().verdict, logbook.gate().status) == ("allow", "stale")
    assert logbook.gate(at="2026-01-03T00:01:00Z").verdict == "deny"


def test_grace_ends_at_its_moment_and_excuses_no_check(logbook: Any, people: Any) -> None:
    logbook.set_policy(
        msgspec.structs.replace(
            logbook.policy,
            version=2,
            approval=(ApprovalRule(roles={"risk-approver": 1}, on_stale=OnStale(1)),),
        )
    )
    failing = (row("fail"), row("pass", rule="training-data-known"))
    dossier = logbook.request(checks=failing)
    logbook.decide(people.bob, dossier)
    logbook.change(dossier, "lineage")
    with_failure = logbook.gate().verdict
    logbook.later(hours=1)
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    since = logbook.records[logbook.change(dossier, "lineage")].leaf.time

    assert with_failure == "deny"
    assert logbook.gate(at=since.replace("-01T", "-02T")).verdict == "deny"
    assert logbook.gate(at=since).why == (
        "lineage: it changed",
        f"stale, allowed until {since.replace('-01T', '-02T')}",
    )


def test_grace_may_be_given_part_by_part(logbook: Any, people: Any) -> None:
    with_rule(logbook, on_stale=OnStale(0, {"lineage": 5}))
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.change(dossier, "lineage")
    allowed = logbook.gate().verdict
    logbook.change(dossier, "lineage", "evidence")

    assert (allowed, logbook.gate().verdict) == ("allow", "deny")


def test_without_a_policy_set_nothing_is_allowed(logbook: Any) -> None:
    del logbook.records[1:]
    logbook.register()

    assert logbook.gate().why == ("no policy set is in force",)
    assert logbook.gate().verdict == "deny"


def test_without_a_rule_that_covers_it_nothing_is_allowed(logbook: Any, people: Any) -> None:
    with_rule(logbook, namespaces=("wholesale",))
    logbook.decide(people.bob, logbook.request())

    assert logbook.gate().why == ("no approval rule of the policy set covers it",)


@pytest.mark.parametrize(
    ("tier", "verdict"), [("medium", "allow"), ("high", "unproven"), ("critical", "unproven")]
)
def test_an_unknown_author_blocks_from_tier_high_up(
    logbook: Any, people: Any, tier: str, verdict: str
) -> None:
    del logbook.records[2:]
    logbook.register(people.service)
    logbook.decide(people.bob, logbook.request(risk=logbook.assess(tier)))

    assert logbook.gate().verdict == verdict
    assert any("author unknown" in reason for reason in logbook.gate().why)


def test_an_author_the_service_named_is_known(logbook: Any, people: Any) -> None:
    del logbook.records[2:]
    logbook.register(people.service, authors=[people.carol.person])
    logbook.decide(people.bob, logbook.request(risk=logbook.assess("high")))

    assert logbook.gate().verdict == "allow"


def test_stale_is_told_from_other_denials(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.change(dossier, "lineage")

    answer = logbook.gate()

    assert (answer.verdict, answer.status) == ("deny", "stale")
    assert answer.next[0] == f"muniment changes {VersionRef('retail', 'credit-risk', 7)} --env production"


def test_a_bad_record_beside_a_full_quorum_denies_nothing(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.decide(people.mallory, dossier, "reject")

    assert logbook.codes() == ["SIGNER_UNKNOWN"]
    assert logbook.gate().verdict == "allow"


def test_every_answer_says_why(logbook: Any, people: Any) -> None:
    nobody_asked = logbook.gate().why
    dossier = logbook.request()
    logbook.change(dossier, "lineage")
    changed = logbook.gate().why
    logbook.later(hours=1)
    approval = logbook.decide(people.bob, logbook.request(), expiresAt="2026-02-01T00:00:00Z")
    approved, expired = logbook.gate().why, logbook.gate(at="2026-02-01T00:00:00Z").why
    logbook.withdraw(people.bob, approval)

    assert nobody_asked == ("no decision was asked for",)
    assert changed == ("0 of 1 risk-approver approved", "lineage: it changed")
    assert approved == (f"approved by {people.bob.person} as risk-approver",)
    assert expired == ("the approval ran out",)
    assert logbook.gate().why == ("an approval was given and then taken back",)


def test_every_denial_says_what_to_do(logbook: Any, people: Any) -> None:
    where = "retail/credit-risk@7 --env production"
    ask = (f"muniment request {where}",)
    nobody_asked = logbook.gate().next
    dossier = logbook.request()
    asked = logbook.gate().next
    logbook.change(dossier, "lineage")

    assert nobody_asked == ask
    assert asked == (f"muniment approve {where} --role risk-approver --reason TEXT",)
    assert logbook.gate().next == ask


def test_after_a_rejection_its_signer_or_the_root_is_who_can_act(logbook: Any, people: Any) -> None:
    where = "retail/credit-risk@7 --env production"
    dossier = logbook.request()
    logbook.decide(people.bob, dossier, "reject")
    once = logbook.gate().next
    logbook.decide(people.carol, dossier, "reject")
    by_bob, by_carol, *overrides = logbook.gate().next

    assert once == (
        f"muniment withdraw {where} --reason TEXT --as {people.bob.person}",
        f"muniment override {where} --reason TEXT",
    )
    assert by_bob.endswith(f"--as {people.bob.person}")
    assert by_carol.endswith(f"--as {people.carol.person}")
    assert [step.partition("--decision ")[2][:7] for step in overrides] == ["sha256:", "sha256:"]


def test_an_assessment_alone_does_not_lower_the_rule(logbook: Any, people: Any) -> None:
    rules = (
        ApprovalRule(roles={"risk-approver": 1}, tiers=("high",)),
        ApprovalRule(roles={"risk-approver": 1}, enforcement=Enforcement(mode="warn")),
    )
    logbook.set_policy(PolicySet(version=2, approval=rules))
    logbook.assess("high", people.bob)
    logbook.assess("low", people.bob)

    assert logbook.gate().verdict == "deny"


def test_a_newly_approved_dossier_lowers_the_rule(logbook: Any, people: Any) -> None:
    rules = (
        ApprovalRule(roles={"risk-approver": 2}, tiers=("high",)),
        ApprovalRule(
            roles={"risk-approver": 1}, on_stale=OnStale(allow_days=3), enforcement=Enforcement(mode="block")
        ),
    )
    logbook.set_policy(PolicySet(version=2, approval=rules))
    logbook.assess("high", people.bob)
    dossier = logbook.request(risk=logbook.assess("low", people.bob))
    logbook.decide(people.carol, dossier)
    logbook.change(dossier, "lineage")

    assert logbook.gate().verdict == "allow"


def test_the_assessment_that_picks_the_rule_must_lie_under_the_signed_head(logbook: Any, people: Any) -> None:
    rules = (
        ApprovalRule(roles={"risk-approver": 1}, tiers=("low",), enforcement=Enforcement(mode="warn")),
        ApprovalRule(roles={"risk-approver": 1}),
    )
    logbook.set_policy(PolicySet(version=2, approval=rules))
    logbook.assess("low", people.bob)
    leaf = len(logbook.records) - 1

    assert logbook.gate(signed_size=leaf).verdict == "unproven"
    assert logbook.gate(signed_size=leaf + 1).verdict == "allow"
