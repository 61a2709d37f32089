"""No change of a bundle is ever taken for the bundle, and none makes the verifier stumble.

A slice of what `poe fuzz` does with 100,000 edits.
"""

from importlib.util import find_spec

import pytest

from registry.bundle.verify import verify_bundle
from tests.attacks.fuzz import edit_inside, flip_bytes, truncate
from tests.attacks.references import NAMES, elsewhere, references
from tests.attacks.weaker import is_weaker

EDITS = 100
SHARED = 50


@pytest.mark.parametrize("name", NAMES)
def test_an_honest_bundle_passes(name: str) -> None:
    honest = references()[NAMES.index(name)]
    answer = verify_bundle(honest.bundle, anchor=honest.anchor, prior=honest.head)
    assert answer.verdict == ("UNPROVEN" if name == "extract" else "PASS")


@pytest.mark.parametrize(("name", "every"), [*zip(NAMES, (1, 7, 7, 7), strict=True)])
def test_no_flipped_bit_passes(name: str, every: int) -> None:
    honest = references()[NAMES.index(name)]
    found = flip_bytes(honest, range(0, len(honest.bundle), every))
    assert found.faults == []
    assert set(found.counts) == {"FAIL"}


@pytest.mark.parametrize("name", NAMES)
def test_no_truncation_passes(name: str) -> None:
    honest = references()[NAMES.index(name)]
    found = truncate(honest, range(0, len(honest.bundle), 23))
    assert found.faults == []
    assert set(found.counts) == {"FAIL"}


@pytest.mark.parametrize("chunk", range(4))
def test_no_edit_inside_a_file_passes_though_everything_around_it_is_repaired(chunk: int) -> None:
    found = edit_inside(1, chunk, EDITS)
    assert [fault.said for fault in found.faults] == []
    assert found.counts["FAIL"] > EDITS // 2


@pytest.mark.skipif(find_spec("registry.bundle.standalone") is None, reason="the second verifier is not here")
def test_both_verifiers_give_an_edited_bundle_the_same_verdict() -> None:
    found = edit_inside(1, 0, SHARED, second=True)
    assert [fault.said for fault in found.faults] == []


def test_the_same_seed_makes_the_same_edits() -> None:
    assert edit_inside(5, 0, 12).counts == edit_inside(5, 0, 12).counts
    assert edit_inside(5, 0, 12).counts != edit_inside(6, 1, 24).counts


def test_a_bundle_that_says_more_is_no_weaker_one() -> None:
    honest = references()[0]
    before, after = (verify_bundle(d, anchor=honest.anchor) for d in (honest.bundle, elsewhere()))
    assert after.verdict == "PASS"
    assert not is_weaker(before, after, {}, {})
    assert is_weaker(before, before, {}, {})
