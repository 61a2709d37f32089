"""Break-glass: allowed by the policy set, loud while it lives, gone when it expires."""

from typing import Any

import msgspec
import pytest

from registry.rules.policy import ApprovalRule, BreakGlassRule, Enforcement, PolicySet, parse_policy_set
from registry.rules.status import status
from schemas.asset import VersionRef
from schemas.errors import VerificationError

EIGHT = VersionRef("retail", "credit-risk", 8)


def allow_breaking(book: Any, *roles: str, hours: int = 24, **rule: Any) -> None:
    whole = {
        "roles": {"risk-approver": 1},
        "break_glass": BreakGlassRule(roles=roles or ("risk-approver",), max_hours=hours),  # type: ignore[arg-type]
        **rule,
    }
    version = book.policy.version + 1
    book.set_policy(PolicySet(version=version, approval=(ApprovalRule(**whole),)))


def forbid_breaking(book: Any) -> None:
    rule = ApprovalRule(roles={"risk-approver": 1})
    book.set_policy(PolicySet(version=book.policy.version + 1, approval=(rule,)))


def test_a_broken_glass_lets_a_version_through_that_nobody_approved(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    leaf = logbook.break_glass(people.bob)

    answer = logbook.gate()

    assert (answer.verdict, answer.status) == ("allow", "none")
    assert answer.why == (
        f"BREAK GLASS until 2026-01-01T04:00:04Z by {people.bob.person} as risk-approver (leaf {leaf}):",
        "no decision was asked for",
    )
    assert answer.next == ("muniment request retail/credit-risk@7 --env production",)


def test_an_author_who_breaks_the_glass_is_named_as_the_author(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    leaf = logbook.break_glass(people.alice)

    answer = logbook.gate()

    assert answer.verdict == "allow"
    assert answer.why[0] == (
        f"BREAK GLASS until 2026-01-01T04:00:04Z by {people.alice.person} as risk-approver, its author "
        f"(leaf {leaf}):"
    )


def test_a_broken_glass_lets_a_stale_approval_through_and_the_status_stays_stale(
    logbook: Any, people: Any
) -> None:
    allow_breaking(logbook)
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.change(dossier, "lineage")
    logbook.break_glass(people.carol)

    answer = logbook.gate()

    assert (answer.verdict, answer.status) == ("allow", "stale")
    assert answer.why[1:] == ("lineage: it changed",)


def test_the_last_second_counts_and_the_next_does_not(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    logbook.break_glass(people.bob)

    assert logbook.gate(at="2026-01-01T04:00:03Z").verdict == "allow"
    assert logbook.gate(at="2026-01-01T04:00:04Z").verdict == "deny"
    assert [g.word for g in logbook.status(at="2026-01-01T04:00:04Z").break_glass] == ["expired"]


def test_without_a_word_in_the_policy_set_nobody_may(logbook: Any, people: Any) -> None:
    logbook.break_glass(people.bob)

    assert logbook.codes() == ["BREAK_GLASS_REFUSED"]
    assert logbook.gate().verdict == "deny"


@pytest.mark.parametrize(("hours", "codes"), [(24, []), (25, ["BREAK_GLASS_REFUSED"])])
def test_it_lasts_no_longer_than_the_policy_set_says(
    logbook: Any, people: Any, hours: int, codes: list[str]
) -> None:
    allow_breaking(logbook, hours=24)
    logbook.break_glass(people.bob, hours)

    assert logbook.codes() == codes
    assert logbook.gate().verdict == ("deny" if codes else "allow")


def test_one_that_expires_before_its_leaf_is_refused(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    logbook.break_glass(people.bob, expiresAt=logbook.now)

    assert logbook.codes() == ["BREAK_GLASS_REFUSED"]


def test_a_role_the_policy_set_does_not_name_is_refused(logbook: Any, people: Any) -> None:
    allow_breaking(logbook, "owner")
    logbook.break_glass(people.bob)

    assert logbook.codes() == ["BREAK_GLASS_REFUSED"]


def test_a_role_the_person_does_not_hold_is_refused(logbook: Any, people: Any) -> None:
    allow_breaking(logbook, "owner")
    logbook.break_glass(people.bob, role="owner")

    assert logbook.codes() == ["ROLE_MISSING"]


def test_somebody_elses_name_is_refused(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    logbook.break_glass(people.bob, reviewer=people.carol.person)

    assert logbook.codes() == ["REVIEWER_MISMATCH"]


def test_a_service_breaks_no_glass(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    logbook.break_glass(people.service)

    assert logbook.codes() == ["REVIEWER_MISMATCH"]


def test_a_rejection_stands_above_it_whichever_came_first(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    dossier = logbook.request()
    broken = logbook.break_glass(people.bob)
    before = logbook.gate().verdict
    logbook.decide(people.carol, dossier, "reject")
    logbook.break_glass(people.bob)

    assert before == "allow"
    assert logbook.gate().verdict == "deny"
    assert [g.word for g in logbook.status().break_glass] == ["rejected"]
    assert logbook.gate().why[-1] == (
        f"the break-glass until 2026-01-01T04:00:05Z by {people.bob.person} as risk-approver "
        f"(leaf {broken}) does not count over a rejection"
    )
    assert logbook.codes() == ["BREAK_GLASS_REFUSED"]


def test_its_signer_ends_it_early_and_keeps_their_decisions(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    logbook.decide(people.bob, logbook.request())
    leaf = logbook.break_glass(people.bob)
    logbook.withdraw(people.bob, leaf)

    assert [g.word for g in logbook.status().break_glass] == ["ended"]
    assert logbook.status().status == "valid"


def test_nobody_else_ends_it(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    leaf = logbook.break_glass(people.bob)
    logbook.withdraw(people.carol, leaf)

    assert logbook.codes() == ["ROLE_MISSING"]
    assert logbook.gate().verdict == "allow"


def test_a_new_policy_set_without_it_ends_it(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    logbook.break_glass(people.bob)
    forbid_breaking(logbook)

    assert logbook.gate().verdict == "deny"
    assert [g.word for g in logbook.status().break_glass] == ["not-allowed"]


def test_a_new_policy_set_that_allows_it_brings_no_refused_one_back(logbook: Any, people: Any) -> None:
    logbook.break_glass(people.bob)
    allow_breaking(logbook)

    assert logbook.gate().verdict == "deny"


def test_a_raised_tier_takes_the_rule_that_counts_for_it(logbook: Any, people: Any) -> None:
    rule = BreakGlassRule(roles=("risk-approver",), max_hours=24)
    strict = ApprovalRule(tiers=("high", "critical"), roles={"risk-approver": 1})
    lax = ApprovalRule(roles={"risk-approver": 1}, break_glass=rule)
    logbook.set_policy(PolicySet(version=2, approval=(strict, lax)))
    logbook.break_glass(people.bob)
    before = logbook.gate().verdict
    logbook.assess("high")

    assert (before, logbook.gate().verdict) == ("allow", "deny")


def test_a_tier_only_a_service_assessed_allows_none(logbook: Any, people: Any) -> None:
    rule = BreakGlassRule(roles=("risk-approver",), max_hours=24)
    low = ApprovalRule(tiers=("low",), roles={"risk-approver": 1}, break_glass=rule)
    rest = ApprovalRule(roles={"risk-approver": 1})
    logbook.set_policy(PolicySet(version=2, approval=(low, rest)))
    logbook.assess("low", people.service)
    logbook.break_glass(people.bob)

    assert logbook.codes() == ["BREAK_GLASS_REFUSED"]
    assert logbook.gate().verdict == "deny"


def test_it_counts_under_a_signed_head_only(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    leaf = logbook.break_glass(people.bob)

    assert logbook.gate(signed_size=leaf).verdict == "unproven"
    assert logbook.gate(signed_size=leaf + 1).verdict == "allow"


def test_a_signed_one_is_not_spoilt_by_a_longer_one_that_is_unsigned(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    leaf = logbook.break_glass(people.bob)
    logbook.break_glass(people.carol, 20)

    assert logbook.gate(signed_size=leaf + 1).verdict == "allow"


def test_what_ended_a_rejection_before_it_must_be_signed_as_well(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    leaf = logbook.break_glass(people.bob)
    rejection = logbook.decide(people.carol, logbook.request(), "reject")
    lifted = logbook.withdraw(people.carol, rejection)

    assert logbook.gate(signed_size=leaf + 1).verdict == "unproven"
    assert logbook.gate(signed_size=lifted + 1).verdict == "allow"


def test_one_by_a_compromised_key_is_void(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    leaf = logbook.break_glass(people.bob)
    logbook.revoke(people.bob, "compromised", leaf)

    assert logbook.gate().verdict == "deny"
    assert logbook.status().break_glass == ()


def test_one_under_a_policy_set_by_a_compromised_key_is_void(logbook: Any, people: Any) -> None:
    everything = people.roles("owner", "policy", "root", "risk-approver")
    logbook.enrol((people.alice, everything), (people.bob, everything), signers=(people.alice,))
    rule = BreakGlassRule(roles=("risk-approver",), max_hours=24)
    lax = ApprovalRule(roles={"risk-approver": 1}, break_glass=rule)
    at = logbook.set_policy(PolicySet(version=2, approval=(lax,)), people.bob)
    logbook.break_glass(people.alice)
    logbook.revoke(people.bob, "compromised", at)
    logbook.set_policy(PolicySet(version=3, approval=(lax,)))

    assert logbook.gate().verdict == "deny"


def test_a_valid_approval_needs_it_not_and_the_gate_says_so(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    logbook.decide(people.bob, logbook.request())
    leaf = logbook.break_glass(people.carol)

    answer = logbook.gate()

    assert (answer.verdict, answer.status) == ("allow", "valid")
    assert answer.why[-1].endswith(f"(leaf {leaf}) is live and was not needed")


def test_it_covers_its_own_environment_and_version_alone(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    logbook.register(ref=EIGHT)
    logbook.break_glass(people.bob, environment="staging")
    logbook.break_glass(people.bob, ref=EIGHT)

    assert logbook.gate().verdict == "deny"


def test_the_same_envelope_a_second_time_brings_nothing_back(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    leaf = logbook.break_glass(people.bob)
    logbook.withdraw(people.bob, leaf)
    logbook.append("break-glass", logbook.records[leaf].envelope)

    assert logbook.codes() == ["RECORD_REPLAYED"]
    assert logbook.gate().verdict == "deny"


def test_where_the_policy_set_only_warns_it_is_not_needed(logbook: Any, people: Any) -> None:
    allow_breaking(logbook, enforcement=Enforcement(mode="warn"))
    logbook.break_glass(people.bob)

    assert logbook.gate().why[-1].endswith("is live and was not needed")


def test_bytes_that_are_not_here_stay_unproven(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    logbook.break_glass(people.bob)
    asked = logbook.ask(logbook.dossier())
    logbook.records[asked] = msgspec.structs.replace(logbook.records[asked], envelope=None)

    assert logbook.gate().verdict == "unproven"


def test_a_withheld_break_glass_makes_the_answer_unproven(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    leaf = logbook.break_glass(people.bob)
    logbook.records[leaf] = msgspec.structs.replace(logbook.records[leaf], envelope=None)

    assert logbook.gate().verdict == "unproven"


def test_the_state_of_the_version_does_not_move(logbook: Any, people: Any) -> None:
    allow_breaking(logbook)
    before = status(logbook.fold(), logbook.subject()[1], "production", logbook.now).version_state
    logbook.break_glass(people.bob)

    assert logbook.status().version_state == before == "draft"


NONCE = "0" * 32
RULE = {"roles": {"risk-approver": 1}}
SET = {"version": 1, "semantics": 1, "nonce": NONCE}


@pytest.mark.parametrize(
    "bad",
    [
        {"roles": [], "maxHours": 1},
        {"roles": ["risk-approver"]},
        {"maxHours": 4},
        {"roles": ["risk-approver"], "maxHours": 0},
        {"roles": ["risk-approver"], "maxHours": -4},
        {"roles": ["risk-approver"], "maxHours": 721},
        {"roles": ["risk-approver"], "maxHours": True},
        {"roles": ["risk-approver"], "maxHours": "4"},
        {"roles": ["root"], "maxHours": 4},
        {"roles": ["risk-approver"], "maxHours": 4, "silently": True},
    ],
    ids=repr,
)
def test_a_rule_that_names_nobody_or_no_hours_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(VerificationError) as refused:
        parse_policy_set({**SET, "approval": [{**RULE, "breakGlass": bad}]})

    assert refused.value.code == "POLICY_MALFORMED"


def test_what_a_set_says_of_it_is_read_again() -> None:
    rule = ApprovalRule(
        roles={"risk-approver": 1}, break_glass=BreakGlassRule(roles=("owner",), max_hours=720)
    )
    whole = PolicySet(version=1, approval=(rule,))

    written = whole.to_predicate(NONCE)

    assert written["approval"][0]["breakGlass"] == {"roles": ["owner"], "maxHours": 720}
    assert parse_policy_set(written) == whole
