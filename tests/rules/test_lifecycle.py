"""A version moves by one table."""

import pytest

from registry.rules.lifecycle import TRANSITIONS, Event, VersionState, advance, combine


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], "draft"),
        (["requested"], "in-review"),
        (["requested", "granted"], "approved"),
        (["requested", "granted", "requested"], "approved"),
        (["requested", "granted", "lost"], "in-review"),
        (["requested", "granted", "lost", "rejected"], "rejected"),
        (["requested", "rejected"], "rejected"),
        (["requested", "rejected", "requested"], "in-review"),
        (["requested", "rejected", "lifted", "granted"], "approved"),
        (["requested", "granted", "retired"], "retired"),
        (["retired", "requested", "granted"], "retired"),
    ],
)
def test_events_lead_to_a_state(events: list[str], state: str) -> None:
    found = VersionState.DRAFT
    for event in events:
        found = advance(found, Event(event))

    assert found == state


def test_nothing_is_approved_without_having_been_in_review() -> None:
    assert {before for (before, _), after in TRANSITIONS.items() if after == "approved"} == {
        "in-review",
        "approved",
    }


def test_a_version_is_where_it_got_furthest() -> None:
    assert combine([VersionState.REJECTED, VersionState.APPROVED]) == "approved"
    assert combine([VersionState.REJECTED, VersionState.IN_REVIEW]) == "in-review"
    assert combine([]) == "draft"
