"""Evidence a dossier lists must stand: the fold sees by itself when it no longer does."""

from typing import Any

import pytest

from registry.rules.dossier import CheckRow, EvidenceRow
from schemas.digest import Digest

REPORT, BETTER = Digest.of(b"report"), Digest.of(b"better report")
NOT_RECORDED = Digest.of(b"not recorded")
ROW = EvidenceRow(kind="report", digest=REPORT, level="verified")


def add(book: Any, people: Any, digest: Digest = REPORT, **more: Any) -> int:
    predicate = {"kind": "report", "level": "verified", **more}
    leaf: int = book.log("evidence-added", [book.subject(), ("evidence", digest)], predicate, people.alice)
    return leaf


def withdraw(book: Any, people: Any, digest: Digest = REPORT) -> int:
    leaf: int = book.log("evidence-withdrawn", [book.subject(), ("evidence", digest)], {}, people.alice)
    return leaf


def standing(book: Any) -> list[Digest]:
    return [e.digest for e in book.fold().standing_evidence(book.subject()[1])]


@pytest.fixture
def approved(logbook: Any, people: Any) -> Any:
    """An approved dossier that lists one report."""
    add(logbook, people)
    logbook.decide(people.bob, logbook.request(evidence=(ROW,)))
    return logbook


def test_an_approval_over_evidence_that_stands_is_valid(approved: Any) -> None:
    assert approved.codes() == []
    assert approved.status().status == "valid"


def test_withdrawn_evidence_makes_it_stale_since_that_leaf(approved: Any, people: Any) -> None:
    add(approved, people, BETTER)
    leaf = withdraw(approved, people)

    (cause,) = approved.status().causes

    assert (approved.status().status, cause.part) == ("stale", "evidence")
    assert cause.since == approved.records[leaf].leaf.time


def test_replaced_evidence_makes_it_stale_since_that_leaf(approved: Any, people: Any) -> None:
    leaf = add(approved, people, BETTER, replaces=REPORT)
    add(approved, people, Digest.of(b"yet another"))

    (cause,) = approved.status().causes

    assert standing(approved)[0] == BETTER
    assert cause.since == approved.records[leaf].leaf.time


def test_more_evidence_leaves_it_valid(approved: Any, people: Any) -> None:
    add(approved, people, BETTER)

    assert approved.status().status == "valid"


def test_evidence_a_person_took_away_stays_lost_to_the_dossier_when_put_back(
    approved: Any, people: Any
) -> None:
    withdraw(approved, people)
    add(approved, people)

    assert standing(approved) == [REPORT]
    assert approved.status().status == "stale"
    approved.decide(people.bob, approved.request(evidence=(ROW,)))
    assert approved.status().status == "valid"


def test_evidence_the_service_took_away_and_put_back_makes_it_valid_again(approved: Any, people: Any) -> None:
    about, again = [approved.subject(), ("evidence", REPORT)], {"kind": "report", "level": "verified"}
    approved.log("evidence-withdrawn", about, {}, people.service)
    lost = approved.status().status
    approved.log("evidence-added", about, again, people.service)

    assert (lost, approved.status().status) == ("stale", "valid")


def test_a_service_does_not_put_back_what_a_person_withdrew(approved: Any, people: Any) -> None:
    withdraw(approved, people)
    again = {"kind": "report", "level": "verified"}
    approved.log("evidence-added", [approved.subject(), ("evidence", REPORT)], again, people.service)

    assert approved.codes() == ["ROLE_MISSING"]
    assert approved.status().status == "stale"


def test_only_a_risk_approver_lowers_a_tier(logbook: Any, people: Any) -> None:
    logbook.assess("high", people.bob)
    logbook.assess("low", people.service)
    logbook.assess("critical", people.service)

    assert logbook.codes() == ["ROLE_MISSING"]
    assert logbook.fold().find_tier(logbook.subject()[1]) == "critical"


def test_what_does_not_stand_cannot_be_withdrawn(approved: Any, people: Any) -> None:
    withdraw(approved, people, BETTER)

    assert approved.codes() == ["SUBJECT_MISMATCH"]
    assert approved.status().status == "valid"


def test_a_decision_over_evidence_that_was_withdrawn_is_void(logbook: Any, people: Any) -> None:
    add(logbook, people)
    dossier = logbook.request(evidence=(ROW,))
    withdraw(logbook, people)
    logbook.decide(people.bob, dossier)

    assert logbook.codes() == ["DOSSIER_CHANGED"]


def test_a_dossier_over_evidence_nobody_added_asks_nothing(logbook: Any) -> None:
    logbook.request(evidence=(ROW,))

    assert logbook.codes() == ["DOSSIER_MISMATCH"]


def test_the_service_may_tell_the_same_loss_and_it_is_listed_once(approved: Any, people: Any) -> None:
    withdraw(approved, people)
    approved.change(approved.status().dossier, "evidence")

    assert approved.status().why == ("evidence: it changed",)


def test_bias_checks_are_kept_by_attribute_and_rule(logbook: Any, people: Any) -> None:
    for content, attribute, rule in (
        (b"1", "sex", "general"),
        (b"2", "sex", "general"),
        (b"3", "sex", "ll144"),
    ):
        about = [logbook.subject(), ("document", Digest.of(content))]
        logbook.log("bias-recorded", about, {"attribute": attribute, "rule": rule}, people.alice)

    latest = logbook.fold().latest_bias(logbook.subject()[1])

    assert [d.digest for d in latest] == [Digest.of(b"2"), Digest.of(b"3")]


def test_runs_linked_later_are_kept_with_their_source(logbook: Any, people: Any) -> None:
    run = {"source": "events", "runId": "r-1", "job": {"namespace": "n", "name": "train"}}
    logbook.log("run-linked", [logbook.subject()], run, people.alice)

    (linked,) = logbook.fold().runs[logbook.subject()[1]]

    assert (linked.source, linked.run_id, linked.job["name"]) == ("events", "r-1", "train")


@pytest.mark.parametrize(
    "parts", [{}, {"bias_checks": (BETTER,)}, {"bias_checks": (REPORT, BETTER)}, {"bias_checks": (REPORT,)}]
)
def test_a_dossier_holds_exactly_the_latest_bias_checks(
    logbook: Any, people: Any, parts: dict[str, Any]
) -> None:
    about = [logbook.subject(), ("document", REPORT)]
    logbook.log("bias-recorded", about, {"attribute": "sex", "rule": "general"}, people.alice)
    logbook.request(**parts)

    assert logbook.codes() == ([] if parts == {"bias_checks": (REPORT,)} else ["DOSSIER_MISMATCH"])


def test_a_dossier_holds_every_evaluation(logbook: Any, people: Any) -> None:
    for document in (REPORT, BETTER):
        about = [logbook.subject(), ("document", document)]
        logbook.log("evaluation-recorded", about, {}, people.alice)
    logbook.request(evaluations=(BETTER,))
    refused = logbook.codes()
    logbook.request(evaluations=(REPORT, BETTER))

    assert (refused, logbook.codes()) == (["DOSSIER_MISMATCH"], ["DOSSIER_MISMATCH"])


@pytest.mark.parametrize("listed", [(), (REPORT,), (REPORT, BETTER), (REPORT, BETTER, NOT_RECORDED)])
def test_a_dossier_holds_every_report_of_monitoring(
    logbook: Any, people: Any, listed: tuple[Digest, ...]
) -> None:
    for document in (REPORT, BETTER):
        about = [logbook.subject(), ("document", document)]
        logbook.log("monitoring-recorded", about, {}, people.alice)
    logbook.request(monitoring=listed)

    assert logbook.codes() == ([] if listed == (REPORT, BETTER) else ["DOSSIER_MISMATCH"])


def test_a_bias_check_that_is_not_here_leaves_the_answer_unproven(logbook: Any, people: Any) -> None:
    about = [logbook.subject(), ("document", REPORT)]
    leaf = logbook.log("bias-recorded", about, {"attribute": "sex", "rule": "general"}, people.alice)
    logbook.decide(people.bob, logbook.request(bias_checks=(REPORT,)))
    logbook.records[leaf] = type(logbook.records[leaf])(logbook.records[leaf].leaf, None)

    assert logbook.gate().verdict == "unproven"


def test_a_check_that_can_be_computed_is_not_attested(logbook: Any) -> None:
    rule = logbook.policy.checks[0]
    row = CheckRow(rule=rule.id, title=rule.title, severity=rule.severity, result="pass", by="attested")
    logbook.request(checks=(row,))

    assert logbook.codes() == ["DOSSIER_MISMATCH"]
