"""Somebody whose roles a later trust root takes away: what they signed stands, nothing new counts."""

from typing import Any

from registry.rules.policy import ApprovalRule, BreakGlassRule, PolicySet, ReApproveFrom


def leave(book: Any, people: Any) -> None:
    """Bob's roles go in the next trust root; Alice and Carol keep theirs."""
    everything = people.roles("owner", "developer", "policy", "root")
    book.enrol(
        (people.alice, everything),
        (people.bob, ()),
        (people.carol, people.roles("risk-approver", "validator")),
        signers=(people.alice,),
    )


def ask_for_two(book: Any, **more: Any) -> None:
    rule = ApprovalRule(roles={"risk-approver": 2}, **more)
    book.set_policy(PolicySet(version=book.policy.version + 1, approval=(rule,)))


def test_an_approval_given_before_stands(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    leave(logbook, people)

    assert logbook.status().status == "valid"
    assert logbook.gate().verdict == "allow"


def test_it_counts_beside_one_given_afterwards_on_the_same_dossier(logbook: Any, people: Any) -> None:
    ask_for_two(logbook)
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    leave(logbook, people)
    logbook.decide(people.carol, dossier)

    assert logbook.status().status == "valid"


def test_it_counts_for_no_new_dossier(logbook: Any, people: Any) -> None:
    ask_for_two(logbook)
    logbook.decide(people.bob, logbook.request())
    leave(logbook, people)
    logbook.later(minutes=1)
    newer = logbook.request()
    logbook.decide(people.carol, newer)

    assert logbook.status().status == "none"
    assert [(c.have, c.need) for c in logbook.status().quorum] == [(1, 2)]


def test_nothing_they_sign_afterwards_counts(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    leave(logbook, people)
    logbook.decide(people.bob, dossier)
    logbook.decide(people.bob, dossier, "reject")

    assert logbook.codes() == ["ROLE_MISSING", "ROLE_MISSING"]
    assert logbook.status().status == "none"


def test_a_later_policy_set_may_ask_for_new_approval(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    leave(logbook, people)
    rule = ApprovalRule(roles={"risk-approver": 1})
    mode = ReApproveFrom("2026-01-02T00:00:00Z")
    logbook.set_policy(PolicySet(version=2, approval=(rule,), existing_approvals=mode))

    assert logbook.status(at="2026-01-01T23:59:59Z").status == "valid"
    assert logbook.status(at="2026-01-02T00:00:00Z").status == "stale"


def test_their_rejection_stands_until_it_is_overridden(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.carol, dossier)
    rejection = logbook.decide(people.bob, dossier, "reject")
    leave(logbook, people)
    blocked = logbook.gate().verdict
    logbook.override(rejection)

    assert (blocked, logbook.gate().verdict) == ("deny", "allow")


def test_they_may_still_take_back_what_they_signed(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    leave(logbook, people)
    logbook.withdraw(people.bob, approval)

    assert logbook.status().status == "revoked"


def test_a_glass_they_broke_stays_broken_until_it_expires(logbook: Any, people: Any) -> None:
    glass = BreakGlassRule(roles=("risk-approver",), max_hours=24)
    rule = ApprovalRule(roles={"risk-approver": 1}, break_glass=glass)
    logbook.set_policy(PolicySet(version=2, approval=(rule,)))
    logbook.break_glass(people.bob)
    leave(logbook, people)
    logbook.break_glass(people.bob, 20)

    assert logbook.codes() == ["ROLE_MISSING"]
    assert logbook.gate().verdict == "allow"
    assert logbook.gate(at="2026-01-01T04:00:04Z").verdict == "deny"
