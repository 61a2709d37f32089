"""Cosignatures and submissions as text: one spelling, known signers, honest times; all else is refused."""

import base64

import msgspec
import pytest

from registry.signing.keyfile import PrivateKey
from registry.trust import merkle, note
from registry.trust.cosignature import (
    Cosignature,
    confirmed_at,
    cosign,
    find_cosignatures,
    parse_witness_vkey,
    verify_head,
    without_cosignatures,
    witness_vkey,
)
from registry.trust.trust_root import Key, Person, Role, TrustRoot, parse_trust_root
from registry.trust.witnessing import Confirmed, Submission, format_submission, judge, parse_submission
from schemas.errors import VerificationError
from schemas.ledger import Checkpoint

ORIGIN = "muniment.dev/log/" + "cd" * 16
LOG, ONE, TWO = (PrivateKey.from_seed(bytes([n]) * 32) for n in (7, 8, 9))
LOG_KEY = note.vkey(ORIGIN, LOG.public)
W1, W2 = witness_vkey("w.example/1", ONE.public), witness_vkey("w.example/2", TWO.public)
HASHES = [merkle.leaf_hash(bytes([n])) for n in range(40)]
NOON = 1_795_435_200
MANY = tuple(witness_vkey(f"w/{n}", PrivateKey.from_seed(bytes([n]) * 32).public) for n in range(20, 36))


def head(size: int, *, other: bool = False) -> Checkpoint:
    hashes = [*HASHES[: size - 1], merkle.leaf_hash(b"other")] if other else HASHES[:size]
    return Checkpoint(ORIGIN, size, merkle.root(hashes))


def signed(size: int = 5, *, other: bool = False) -> str:
    return note.sign_checkpoint(head(size, other=other), LOG)


def line(size: int = 5, time: int = NOON, key: PrivateKey = ONE, name: str = "w.example/1") -> str:
    return cosign(note.checkpoint_text(head(size)), name, key, time)


def code(text: str, *witnesses: str) -> str:
    with pytest.raises(VerificationError) as error:
        verify_head(text, LOG_KEY, witnesses)
    return error.value.code


def test_a_line_is_the_bytes_the_specification_says() -> None:
    text = note.checkpoint_text(head(5))
    name, blob = line().removeprefix("\N{EM DASH} ").rstrip("\n").split(" ")
    raw = base64.b64decode(blob)

    assert name == "w.example/1"
    assert raw[:4] == parse_witness_vkey(W1).hash
    assert raw[4:12] == NOON.to_bytes(8, "big")
    assert raw[12:] == ONE.sign(f"cosignature/v1\ntime {NOON}\n{text}".encode())


def test_a_confirmed_head_says_who_and_when() -> None:
    found = verify_head(signed() + line(), LOG_KEY, [W1, W2])

    assert found.checkpoint == head(5)
    assert [(c.name, c.at) for c in found.cosignatures] == [("w.example/1", "2026-11-23T12:00:00Z")]


def test_a_witness_key_and_a_log_key_are_not_each_other() -> None:
    as_log = note.vkey("w.example/1", ONE.public)

    with pytest.raises(VerificationError, match="KEY_MALFORMED"):
        parse_witness_vkey(as_log)
    with pytest.raises(VerificationError, match="KEY_MALFORMED"):
        note.parse_vkey(W1)
    assert parse_witness_vkey(W1).hash != note.parse_vkey(as_log).hash


def test_lines_that_do_not_hold_are_refused_by_name() -> None:
    changed = line().replace("A", "B", 1) if "A" in line()[20:] else line()
    assert code(signed() + line(size=4), W1) == "NOTE_SIGNATURE_INVALID"
    assert code(signed() + line(time=0), W1) == "NOTE_MALFORMED"
    assert code(signed() + line(time=253_402_300_800), W1) == "NOTE_MALFORMED"
    assert code(signed() + line(time=(1 << 64) - 1), W1) == "NOTE_MALFORMED"
    assert code(signed() + line() + line(time=NOON + 1), W1) == "NOTE_DUPLICATE_SIGNATURE"
    assert code(signed() + line(), W2) == "NOTE_UNKNOWN_SIGNER"
    assert code(signed() + changed.replace("w.example/1", "w.example/3"), W1) == "NOTE_UNKNOWN_SIGNER"
    assert code(note.checkpoint_text(head(5)) + "\n" + line(), W1) == "NOTE_UNKNOWN_SIGNER"


def test_a_witnesses_name_over_a_note_signature_is_no_cosignature() -> None:
    key = parse_witness_vkey(W1)
    untimed = note.signature_line(key, ONE.sign(note.checkpoint_text(head(5)).encode()))

    assert code(signed() + untimed, W1) == "NOTE_MALFORMED"


def test_a_timed_line_under_the_logs_key_is_no_log_signature() -> None:
    text = note.checkpoint_text(head(5))
    timed = note.signature_line(note.parse_vkey(LOG_KEY), NOON.to_bytes(8, "big") + LOG.sign(text.encode()))

    assert code(f"{text}\n{timed}", W1) == "NOTE_SIGNATURE_INVALID"


def test_lines_of_others_are_counted_where_they_are_not_refused() -> None:
    text = signed() + line() + line(key=TWO, name="w.example/2")

    found = verify_head(text, LOG_KEY, [W2], strict=False)

    assert ([c.name for c in found.cosignatures], found.ignored) == (["w.example/2"], 1)


def test_what_a_log_signed_is_found_again_under_its_witnesses() -> None:
    text = signed() + line() + line(key=TWO, name="w.example/2")

    assert without_cosignatures(text) == signed()
    assert without_cosignatures(signed()) == signed()


def test_the_time_of_a_head_is_when_enough_had_confirmed_it() -> None:
    found = [Cosignature(W1, NOON + 60), Cosignature(W2, NOON)]

    assert confirmed_at(found, 0) == "2026-11-23T12:00:00Z"
    assert confirmed_at(found, 1) == "2026-11-23T12:00:00Z"
    assert confirmed_at(found, 2) == "2026-11-23T12:01:00Z"
    assert confirmed_at(found, 3) == ""
    assert confirmed_at([], 0) == ""


def test_lines_are_picked_out_of_an_answer() -> None:
    answer = [
        "hello",
        "",
        "\N{EM DASH} x y",
        line(key=TWO, name="w.example/2").rstrip("\n"),
        line().rstrip("\n"),
    ]

    assert [item.name for item, _ in find_cosignatures(signed(), answer, [W1])] == ["w.example/1"]


# Submissions.


def proof(old: int, new: int) -> tuple[bytes, ...]:
    return merkle.consistency_proof(old, new, merkle.hash_reader(HASHES[:new]))


def test_a_submission_has_one_spelling() -> None:
    given = Submission(5, proof(5, 9), signed(9))

    assert parse_submission(format_submission(given)) == given
    assert parse_submission(signed(9)) == Submission(0, (), signed(9))


@pytest.mark.parametrize(
    "text",
    [
        "old 05\n\n",
        "old -1\n\n",
        "old 5 \n\n",
        "old 5\n",
        "old 99999999999999999\n\n",
        "old 5\nAAAA\n\n",
        "old 5\nnot base64!\n\n",
        "old 5\n" + "A" * 43 + "=\n" * 1 + "",
        "old 5\n" + ("A" * 43 + "=\n") * 64 + "\n",
        "old 5\n" + "x" * 40_000,
    ],
)
def test_what_is_no_submission_is_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        parse_submission(text)


@pytest.mark.parametrize(("old", "new"), [(1, 1), (1, 2), (3, 7), (8, 16), (8, 40), (39, 40), (40, 40)])
def test_a_head_that_continues_the_last_one_may_be_confirmed(old: int, new: int) -> None:
    last = Confirmed(old, head(old).root)

    assert judge(Submission(old, proof(old, new), signed(new)), LOG_KEY, last) == head(new)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Submission(8, proof(8, 16), signed(16, other=True)), "CONSISTENCY_INVALID"),
        (Submission(8, proof(8, 16)[:-1], signed(16)), "CONSISTENCY_INVALID"),
        (Submission(8, (), signed(16)), "CONSISTENCY_INVALID"),
        (Submission(7, proof(7, 16), signed(16)), "CONSISTENCY_INVALID"),
        (Submission(0, (), signed(16)), "CONSISTENCY_INVALID"),
        (Submission(0, (), signed(8, other=True)), "FORK"),
        (Submission(8, (), signed(8, other=True)), "FORK"),
        (Submission(7, proof(7, 8), signed(7)), "ROLLBACK"),
        (Submission(0, (), signed(7)), "ROLLBACK"),
        (Submission(0, (), line()), "NOTE_MALFORMED"),
    ],
)
def test_a_head_that_does_not_is_refused_by_name(given: Submission, code: str) -> None:
    with pytest.raises(VerificationError) as error:
        judge(given, LOG_KEY, Confirmed(8, head(8).root))
    assert error.value.code == code


def test_the_head_of_an_empty_log_is_not_confirmed() -> None:
    empty = note.sign_checkpoint(Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT), LOG)

    with pytest.raises(VerificationError, match="CONSISTENCY_INVALID"):
        judge(Submission(0, (), empty), LOG_KEY, None)


def test_no_changed_character_of_a_submission_confirms_another_head() -> None:
    text = format_submission(Submission(8, proof(8, 16), signed(16)))
    last, confirmed, codes = Confirmed(8, head(8).root), set(), set()
    for at, was in enumerate(text):
        for new in ("A" if was != "A" else "B", "\n", " ", "0", ""):
            changed = text[:at] + new + text[at + 1 :]
            try:
                confirmed.add(judge(parse_submission(changed), LOG_KEY, last))
            except VerificationError as error:
                codes.add(error.code)
    assert confirmed <= {head(16)}
    assert codes <= {
        "CONSISTENCY_INVALID", "NOTE_MALFORMED", "NOTE_SIGNATURE_INVALID", "NOTE_UNKNOWN_SIGNER",
        "PROOF_MALFORMED", "BASE64", "TREE_MALFORMED",
    }  # fmt: skip


# Witnesses in the trust root.


def root(*witnesses: str, quorum: int = 0) -> dict[str, object]:
    alice = Person("p-" + "0" * 16, (Role("root"),), (Key(PrivateKey.from_seed(b"\x01" * 32).public),))
    made = TrustRoot(
        version=1,
        origin=ORIGIN,
        root_threshold=1,
        persons=(alice,),
        log_keys=(LOG_KEY,),
        witnesses=witnesses,
        witness_quorum=quorum,
    )
    return made.to_predicate(nonce="0" * 32)


@pytest.mark.parametrize(
    ("witnesses", "quorum", "code"),
    [
        ((W1,), 2, "WITNESS_QUORUM"),
        ((note.vkey("w.example/1", ONE.public),), 1, "KEY_MALFORMED"),
        ((W1, witness_vkey("w.example/1", TWO.public)), 1, "IDENTIFIER"),
        ((witness_vkey(ORIGIN, ONE.public),), 1, "IDENTIFIER"),
        ((W1, witness_vkey("w.example/2", ONE.public)), 1, "KEY_SHARED"),
        ((witness_vkey("w.example/1", LOG.public),), 1, "KEY_SHARED"),
        ((witness_vkey("w.example/1", PrivateKey.from_seed(b"\x01" * 32).public),), 1, "KEY_SHARED"),
        (MANY, 1, "ROOT_MALFORMED"),
    ],
)
def test_a_root_whose_witnesses_could_not_be_counted_is_refused(
    witnesses: tuple[str, ...], quorum: int, code: str
) -> None:
    with pytest.raises(VerificationError) as error:
        parse_trust_root(root(*witnesses, quorum=quorum))
    assert error.value.code == code


def test_a_root_names_up_to_fifteen_witnesses() -> None:
    assert len(parse_trust_root(root(*MANY[:15], quorum=15)).witnesses) == 15
    assert msgspec.structs.asdict(parse_trust_root(root(W1, W2, quorum=2)))["witness_quorum"] == 2
