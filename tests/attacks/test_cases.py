"""Every named case gets the answer it states, from our verifier and from the one that shares no code."""

from collections import Counter
from importlib import import_module
from importlib.util import find_spec

import pytest

from registry.bundle.verify import examine_bundle
from tests.attacks.case import EXIT_CODES, all_cases
from tests.attacks.corpus import fault_of

CASES = all_cases()
SECOND = "registry.bundle.standalone"
TRUST_MD = {"L": 16, "A": 21, "K": 14, "P": 2, "B": 23, "E": 16}
"""How many cases trust.md section 4a has under each letter."""
NOT_ABOUT_BUNDLES = {
    1: "a database restored from a backup",
    2: "two processes append at once",
    3: "a process killed between leaf and head",
    9: "a parent that is unknown: registration refuses it",
    14: "a timestamp is checked beside the record",
    19: "a folder in place of a file",
    20: "a file swapped while it is read",
    24: "published tree vectors",
}


@pytest.mark.parametrize("ident", CASES)
def test_the_verifier_answers(ident: str) -> None:
    case = CASES[ident]
    handed = case.hand()
    answer, _ = examine_bundle(handed.bundle, handed.auditor())

    assert answer.verdict == case.verdict, case.sentence
    assert {*answer.codes} == case.codes | case.consequences
    assert answer.exit_code == case.exit_code


@pytest.mark.skipif(find_spec(SECOND) is None, reason="the second verifier is not here yet")
@pytest.mark.parametrize("ident", CASES)
def test_the_second_verifier_answers_alike(ident: str) -> None:
    handed = CASES[ident].hand()
    if handed.max_days or handed.witnesses:
        pytest.skip("it asks for no age and no witnesses")
    anchor = None if handed.anchor is None else str(handed.anchor)
    answer = import_module(SECOND).verify(handed.bundle, anchor, handed.prior, handed.at)

    exit_code = 2 if answer["unusable"] else EXIT_CODES[answer["verdict"]]
    assert fault_of(answer, CASES[ident].expected(), exit_code) == ""


def test_there_are_as_many_cases_as_promised() -> None:
    verdicts = Counter(case.verdict for case in CASES.values())
    assert len(CASES) >= 200
    assert verdicts["PASS"] >= 25
    assert verdicts["UNPROVEN"] >= 10


@pytest.mark.parametrize("letter", TRUST_MD)
def test_no_published_case_is_left_out(letter: str) -> None:
    expected = {f"{letter}{number:02d}" for number in range(1, TRUST_MD[letter] + 1)}
    assert expected - set(CASES) == set()


def test_no_further_case_is_left_out() -> None:
    expected = {f"F{number:02d}" for number in range(1, 31) if number not in NOT_ABOUT_BUNDLES}
    assert expected - set(CASES) == set()
