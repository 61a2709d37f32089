"""Whatever bytes a draft arrives as, reading it ends in a draft or in a named refusal."""

from contextlib import suppress
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.trust.root_draft import RootDraft, lacking, read_root_draft, sign_draft, steps_of
from registry.trust.root_words import describe
from schemas.errors import VerificationError
from schemas.statement import Envelope, parse_envelope

QUIET = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4)


def draft_of(book: Any, people: Any) -> RootDraft:
    root = msgspec.structs.replace(book.fold().trust_root, version=2, root_threshold=1, expires=book.now)
    unsigned = Envelope(root.to_statement(nonce="0" * 32).payload(), ())
    chain = (parse_envelope(book.records[0].envelope),)
    return sign_draft(RootDraft((unsigned,), chain, {people.alice.person: "alice"}), people.alice)


def test_a_draft_comes_back_as_it_was_written(logbook: Any, people: Any) -> None:
    made = draft_of(logbook, people)

    assert read_root_draft(made.to_bytes()) == made
    assert lacking(made) == []
    assert [line for step in steps_of(made) for line in describe(step, made.names)] == [
        f"expires {logbook.now} (was never)"
    ]


@QUIET
@given(edits=EDITS)
def test_an_edited_draft_is_refused_by_name_or_changes_no_statement(
    logbook: Any, people: Any, edits: list[tuple[int, int]]
) -> None:
    honest = draft_of(logbook, people)
    data = bytearray(honest.to_bytes())
    for place, value in edits:
        data[place % len(data)] = value

    with suppress(VerificationError):
        read = read_root_draft(bytes(data))
        assert read.envelopes == honest.envelopes
        assert read.chain == honest.chain


@QUIET
@given(cut=st.integers(0, 10_000))
def test_a_draft_cut_short_is_refused_by_name(logbook: Any, people: Any, cut: int) -> None:
    data = draft_of(logbook, people).to_bytes()

    with suppress(VerificationError):
        assert read_root_draft(data[: cut % len(data)]) is None
