"""A quorum is filled by distinct persons, one slot each."""

import pytest

from registry.rules.quorum import RoleCount, is_full, match_roles


def test_two_people_fill_two_roles_whichever_way_round_they_signed() -> None:
    counts = match_roles({"risk": 1, "legal": 1}, {"ann": {"risk", "legal"}, "bob": {"risk"}})

    assert counts == (RoleCount("legal", 1, 1), RoleCount("risk", 1, 1))


def test_one_person_never_fills_two_slots() -> None:
    counts = match_roles({"risk": 1, "legal": 1}, {"ann": {"risk", "legal"}})

    assert sum(c.have for c in counts) == 1
    assert not is_full(counts)


@pytest.mark.parametrize("signed", [{}, {"ann": {"audit"}}])
def test_roles_nobody_asked_for_fill_nothing(signed: dict[str, set[str]]) -> None:
    assert match_roles({"risk": 2}, signed) == (RoleCount("risk", 0, 2),)


def test_a_quorum_of_nothing_is_never_full() -> None:
    assert not is_full(())
