"""Times are claims, held between the dossier they speak of and the leaf they are logged under."""

from typing import Any

import pytest


def test_a_dossier_may_be_asked_about_for_15_minutes(logbook: Any, people: Any) -> None:
    dossier, then = logbook.dossier(), logbook.now
    logbook.later(minutes=15)
    logbook.ask(dossier, evaluatedAt=then)

    assert logbook.codes() == []


def test_a_decision_may_be_logged_for_24_hours(logbook: Any, people: Any) -> None:
    dossier, then = logbook.request(), logbook.now
    logbook.later(hours=24)
    logbook.decide(people.bob, dossier, decidedAt=then)

    assert logbook.codes() == []
    logbook.later(seconds=1)
    logbook.decide(people.carol, dossier, decidedAt=then)
    assert logbook.codes() == ["BACKDATED"]


@pytest.mark.parametrize(("seconds", "codes"), [(-1, ["BACKDATED"]), (0, []), (1, []), (2, ["POSTDATED"])])
def test_a_decision_lies_between_its_dossier_and_its_leaf(
    logbook: Any, people: Any, seconds: int, codes: list[str]
) -> None:
    """The dossier is frozen at second 3, its request logged at 3, the decision at 4."""
    logbook.decide(people.bob, logbook.request(), decidedAt=f"2026-01-01T00:00:0{3 + seconds}Z")

    assert logbook.codes() == codes


def test_a_leaf_may_have_the_time_of_the_one_before_it(logbook: Any, people: Any) -> None:
    dossier = logbook.request()
    logbook.later(seconds=-1)
    logbook.decide(people.bob, dossier)

    assert logbook.codes() == []


def test_an_approval_runs_out_at_the_moment_it_names(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request(), expiresAt="2026-01-01T00:00:04Z")

    assert logbook.status(at="2026-01-01T00:00:04Z").status == "expired"
