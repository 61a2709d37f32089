"""An override ends one rejection by the root threshold, and nothing else."""

from typing import Any

import pytest

from schemas.asset import VersionRef

EIGHT = VersionRef("retail", "credit-risk", 8)


def two_roots(book: Any, people: Any) -> None:
    """Alice and Bob hold the root, two of two; Carol reviews."""
    both = people.roles("owner", "policy", "root", "risk-approver")
    book.enrol(
        (people.alice, both),
        (people.bob, both),
        (people.carol, people.roles("risk-approver", "validator")),
        threshold=2,
        signers=(people.alice, people.bob),
    )


def test_a_rejection_that_is_overridden_blocks_no_more_and_approvals_of_others_stand_again(
    logbook: Any, people: Any
) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    rejection = logbook.decide(people.carol, dossier, "reject")
    rejected = logbook.status()
    logbook.override(rejection)
    found = logbook.status()

    assert (rejected.status, rejected.version_state) == ("none", "rejected")
    assert (found.status, found.rejections) == ("valid", ())
    assert [(o.rejection.person, o.override.decision) for o in found.overridden] == [
        (people.carol.person, logbook.records[rejection].leaf.body)
    ]
    assert logbook.codes() == []


def test_an_override_approves_nothing(logbook: Any, people: Any) -> None:
    logbook.override(logbook.decide(people.carol, logbook.request(), "reject"))

    assert logbook.gate().verdict == "deny"
    assert logbook.status().version_state == "in-review"


def test_its_signer_may_reject_anew(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.override(logbook.decide(people.carol, dossier, "reject"))
    logbook.decide(people.carol, dossier, "reject")

    assert logbook.status().status == "none"
    assert [d.person for d in logbook.status().rejections] == [people.carol.person]


def test_the_rejection_of_another_person_stays(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    rejection = logbook.decide(people.carol, dossier, "reject")
    logbook.decide(people.bob, dossier, "reject")
    logbook.override(rejection)

    assert [d.person for d in logbook.status().rejections] == [people.bob.person]


def test_it_takes_the_whole_root_threshold(logbook: Any, people: Any) -> None:
    two_roots(logbook, people)
    rejection = logbook.decide(people.carol, logbook.request(), "reject")
    logbook.override(rejection, people.alice)
    one = logbook.codes()
    logbook.override(rejection, people.alice, people.bob)

    assert one == ["ROLE_MISSING"]
    assert logbook.codes() == one
    assert logbook.status().rejections == ()


def test_a_person_who_does_not_hold_the_root_adds_nothing(logbook: Any, people: Any) -> None:
    two_roots(logbook, people)
    rejection = logbook.decide(people.carol, logbook.request(), "reject")
    logbook.override(rejection, people.alice, people.carol)

    assert logbook.codes() == ["ROLE_MISSING"]


def test_it_counts_under_a_signed_head_only(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    leaf = logbook.override(logbook.decide(people.carol, dossier, "reject"))

    assert logbook.gate(signed_size=leaf).verdict == "unproven"
    assert logbook.gate(signed_size=leaf + 1).verdict == "allow"


def test_one_by_a_compromised_key_is_void_and_the_rejection_lives(logbook: Any, people: Any) -> None:
    two_roots(logbook, people)
    dossier = logbook.request()
    rejection = logbook.decide(people.carol, dossier, "reject")
    leaf = logbook.override(rejection, people.alice, people.bob)
    before = logbook.status().rejections
    logbook.revoke(people.bob, "compromised", leaf, people.alice, people.bob)

    assert before == ()
    assert [d.person for d in logbook.status().rejections] == [people.carol.person]


@pytest.mark.parametrize("decision", ["approve", "abstain"])
def test_one_that_names_no_rejection_does_not_count(logbook: Any, people: Any, decision: str) -> None:
    leaf = logbook.decide(people.bob, logbook.request(), decision)
    before = logbook.status()
    logbook.override(leaf)

    assert logbook.codes() == ["SUBJECT_MISMATCH"]
    assert logbook.status(at=before.at) == before


def test_one_that_names_a_rejection_long_ended_does_not_count(logbook: Any, people: Any) -> None:
    rejection = logbook.decide(people.carol, logbook.request(), "reject")
    logbook.withdraw(people.carol, rejection)
    logbook.override(rejection)

    assert logbook.codes() == ["SUBJECT_MISMATCH"]
    assert logbook.status().overridden == ()


def test_another_versions_or_environments_rejection_is_not_ended(logbook: Any, people: Any) -> None:
    logbook.register(ref=EIGHT)
    rejection = logbook.decide(people.carol, logbook.request(), "reject")
    logbook.override(rejection, ref=EIGHT)
    logbook.override(rejection, environment="staging")

    assert logbook.codes() == ["SUBJECT_MISMATCH", "SUBJECT_MISMATCH"]
    assert len(logbook.status().rejections) == 1


def test_the_gate_says_that_a_rejection_was_overridden(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    rejection = logbook.decide(people.carol, dossier, "reject")
    leaf = logbook.override(rejection)

    assert logbook.gate().why[-1] == (
        f"the rejection by {people.carol.person} (leaf {rejection}) was overridden at leaf {leaf}"
    )
