"""Times of the log: UTC to the second, in one spelling, and only times that exist; both verifiers agree."""

import random

import pytest

from registry.bundle.standalone import Refused, read_time
from schemas.errors import VerificationError
from schemas.ledger import parse_time_text


def taken(text: str) -> bool:
    try:
        ours = parse_time_text(text) == text
    except VerificationError:
        ours = False
    try:
        theirs = read_time(text) == text
    except Refused:
        theirs = False
    assert ours == theirs, text
    return ours


@pytest.mark.parametrize(
    "text", ["2026-11-23T10:00:00Z", "2024-02-29T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_a_time_that_exists_is_taken(text: str) -> None:
    assert taken(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T24:00:00Z",
        "2026-11-23T10:60:00Z",
        "2026-11-23T10:00:60Z",
        "2026-11-23T10:00:61Z",
        "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-00-01T10:00:00Z",
        "2026-01-00T10:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-11-23T10:00:00+00:00",
        "2026-11-23T10:00:00.0Z",
        "2026-11-23 10:00:00Z",
        "2026-11-23T10:00:00z",
        "2026-11-23T10:00:00Z\n",
        "20261123T100000Z",
        "\N{ARABIC-INDIC DIGIT TWO}026-11-23T10:00:00Z",
    ],
)
def test_any_other_is_refused(text: str) -> None:
    assert not taken(text)


def test_both_verifiers_know_the_same_times() -> None:
    dice = random.Random(1)  # noqa: S311 - the same times each run
    for _ in range(20_000):
        day = (dice.choice((0, 1, 1900, 2000, 2023, 2024, 9999)), dice.randint(0, 13), dice.randint(0, 32))
        clock = (dice.randint(0, 25), dice.randint(0, 61), dice.randint(0, 62))
        taken("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}Z".format(*day, *clock))
