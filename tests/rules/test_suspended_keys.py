"""A suspended key signs nothing until the root threshold reinstates it; what it signed before stands."""

from typing import Any

import pytest

from registry.trust.state import By, Revocation
from schemas.ledger import origin_subject

ORIGIN = "muniment.dev/log/" + "0" * 32


def suspend(book: Any, key: Any, *signers: Any) -> Any:
    return book.log("key-suspended", [about()], {"keyid": key.keyid}, *signers)


def reinstate(book: Any, key: Any, *signers: Any) -> Any:
    return book.log("key-reinstated", [about()], {"keyid": key.keyid}, *signers)


def about() -> Any:
    return ORIGIN, origin_subject(ORIGIN)


@pytest.fixture
def board(logbook: Any, people: Any) -> Any:
    """Alice, Bob and Carol hold root, any two of them decide."""
    held = people.roles("owner", "validator", "risk-approver", "policy", "root")
    logbook.enrol((people.alice, held), (people.bob, held), (people.carol, held))
    logbook.enrol(
        (people.alice, held),
        (people.bob, held),
        (people.carol, held),
        threshold=2,
        signers=(people.alice, people.bob),
    )
    assert logbook.codes() == []
    return logbook


def test_what_a_suspended_key_signs_is_refused(board: Any, people: Any) -> None:
    dossier = board.request()
    suspend(board, people.bob, people.alice)
    board.decide(people.bob, dossier)

    assert board.codes() == ["KEY_SUSPENDED"]
    assert board.status().status == "none"


def test_what_it_signed_before_stands(board: Any, people: Any) -> None:
    board.decide(people.bob, board.request())
    suspend(board, people.bob, people.alice)

    assert board.status().status == "valid"


def test_it_signs_again_once_reinstated(board: Any, people: Any) -> None:
    dossier = board.request()
    suspend(board, people.bob, people.alice)
    reinstate(board, people.bob, people.alice, people.carol)
    board.decide(people.bob, dossier)

    assert board.codes() == []
    assert board.status().status == "valid"


def test_a_second_suspension_changes_nothing(board: Any, people: Any) -> None:
    first = suspend(board, people.bob, people.alice)
    suspend(board, people.bob, people.carol)

    assert board.fold().suspended[people.bob.keyid].seq == first


def test_whoever_holds_no_root_suspends_nobody(logbook: Any, people: Any) -> None:
    suspend(logbook, people.alice, people.bob)

    assert logbook.codes() == ["ROLE_MISSING"]
    assert logbook.fold().suspended == {}


def test_a_root_role_for_one_namespace_suspends_nobody(logbook: Any, people: Any) -> None:
    scoped = type(people.roles("root")[0])("root", ("retail",))
    logbook.enrol((people.alice, people.roles("root", "policy")), (people.bob, (scoped,)))
    suspend(logbook, people.alice, people.bob)

    assert logbook.codes() == ["ROLE_MISSING"]


def test_the_registrys_service_suspends_nobody(logbook: Any, people: Any) -> None:
    suspend(logbook, people.bob, people.service)

    assert logbook.codes() == ["ROLE_MISSING"]


def test_a_suspended_key_suspends_nobody(board: Any, people: Any) -> None:
    suspend(board, people.bob, people.alice)
    suspend(board, people.alice, people.bob)

    assert board.codes() == ["KEY_SUSPENDED"]
    assert set(board.fold().suspended) == {people.bob.keyid}


def test_a_key_that_was_never_enrolled_is_not_suspended(board: Any, people: Any) -> None:
    suspend(board, people.mallory, people.alice)

    assert board.codes() == ["SIGNER_UNKNOWN"]


def test_the_service_key_can_be_suspended(board: Any, people: Any) -> None:
    dossier = board.request()
    suspend(board, people.service, people.carol)
    board.change(dossier, "lineage")

    assert board.codes() == ["KEY_SUSPENDED"]


REFUSED = {
    "one of two root persons": (("alice",), "ROLE_MISSING"),
    "the suspended key alone": (("bob",), "ROLE_MISSING"),
    "a person without root beside one with it": (("alice", "service"), "ROLE_MISSING"),
    "one key that signs twice": (("alice", "alice"), "DUPLICATE_SIGNATURE"),
    "a stranger": (("alice", "mallory"), "SIGNER_UNKNOWN"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_key_is_reinstated_by(board: Any, people: Any, case: str) -> None:
    names, code = REFUSED[case]
    suspend(board, people.bob, people.alice)
    reinstate(board, people.bob, *(getattr(people, name) for name in names))

    assert board.codes() == [code]
    assert people.bob.keyid in board.fold().suspended


def test_the_suspended_key_alone_reinstates_itself_under_no_threshold(logbook: Any, people: Any) -> None:
    held = people.roles("owner", "policy", "root")
    logbook.enrol((people.alice, held), (people.bob, held))
    suspend(logbook, people.bob, people.alice)
    reinstate(logbook, people.bob, people.bob)

    assert logbook.codes() == ["ROLE_MISSING"]


def test_root_persons_locked_out_by_one_of_them_come_back_together(board: Any, people: Any) -> None:
    suspend(board, people.bob, people.alice)
    suspend(board, people.carol, people.alice)
    reinstate(board, people.bob, people.bob, people.carol)
    suspend(board, people.alice, people.bob)
    reinstate(board, people.carol, people.bob, people.carol)

    assert board.codes() == []
    assert set(board.fold().suspended) == {people.alice.keyid}


def test_what_is_not_suspended_is_not_reinstated(board: Any, people: Any) -> None:
    reinstate(board, people.bob, people.alice, people.carol)

    assert board.codes() == ["KEY_NOT_SUSPENDED"]


def test_reinstating_a_revoked_key_leaves_it_revoked(board: Any, people: Any) -> None:
    suspend(board, people.bob, people.alice)
    board.revoke(people.bob, "left", 0, people.alice, people.carol)
    reinstate(board, people.bob, people.alice, people.carol)
    board.decide(people.bob, board.request())

    assert board.codes() == ["KEY_REVOKED"]


def test_a_suspended_key_counts_for_no_next_root(board: Any, people: Any) -> None:
    held = people.roles("owner", "policy", "root")
    suspend(board, people.bob, people.alice)
    board.enrol((people.alice, held), (people.bob, held), threshold=2, signers=(people.alice, people.bob))

    assert board.codes() == ["ROOT_THRESHOLD_OLD"]


def test_a_suspended_key_stays_so_under_the_next_root(board: Any, people: Any) -> None:
    held = people.roles("owner", "policy", "root", "risk-approver")
    suspend(board, people.bob, people.alice)
    board.enrol((people.alice, held), (people.bob, held), signers=(people.alice, people.carol))
    board.decide(people.bob, board.request())

    assert board.codes() == ["KEY_SUSPENDED"]


def test_a_suspended_key_revokes_nobody_not_even_itself(board: Any, people: Any) -> None:
    suspend(board, people.bob, people.alice)
    board.revoke(people.bob, "left", 0, people.bob)
    board.revoke(people.carol, "left", 0, people.alice, people.bob)

    assert board.codes() == ["KEY_SUSPENDED", "KEY_SUSPENDED"]


def test_every_key_of_an_act_of_the_threshold_can_void_it(logbook: Any, people: Any) -> None:
    state = logbook.fold()
    by = By(3, logbook.now, people.alice.keyid, cosigners=(people.bob.keyid,))
    state.revoked[people.bob.keyid] = Revocation(people.bob.keyid, "compromised", 9, 2)

    assert state.is_void(by)
