"""What stands for a version, at a time: RECORDS sections 1, 5 and 6, sentence by sentence."""

from typing import Any

import pytest

from schemas.digest import Digest

A_YEAR_LATER = "2027-01-02T00:00:00Z"


def test_an_approval_by_one_risk_approver_who_is_no_author_is_valid(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())

    assert logbook.status().status == "valid"
    assert logbook.gate().verdict == "allow"
    assert logbook.codes() == []


def test_a_version_nobody_asked_about_is_a_draft_without_status(logbook: Any) -> None:
    assert logbook.status().version_state == "draft"
    assert logbook.status().status == "none"
    assert logbook.gate().verdict == "deny"


def test_an_open_request_is_in_review_and_says_what_the_quorum_lacks(logbook: Any) -> None:
    logbook.request()

    found = logbook.status()

    assert found.version_state == "in-review"
    assert found.why == ("0 of 1 risk-approver approved",)


def test_conditions_make_the_approval_conditional_and_the_gate_still_allows(
    logbook: Any, people: Any
) -> None:
    logbook.decide(people.bob, logbook.request(), conditions=[Digest.of(b"only in pilot branches")])

    assert logbook.status().status == "valid-with-conditions"
    assert logbook.gate().verdict == "allow"


def test_a_rejected_version_has_no_status(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request(), "reject")

    assert logbook.status().version_state == "rejected"
    assert logbook.status().status == "none"
    assert logbook.gate().verdict == "deny"


def test_a_rejection_blocks_beside_a_full_quorum(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.decide(people.carol, dossier, "reject")

    assert logbook.status().status == "none"


def test_a_rejection_stays_live_across_new_dossiers(logbook: Any, people: Any) -> None:
    logbook.decide(people.carol, logbook.request(), "reject")
    logbook.decide(people.bob, logbook.request())

    assert logbook.status().status == "none"
    assert logbook.gate().verdict == "deny"


@pytest.mark.parametrize("anew", ["approve", "abstain"])
def test_a_rejection_ends_when_its_signer_decides_anew(logbook: Any, people: Any, anew: str) -> None:
    logbook.decide(people.carol, logbook.request(), "reject")
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.decide(people.carol, dossier, anew)

    assert logbook.status().status == "valid"


def test_a_rejection_ends_when_its_signer_withdraws_it(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    rejection = logbook.decide(people.carol, dossier, "reject")
    logbook.withdraw(people.carol, rejection)

    assert logbook.status().status == "valid"


def test_a_withdrawn_approval_is_revoked(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    logbook.withdraw(people.bob, approval)

    assert logbook.status().status == "revoked"
    assert logbook.gate().verdict == "deny"


def test_a_withdrawal_removes_the_signers_approvals_on_every_dossier(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    logbook.later(hours=1)
    second = logbook.decide(people.bob, logbook.request())
    logbook.withdraw(people.bob, second)

    assert logbook.status().status == "revoked"


def test_an_earlier_dossier_speaks_again_when_only_the_newer_one_lost_its_quorum(
    logbook: Any, people: Any
) -> None:
    first = logbook.request()
    logbook.decide(people.carol, first)
    logbook.later(hours=1)
    second = logbook.decide(people.bob, logbook.request())
    logbook.withdraw(people.bob, second)

    assert logbook.status().dossier == first
    assert logbook.status().status == "valid"


def test_a_second_decision_on_the_same_dossier_replaces_the_first(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.decide(people.bob, dossier, "abstain")

    assert logbook.status().approvals == ()
    assert logbook.status().status == "revoked"


def test_the_newest_dossier_with_a_full_quorum_speaks_and_the_older_is_superseded(
    logbook: Any, people: Any
) -> None:
    first = logbook.request()
    logbook.decide(people.bob, first)
    logbook.later(hours=1)
    second = logbook.request()
    logbook.decide(people.bob, second)

    assert logbook.status().dossier == second
    assert [(row.dossier, row.status) for row in logbook.status().history] == [
        (first, "superseded"),
        (second, "valid"),
    ]


def test_a_request_without_decisions_leaves_the_standing_approval(logbook: Any, people: Any) -> None:
    first = logbook.request()
    logbook.decide(people.bob, first)
    logbook.later(hours=1)
    logbook.request()

    assert (logbook.status().dossier, logbook.status().status) == (first, "valid")


def test_an_approval_for_staging_says_nothing_about_production(logbook: Any, people: Any) -> None:
    dossier = logbook.request(environment="staging")
    logbook.decide(people.bob, dossier, environment="staging")

    assert logbook.status("staging").status == "valid"
    assert logbook.status("production").status == "none"
    assert logbook.status("production").version_state == "approved"


def test_an_approval_expires_at_its_own_time(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request(), expiresAt="2026-06-01T00:00:00Z")

    assert logbook.status(at="2026-05-31T23:59:59Z").status == "valid"
    assert logbook.status(at="2026-06-01T00:00:00Z").status == "expired"
    assert logbook.status().expires_at == "2026-06-01T00:00:00Z"
    assert logbook.gate(at="2026-06-01T00:00:00Z").verdict == "deny"


def test_an_approval_expires_at_the_rules_greatest_age(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())

    assert logbook.status(at=A_YEAR_LATER).status == "expired"


def test_a_pinned_change_makes_an_approval_stale_and_says_by_what(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.change(dossier, "lineage")

    assert logbook.status().status == "stale"
    assert logbook.status().why == ("lineage: it changed",)
    assert (logbook.gate().verdict, logbook.gate().status) == ("deny", "stale")


def test_the_latest_record_of_changes_counts_and_none_clears_it(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.change(dossier, "lineage")
    logbook.change(dossier)

    assert logbook.status().status == "valid"


def test_expired_goes_before_stale(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier, expiresAt="2026-06-01T00:00:00Z")
    logbook.change(dossier, "lineage")

    assert logbook.status(at="2026-07-01T00:00:00Z").status == "expired"


def test_revoked_goes_before_stale(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    approval = logbook.decide(people.bob, dossier)
    logbook.change(dossier, "lineage")
    logbook.withdraw(people.bob, approval)

    assert logbook.status().status == "revoked"


def test_a_raised_tier_makes_an_approval_stale(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request(risk=logbook.assess("medium")))
    logbook.assess("high")

    assert logbook.status().status == "stale"
    assert logbook.status().why == ("risk: tier raised from medium to high",)


def test_a_lowered_tier_leaves_an_approval_standing(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request(risk=logbook.assess("high")))
    logbook.assess("low")

    assert logbook.status().status == "valid"


def test_a_version_that_is_not_registered_has_no_status(logbook: Any) -> None:
    logbook.records.pop()

    assert logbook.status().why == ("no such version is registered",)


def test_a_version_whose_approval_was_withdrawn_is_in_review_again(logbook: Any, people: Any) -> None:
    approval = logbook.decide(people.bob, logbook.request())
    logbook.withdraw(people.bob, approval)

    assert logbook.status().version_state == "in-review"


def test_a_rejected_version_is_in_review_again_when_asked_about_anew(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request(), "reject")
    logbook.later(hours=1)
    logbook.request()

    assert logbook.status().version_state == "in-review"
    assert logbook.status().status == "none"


def test_a_rejected_version_is_in_review_again_when_the_rejection_is_withdrawn(
    logbook: Any, people: Any
) -> None:
    rejection = logbook.decide(people.bob, logbook.request(), "reject")
    logbook.withdraw(people.bob, rejection)

    assert logbook.status().version_state == "in-review"


def test_an_approved_version_that_is_rejected_later_is_rejected(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.decide(people.carol, dossier, "reject")

    assert logbook.status().version_state == "rejected"


def test_a_request_repeated_is_void_and_leaves_the_first_one_open(logbook: Any, people: Any) -> None:
    dossier = logbook.dossier()
    then = logbook.now
    logbook.ask(dossier, evaluatedAt=then)
    logbook.ask(dossier, evaluatedAt=then)
    logbook.decide(people.bob, dossier)

    assert logbook.status().open_dossier == dossier
    assert logbook.status().status == "valid"
    assert len(logbook.status().history) == 1


def test_a_request_that_does_not_count_leaves_a_version_a_draft(logbook: Any, people: Any) -> None:
    logbook.request(people.mallory)

    assert logbook.status().version_state == "draft"


@pytest.mark.parametrize("silenced", ["by a new request", "by a change taken back"])
def test_a_rejection_counts_wherever_it_lies(logbook: Any, people: Any, silenced: str) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    if silenced == "by a new request":
        logbook.request(people.service)
    else:
        logbook.change(dossier, "lineage")
    logbook.decide(people.carol, dossier, "reject")
    if silenced == "by a change taken back":
        logbook.change(dossier)

    assert logbook.codes() == []
    assert logbook.gate().verdict == "deny"


def test_an_abstention_on_a_closed_dossier_lifts_no_rejection(logbook: Any, people: Any) -> None:
    first = logbook.request()
    logbook.decide(people.bob, first)
    logbook.decide(people.carol, first, "reject")
    logbook.request(people.service)
    logbook.decide(people.carol, first, "abstain")

    assert logbook.codes() == ["DOSSIER_CLOSED"]
    assert logbook.gate().verdict == "deny"
