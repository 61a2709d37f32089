"""muniment people: names lie beside the log, are changed there, and leave no trace when forgotten."""

from pathlib import Path
from typing import Any

import pytest

NAME = "Beatrice Holloway"


@pytest.fixture
def named(approved: Any) -> Any:
    """Bob decided, and is called by a full name since."""
    done = approved("people", "rename", "bob", NAME)
    assert done.code == 0, done.err
    return approved


def person_of(muniment: Any, name: str) -> str:
    items = muniment("people", "list", "--json").json["items"]
    return next(str(i["person"]) for i in items if i["name"] == name)


def test_everybody_enrolled_is_listed(approved: Any) -> None:
    items = approved("people", "list", "--json").json["items"]

    assert [(i["name"], i["enrolled"]) for i in items] == [("alice", True), ("bob", True)]
    assert items[1]["roles"] == ["risk-approver"]
    assert "alice" in approved("people", "list").out


def test_a_new_name_is_shown_and_changes_no_record(approved: Any) -> None:
    bob = person_of(approved, "bob")
    before = approved("audit", "log", "--json").json
    done = approved("people", "rename", "bob", NAME, "--json")

    assert (done.code, done.json) == (0, {"person": bob, "name": NAME})
    after = approved("audit", "log", "--json").json
    assert after["size"] == before["size"]
    assert NAME in {i["actor"] for i in after["items"]}
    assert approved("people", "rename", NAME, "bob").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("bob", "alice"), 2),
        (("bob", "  "), 2),
        (("bob", "two\nlines"), 2),
        (("bob", "x" * 201), 2),
        (("nobody", "somebody"), 5),
        (("p-" + "0" * 16, "somebody"), 5),
    ],
    ids=str,
)
def test_a_name_that_cannot_be_is_refused(approved: Any, words: tuple[str, str], code: int) -> None:
    assert approved("people", "rename", *words).code == code
    names = [i["name"] for i in approved("people", "list", "--json").json["items"]]
    assert names == ["alice", "bob"]


def test_a_forgotten_name_is_nowhere_in_the_files(named: Any, tmp_path: Path) -> None:
    files = tmp_path / "registry"
    person = person_of(named, NAME)
    assert NAME.encode() in b"".join(p.read_bytes() for p in files.glob("registry.db*"))

    done = named("people", "forget", NAME, "--yes", "--json")

    assert (done.code, done.json) == (0, {"person": person, "swept": True})
    assert NAME.encode() not in b"".join(p.read_bytes() for p in files.rglob("*") if p.is_file())
    assert [i["name"] for i in named("people", "list", "--json").json["items"]] == ["alice", None]
    assert "(forgotten)" in named("people", "list").out


def test_what_a_forgotten_person_decided_stands_under_their_id(named: Any) -> None:
    person = person_of(named, NAME)
    assert named("people", "forget", person, "--yes").code == 0

    gate = named("gate", "credit-risk@7", "--env", "production", "--json")

    assert (gate.code, gate.json["why"]) == (0, [f"approved by {person} as risk-approver"])
    assert named("audit", "verify").code == 0


def test_nobody_is_forgotten_unasked_or_twice(named: Any) -> None:
    person = person_of(named, NAME)
    assert named("people", "forget", person).code == 2
    assert named("people", "forget", person, "--yes").code == 0
    assert named("people", "forget", person, "--yes").code == 2
    assert named("people", "forget", "p-" + "0" * 16, "--yes").code == 5


def test_a_forgotten_person_may_be_given_a_name_again(named: Any) -> None:
    person = person_of(named, NAME)
    assert named("people", "forget", person, "--yes").code == 0

    assert named("people", "rename", person, "reviewer 2").code == 0
    assert person_of(named, "reviewer 2") == person
