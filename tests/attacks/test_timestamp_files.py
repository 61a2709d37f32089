"""Timestamp tokens in a bundle stand under the one name of a head that is there, and change no record."""

import pytest

from registry.bundle import contents as at
from registry.bundle.auditor import Auditor
from registry.bundle.timestamps import check_tokens
from registry.bundle.verify import examine_bundle, verify_bundle
from tests.attacks.case import approved, claimed
from tests.attacks.forger import forge

TOKEN = b"\x30\x03\x02\x01\x00"


def names(size: int) -> list[str]:
    folder = at.TIMESTAMPS
    return [
        f"{folder}{size + 1:09d}.tsr",
        f"{folder}{size}.tsr",
        f"{folder}{size:010d}.tsr",
        f"{folder}{size:09d}.tsR",
        f"{folder}{size:09d}.txt",
        f"{folder}{size:09d}.tsr.tsr",
        f"{folder}{'9' * 5000}.tsr"[:200],
        f"{folder}x.tsr",
    ]


def test_a_token_over_the_head_changes_neither_verdict_nor_record() -> None:
    handed = claimed(*approved()[:2])
    plain = verify_bundle(handed.bundle, anchor=handed.anchor)
    size = plain.record["head"]["treeSize"]

    stamped = verify_bundle(
        forge(handed.bundle, lambda payload: payload.update({at.token_name(size): TOKEN})),
        anchor=handed.anchor,
    )

    assert (plain.verdict, stamped.verdict) == ("PASS", "PASS")
    assert stamped.session["timestamps"] == [{"size": size, "state": "not checked"}]
    files = [f for f in stamped.record["findings"] if f["check"] != "files"]
    assert files == [f for f in plain.record["findings"] if f["check"] != "files"]


def test_a_token_over_a_head_that_is_not_here_makes_no_verifier_stumble() -> None:
    handed = claimed(*approved()[:2])
    bundle = forge(handed.bundle, lambda payload: payload.update({at.token_name(99): TOKEN}))

    answer, _ = examine_bundle(bundle, Auditor(anchor=handed.anchor, check_tokens=check_tokens))

    assert answer.codes == ("UNEXPECTED_FILE",)
    assert answer.session["timestamps"] == [{"size": 99, "state": "not checked"}]


@pytest.mark.parametrize("index", range(8))
def test_a_token_under_any_other_name_is_unexpected(index: int) -> None:
    handed = claimed(*approved()[:2])
    size = verify_bundle(handed.bundle, anchor=handed.anchor).record["head"]["treeSize"]
    name = names(size)[index]

    answer = verify_bundle(
        forge(handed.bundle, lambda payload: payload.update({name: TOKEN})), anchor=handed.anchor
    )

    assert answer.verdict == "FAIL"
    assert {"UNEXPECTED_FILE", "CONTAINER_NAME", "CONTAINER_NOT_CANONICAL"} & set(answer.codes)
