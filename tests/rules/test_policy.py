"""A policy set demands something, is understood whole, and says what it means for standing approvals."""

from typing import Any

import msgspec
import pytest

from registry.rules.dossier import EvidenceRow
from registry.rules.policy import (
    AVAILABLE_CHECKS,
    ApprovalRule,
    OnStale,
    PolicySet,
    ReApproveFrom,
    parse_policy_set,
    starter_policy_set,
)
from schemas.errors import VerificationError

NONCE = "0" * 32
STARTER = starter_policy_set().to_predicate(NONCE)
RULE = STARTER["approval"][0]
CHECK = STARTER["checks"][0]


def test_the_starter_set_asks_for_one_risk_approver_who_is_no_author() -> None:
    assert RULE == {
        "namespaces": ["*"],
        "environments": ["*"],
        "tiers": ["*"],
        "roles": {"risk-approver": 1},
        "excludeAuthors": True,
        "rejectionBlocks": True,
        "maxAgeDays": 365,
        "onStale": {"allowDays": 0, "parts": {}},
        "enforcement": {"mode": "block"},
    }
    assert [(c["id"], c["severity"]) for c in STARTER["checks"]] == [
        ("artifact-verified", "block"),
        ("training-data-known", "block"),
    ]


def test_what_is_written_is_read_again() -> None:
    whole = PolicySet(
        version=3,
        approval=(ApprovalRule(roles={"validator": 2}, on_stale=OnStale(1, {"lineage": 9})),),
        checks=AVAILABLE_CHECKS,
        existing_approvals=ReApproveFrom("2026-05-01T00:00:00Z"),
        decision_within_hours=72,
    )

    assert parse_policy_set(whole.to_predicate(NONCE)) == whole


BAD: dict[str, dict[str, Any]] = {
    "no approval rule": {"approval": []},
    "a rule without roles": {"approval": [{**RULE, "roles": {}}]},
    "a count of zero": {"approval": [{**RULE, "roles": {"validator": 0}}]},
    "a negative count": {"approval": [{**RULE, "roles": {"validator": -1}}]},
    "a role nobody holds": {"approval": [{**RULE, "roles": {"emperor": 1}}]},
    "a rule for no environment": {"approval": [{**RULE, "environments": []}]},
    "a rule for an unknown tier": {"approval": [{**RULE, "tiers": ["enormous"]}]},
    "a member of a rule we do not know": {"approval": [{**RULE, "unless": "urgent"}]},
    "a member of the set we do not know": {"exceptions": []},
    "an age of zero days": {"approval": [{**RULE, "maxAgeDays": 0}]},
    "an unknown enforcement": {"approval": [{**RULE, "enforcement": {"mode": "ignore"}}]},
    "a version below one": {"version": 0},
    "other semantics": {"semantics": 2},
    "a check of no kind": {"checks": [{**CHECK, "check": {}}]},
    "a check of two kinds": {"checks": [{**CHECK, "check": {"artifact": {}, "risk": {}}}]},
    "a check of an unknown kind": {"checks": [{**CHECK, "check": {"vibes": {}}}]},
    "a check with a member we do not know": {"checks": [{**CHECK, "check": {"artifact": {"lvl": 1}}}]},
    "two checks of one id": {"checks": [CHECK, CHECK]},
    "a lineage check that asks for nothing": {"checks": [{**CHECK, "check": {"lineage": {}}}]},
    "an evidence check without kinds": {"checks": [{**CHECK, "check": {"evidence": {"kinds": []}}}]},
    "a bias check without attributes": {"checks": [{**CHECK, "check": {"bias": {"attributes": []}}}]},
    "a bias limit over zero": {
        "checks": [{**CHECK, "check": {"bias": {"attributes": ["sex"], "min": {"num": "4", "den": "0"}}}}]
    },
    "a date that does not exist": {"existingApprovals": {"reApproveFrom": "2026-02-31T00:00:00Z"}},
    "an unknown severity": {"checks": [{**CHECK, "severity": "fatal"}]},
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_set_that_demands_nothing_or_is_not_understood_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(VerificationError) as refused:
        parse_policy_set({**STARTER, **bad})

    assert refused.value.code == "POLICY_MALFORMED"


def test_the_first_rule_that_covers_a_version_is_its_rule() -> None:
    strict = ApprovalRule(tiers=("high", "critical"), roles={"validator": 1, "risk-approver": 1})
    staging = ApprovalRule(environments=("staging",), roles={"developer": 1})
    rest = ApprovalRule(roles={"risk-approver": 1})
    policy = PolicySet(version=1, approval=(strict, staging, rest))

    assert policy.find_rule("retail", "production", "high") == strict
    assert policy.find_rule("retail", "staging", "high") == strict
    assert policy.find_rule("retail", "staging", "low") == staging
    assert policy.find_rule("retail", "production", None) == rest


def test_a_version_without_a_tier_is_covered_by_no_rule_for_tiers() -> None:
    policy = PolicySet(version=1, approval=(ApprovalRule(tiers=("low",), roles={"validator": 1}),))

    assert policy.find_rule("retail", "production", None) is None


def next_set(book: Any, **changes: Any) -> None:
    version = book.policy.version + 1
    book.set_policy(msgspec.structs.replace(book.policy, version=version, **changes))


TWO = (ApprovalRule(roles={"risk-approver": 2}),)


def test_a_new_set_leaves_existing_approvals_standing(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    next_set(logbook, approval=TWO)

    assert logbook.status().status == "valid"


def test_a_new_set_may_evaluate_existing_approvals_again(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    next_set(logbook, approval=TWO, existing_approvals="reEvaluate")

    assert logbook.status().status == "stale"
    assert logbook.status().why == ("policy set 2 asks for another quorum",)


def test_a_set_that_evaluates_again_brings_its_own_greatest_age(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    month = (ApprovalRule(roles={"risk-approver": 1}, max_age_days=30),)
    next_set(logbook, approval=month, existing_approvals="reEvaluate")

    assert logbook.status(at="2026-01-30T00:00:00Z").status == "valid"
    assert logbook.status(at="2026-02-02T00:00:00Z").status == "expired"


def test_a_set_that_evaluates_again_and_covers_it_no_more_makes_it_stale(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    elsewhere = (ApprovalRule(namespaces=("wholesale",), roles={"risk-approver": 1}),)
    next_set(logbook, approval=elsewhere, existing_approvals="reEvaluate")

    assert logbook.status().status == "stale"


def test_of_two_sets_that_evaluate_again_the_newer_counts(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    one = logbook.policy.approval
    next_set(logbook, approval=TWO, existing_approvals="reEvaluate")
    next_set(logbook, approval=one, existing_approvals="reEvaluate")

    assert logbook.status().status == "valid"


def test_an_approval_that_meets_the_new_set_stands_when_evaluated_again(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.decide(people.carol, dossier)
    next_set(logbook, approval=TWO, existing_approvals="reEvaluate")

    assert logbook.status().status == "valid"


def test_a_new_set_may_ask_for_new_approvals_from_a_date(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    next_set(logbook, existing_approvals=ReApproveFrom("2026-05-01T00:00:00Z"))

    assert logbook.status(at="2026-04-30T23:59:59Z").status == "valid"
    assert logbook.status(at="2026-05-01T00:00:00Z").status == "stale"


def test_an_approval_under_the_new_set_meets_its_date(logbook: Any, people: Any) -> None:
    next_set(logbook, existing_approvals=ReApproveFrom("2026-05-01T00:00:00Z"))
    logbook.decide(people.bob, logbook.request())

    assert logbook.status(at="2026-06-01T00:00:00Z").status == "valid"


def test_an_open_request_is_decided_under_the_set_it_was_frozen_under(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    next_set(logbook, approval=TWO)
    logbook.decide(people.bob, dossier)

    assert logbook.codes() == []
    assert logbook.status().status == "valid"


def test_a_carried_decision_may_take_as_long_as_the_set_allows(logbook: Any, people: Any) -> None:
    next_set(logbook, decision_within_hours=72)
    dossier, then = logbook.request(), logbook.now
    logbook.later(hours=71)
    logbook.decide(people.bob, dossier, decidedAt=then)

    assert logbook.codes() == []


def test_one_person_with_two_roles_fills_one_slot(logbook: Any, people: Any) -> None:
    next_set(logbook, approval=(ApprovalRule(roles={"risk-approver": 1, "validator": 1}),))
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.decide(people.bob, dossier, role="validator")
    alone = logbook.status().status
    logbook.decide(people.carol, dossier)

    assert (alone, logbook.status().status) == ("none", "valid")
    assert [(c.role, c.have, c.need) for c in logbook.status().quorum] == [
        ("risk-approver", 1, 1),
        ("validator", 1, 1),
    ]


def test_approvals_of_two_dossiers_are_never_added_up(logbook: Any, people: Any) -> None:
    next_set(logbook, approval=TWO)
    logbook.decide(people.bob, logbook.request())
    logbook.later(hours=1)
    logbook.decide(people.carol, logbook.request())

    assert logbook.status().status == "none"


def test_a_rejection_that_does_not_block_leaves_the_quorum(logbook: Any, people: Any) -> None:
    next_set(logbook, approval=(ApprovalRule(roles={"risk-approver": 1}, rejection_blocks=False),))
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.decide(people.carol, dossier, "reject")

    assert logbook.status().status == "valid"


def test_a_rejection_blocks_an_older_dossier_whose_own_rule_says_so(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    next_set(logbook, approval=(ApprovalRule(roles={"risk-approver": 1}, rejection_blocks=False),))
    logbook.later(hours=1)
    logbook.decide(people.carol, logbook.request(), "reject")

    assert logbook.status().status == "none"
    assert logbook.status().why == (f"rejected by {people.carol.person} as risk-approver at leaf 7",)


def test_an_author_may_approve_where_the_rule_lets_them(logbook: Any, people: Any) -> None:
    next_set(logbook, approval=(ApprovalRule(roles={"risk-approver": 1}, exclude_authors=False),))
    logbook.decide(people.alice, logbook.request())

    assert logbook.status().status == "valid"


@pytest.mark.parametrize(
    "who", ["the signer of the request", "an author the dossier names", "a registered author"]
)
def test_no_kind_of_author_counts(new_logbook: Any, people: Any, who: str) -> None:
    book = new_logbook()
    if who == "a registered author":
        book.records.pop()
        book.register(authors=[people.bob.person])
    signer = people.bob if who == "the signer of the request" else people.alice
    authors = (people.bob.person,) if who == "an author the dossier names" else ()
    book.decide(people.bob, book.request(signer, authors=authors))

    assert book.codes() == ["SEPARATION_OF_DUTIES"]
    assert book.status().status == "none"


def test_evidence_a_check_rests_on_runs_out(logbook: Any, people: Any) -> None:
    next_set(logbook, checks=(AVAILABLE_CHECKS[-1],))
    document = logbook.put(b"a report")
    until = "2026-03-01T00:00:00Z"
    added = {"kind": "validation_report", "level": "verified", "validUntil": until}
    logbook.log("evidence-added", [logbook.subject(), ("evidence", document)], added, people.alice)
    row = EvidenceRow(kind="validation_report", digest=document, level="verified", valid_until=until)
    logbook.decide(people.bob, logbook.request(evidence=(row,)))

    assert logbook.status().status == "valid"
    assert logbook.status(at=until).status == "stale"
    assert logbook.status(at=until).why == (f"evidence: validation_report was valid until {until}",)
    logbook.log("evidence-withdrawn", [logbook.subject(), ("evidence", document)], {}, people.alice)
    assert logbook.status().why == ("evidence: validation_report was withdrawn or replaced",)


@pytest.mark.parametrize("span", ["0h", "-1h", "1", "1w", "24H", "1.5h", "100000d", "", 24, None])
def test_a_limit_for_what_is_unsealed_is_a_span_of_time(span: object) -> None:
    if span is None:
        assert parse_policy_set({**STARTER, "maxUnsealedAge": None}).max_unsealed_age is None
        return
    with pytest.raises(VerificationError, match="POLICY_MALFORMED"):
        parse_policy_set({**STARTER, "maxUnsealedAge": span})


def test_a_limit_for_what_is_unsealed_is_read_again() -> None:
    whole = PolicySet(version=1, approval=(ApprovalRule(roles={"validator": 1}),), max_unsealed_age="90m")

    assert parse_policy_set(whole.to_predicate(NONCE)) == whole
