"""A root follows by the thresholds of the old one and of the new one, counted over persons (TUF 5.3)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from registry.trust.dsse import sign_statement
from registry.trust.trust_root import Key, Person, TrustRoot

NONCE = "ab" * 16


class Board:
    """Alice, Bob and Carol hold root and any two of them decide; `Mallory` may come after them."""

    def __init__(self, book: Any, people: Any) -> None:
        self.book, self.people = book, people
        held = people.roles("root", "policy", "owner", "risk-approver")
        book.enrol((people.alice, held), (people.bob, held), (people.carol, held))
        two = (people.alice, people.bob)
        book.enrol((people.alice, held), (people.bob, held), (people.carol, held), threshold=2, signers=two)
        assert book.codes() == []

    @property
    def root(self) -> TrustRoot:
        root: TrustRoot = self.book.fold().trust_root
        return root

    def follow(self, *signers: str, version: int | None = None, **changes: Any) -> None:
        changed = msgspec.structs.replace(self.root, version=version or self.root.version + 1, **changes)
        self.log(changed, *signers)

    def log(self, root: TrustRoot, *signers: str) -> None:
        keys = [getattr(self.people, name) for name in signers]
        self.book.append("trust-root", sign_statement(root.to_statement(nonce=NONCE), *keys).to_bytes())

    def person(self, key: Any, *roles: str) -> Person:
        return Person(key.person, self.people.roles(*roles), (Key(key.public),))


@pytest.fixture
def board(logbook: Any, people: Any) -> Board:
    return Board(logbook, people)


def one_of_two(board: Board) -> None:
    board.follow("alice", root_threshold=1)


def old_keys_only(board: Board) -> None:
    persons = (*board.root.persons, board.person(board.people.mallory, "root"))
    board.follow("alice", "bob", persons=persons, root_threshold=3)


def old_threshold_by_people_who_leave(board: Board) -> None:
    carol = board.root.persons[2]
    board.follow("alice", "bob", persons=(carol,), root_threshold=1)


def new_keys_only(board: Board) -> None:
    mallory = board.person(board.people.mallory, "root")
    board.follow("mallory", persons=(mallory,), root_threshold=1)


def one_old_and_one_new_key(board: Board) -> None:
    mallory = board.person(board.people.mallory, "root")
    board.follow("alice", "mallory", persons=(*board.root.persons, mallory))


def skipped_version(board: Board) -> None:
    board.follow("alice", "bob", version=board.root.version + 2)


def repeated_version(board: Board) -> None:
    board.follow("alice", "bob", version=board.root.version, root_threshold=1)


def an_older_version(board: Board) -> None:
    board.follow("alice", "bob", version=1)


def one_key_twice(board: Board) -> None:
    board.follow("alice", "alice", root_threshold=1)


def a_service_beside_one_person(board: Board) -> None:
    board.follow("alice", "service", root_threshold=1)


def a_stranger_beside_two(board: Board) -> None:
    board.follow("alice", "bob", "mallory", root_threshold=1)


def another_registry(board: Board) -> None:
    board.follow("alice", "bob", origin="muniment.dev/log/" + "f" * 32)


def a_person_with_a_scoped_role(board: Board) -> None:
    scoped = tuple(type(r)(r.role, ("retail",)) for r in board.people.roles("root"))
    persons = (*board.root.persons[:2], Person(board.people.carol.person, scoped, board.root.persons[2].keys))
    board.follow("alice", "bob", persons=persons)
    board.follow("alice", "carol", root_threshold=1)


REFUSED: dict[str, tuple[Callable[[Board], None], str]] = {
    "one of two signers": (one_of_two, "ROOT_THRESHOLD_OLD"),
    "the old keys only": (old_keys_only, "ROOT_THRESHOLD_NEW"),
    "old keys of people who all leave": (old_threshold_by_people_who_leave, "ROOT_THRESHOLD_NEW"),
    "the new keys only": (new_keys_only, "ROOT_THRESHOLD_OLD"),
    "one old key and one new": (one_old_and_one_new_key, "ROOT_THRESHOLD_OLD"),
    "a skipped version": (skipped_version, "ROOT_VERSION"),
    "a repeated version": (repeated_version, "ROOT_VERSION"),
    "an older version": (an_older_version, "ROOT_VERSION"),
    "one key that signs twice": (one_key_twice, "DUPLICATE_SIGNATURE"),
    "a service beside one person": (a_service_beside_one_person, "ROOT_THRESHOLD_OLD"),
    "a stranger's signature beside enough": (a_stranger_beside_two, "SIGNER_UNKNOWN"),
    "the origin of another registry": (another_registry, "ORIGIN_MISMATCH"),
    "a person whose root is for one namespace": (a_person_with_a_scoped_role, "ROOT_THRESHOLD_OLD"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_root_follows_by(board: Board, case: str) -> None:
    attack, code = REFUSED[case]
    before = board.root

    attack(board)

    assert board.book.codes()[-1] == code
    assert board.root.root_threshold == 2
    assert board.root.version in (before.version, before.version + 1)


def test_both_thresholds_together_let_a_root_follow(board: Board) -> None:
    mallory = board.person(board.people.mallory, "root")
    board.follow("alice", "bob", "mallory", persons=(*board.root.persons, mallory), root_threshold=3)

    assert board.book.codes() == []
    assert board.root.root_threshold == 3


def test_two_keys_of_one_person_are_one_signature(board: Board) -> None:
    alice = board.root.persons[0]
    second = Person(alice.id, alice.roles, (*alice.keys, Key(board.people.mallory.public)))
    board.follow("alice", "bob", persons=(second, *board.root.persons[1:]))
    assert board.book.codes() == []

    board.follow("alice", "mallory", root_threshold=1)

    assert board.book.codes() == ["ROOT_THRESHOLD_OLD"]


def test_a_revoked_key_counts_for_neither_threshold(board: Board) -> None:
    people = board.people
    board.book.revoke(people.bob, "left", 0, people.alice, people.carol)

    board.follow("alice", "bob", root_threshold=1)

    assert board.book.codes() == ["ROOT_THRESHOLD_OLD"]


def test_a_revocation_may_carry_no_dead_signature_beside_enough(board: Board) -> None:
    people = board.people
    board.book.revoke(people.bob, "left", 0, people.alice, people.carol)

    board.book.revoke(people.service, "left", 0, people.alice, people.bob, people.carol)

    assert board.book.codes() == ["KEY_REVOKED"]
    assert people.service.keyid not in board.book.fold().revoked


def test_a_rotated_key_of_a_person_leaves_their_approval_standing(logbook: Any, people: Any) -> None:
    logbook.decide(people.bob, logbook.request())
    root = logbook.fold().trust_root
    bob = root.persons[1]
    grown = Person(bob.id, bob.roles, (*bob.keys, Key(people.mallory.public)))
    following = msgspec.structs.replace(root, version=2, persons=(root.persons[0], grown, root.persons[2]))
    logbook.append("trust-root", sign_statement(following.to_statement(nonce=NONCE), people.alice).to_bytes())
    logbook.revoke(people.bob, "superseded", 0)

    assert logbook.codes() == []
    assert logbook.status().status == "valid"


def test_the_old_and_the_new_key_of_a_person_are_one_vote(logbook: Any, people: Any) -> None:
    root = logbook.fold().trust_root
    bob = root.persons[1]
    grown = Person(bob.id, bob.roles, (*bob.keys, Key(people.mallory.public)))
    following = msgspec.structs.replace(root, version=2, persons=(root.persons[0], grown, root.persons[2]))
    logbook.append("trust-root", sign_statement(following.to_statement(nonce=NONCE), people.alice).to_bytes())
    dossier = logbook.request()
    logbook.decide(people.bob, dossier)
    logbook.decide(people.mallory, dossier, reviewer=bob.id)

    assert logbook.codes() == []
    assert len(logbook.status().approvals) == 1
