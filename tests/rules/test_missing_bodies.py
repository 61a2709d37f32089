"""A missing body makes unproven exactly the answers whose fold could read it (RECORDS section 7)."""

from typing import Any

import msgspec
import pytest

from registry.rules.policy import ApprovalRule
from schemas.asset import VersionRef
from schemas.digest import Digest

OTHER = VersionRef("retail", "credit-risk", 8)


def withhold(book: Any, leaf: int) -> None:
    book.records[leaf] = msgspec.structs.replace(book.records[leaf], envelope=None)


@pytest.mark.parametrize("decision", ["approve", "abstain", "reject"])
def test_a_withheld_decision_leaves_its_version_unproven(logbook: Any, people: Any, decision: str) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    withhold(logbook, logbook.decide(people.carol, dossier, decision))

    assert logbook.status().unproven == ("the approval at leaf 5 is not here",)
    assert logbook.gate().verdict == "unproven"


@pytest.mark.parametrize("leaf", [0, 1], ids=["trust root", "policy set"])
def test_a_withheld_root_or_policy_leaves_everything_unproven(logbook: Any, people: Any, leaf: int) -> None:
    logbook.decide(people.bob, logbook.request())
    withhold(logbook, leaf)

    assert logbook.gate().verdict == "unproven"
    assert logbook.codes() == []


def test_another_versions_withheld_records_change_nothing(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    withhold(logbook, logbook.register(ref=OTHER))

    assert logbook.gate().verdict == "allow"
    assert logbook.status(ref=OTHER).unproven == ("the version-registered at leaf 5 is not here",)


def test_a_withheld_registration_is_no_fault_of_the_records_about_it(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    withhold(logbook, 2)

    assert logbook.codes() == []
    assert logbook.gate().verdict == "unproven"


def test_a_withheld_link_to_a_run_changes_nothing(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    run = {"source": "s", "runId": "r", "job": {}}
    withhold(logbook, logbook.log("run-linked", [logbook.subject()], run, people.alice))

    assert logbook.gate().verdict == "allow"


def test_an_approved_dossier_that_is_not_here_leaves_its_approval_unproven(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    del logbook.bodies[dossier]

    assert logbook.status().unproven == ("the frozen dossier is not here",)
    assert logbook.gate().verdict == "unproven"


def test_a_newer_approved_dossier_that_is_not_here_is_not_passed_over(logbook: Any, people: Any) -> None:
    rules = (ApprovalRule(tiers=("low",), roles={"validator": 1}), ApprovalRule(roles={"risk-approver": 1}))
    logbook.set_policy(msgspec.structs.replace(logbook.policy, version=2, approval=rules))
    logbook.decide(people.bob, logbook.request())
    risk = logbook.assess("low")
    newer = logbook.request(risk=risk)
    logbook.decide(people.carol, newer, role="validator")
    del logbook.bodies[newer]

    assert logbook.gate().verdict == "unproven"


def test_a_dossier_nobody_approved_is_not_missed(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    logbook.later(hours=1)
    del logbook.bodies[logbook.request()]

    assert logbook.gate().verdict == "allow"


def test_erased_free_text_changes_no_verdict(logbook: Any, people: Any) -> None:
    condition = Digest.of(b"salt and text that was never kept")
    logbook.decide(people.bob, logbook.request(), conditions=[condition])

    assert logbook.status().status == "valid-with-conditions"
    assert logbook.gate().verdict == "allow"


def test_a_manifest_that_is_not_here_leaves_its_version_unproven(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    del logbook.bodies[logbook.subject()[1]]

    assert logbook.gate().verdict == "unproven"


def test_a_decision_that_only_its_dossier_voids_lifts_no_rejection(logbook: Any, people: Any) -> None:
    approved = logbook.request()
    logbook.decide(people.bob, approved)
    logbook.decide(people.carol, approved, "reject")
    risk = logbook.assess("low")
    logbook.later(hours=1)
    newer = logbook.request(risk=risk)
    logbook.assess("high")
    logbook.decide(people.carol, newer, "abstain")
    assert logbook.gate().verdict == "deny"

    del logbook.bodies[newer]

    assert logbook.gate().verdict == "unproven"


def test_a_request_that_only_its_dossier_belies_silences_no_decision(logbook: Any, people: Any) -> None:
    asked = logbook.request()
    logbook.later(hours=1)
    belied = logbook.request(risk=logbook.assess("low"), evaluations=(Digest.of(b"never recorded"),))
    logbook.decide(people.bob, asked)
    assert "DOSSIER_MISMATCH" in logbook.codes()

    del logbook.bodies[belied]

    assert logbook.gate().verdict == "unproven"
