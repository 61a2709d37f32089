"""muniment gate --bundle: the same answer far from the registry, and none over a bundle one cannot trust."""

from pathlib import Path

import pytest

from tests.commands.conftest import Run

GATE = ("gate", "credit-risk@7", "--env", "production")


@pytest.fixture
def bundle(approved: Run, tmp_path: Path) -> Path:
    path = tmp_path / "c.zip"
    assert approved("audit", "checkpoint").code == 0
    assert approved("bundle", "export", "credit-risk@7", "-o", path).code == 0
    return path


def anchor_of(run: Run, bundle: Path) -> str:
    return str(run("bundle", "verify", bundle, "--json").json["record"]["anchor"])


def test_it_answers_as_the_registry_does(approved: Run, bundle: Path) -> None:
    answer = approved(*GATE, "--bundle", bundle, "--anchor", anchor_of(approved, bundle), "--json")

    assert answer.code == 0
    assert (answer.json["verdict"], answer.json["status"], answer.json["basis"]) == (
        "allow",
        "valid",
        "bundle",
    )


def test_it_is_unproven_without_the_anchor(approved: Run, bundle: Path) -> None:
    answer = approved(*GATE, "--bundle", bundle, "--json")

    assert answer.code == 3
    assert answer.json["verdict"] == "unproven"


def test_it_is_unproven_over_a_bundle_with_one_byte_changed(approved: Run, bundle: Path) -> None:
    anchor = anchor_of(approved, bundle)
    data = bytearray(bundle.read_bytes())
    data[data.index(b"How to check")] ^= 1
    bundle.write_bytes(bytes(data))

    answer = approved(*GATE, "--bundle", bundle, "--anchor", anchor, "--json")

    assert answer.code == 3
    assert "CONTAINER_UNREADABLE" in answer.json["why"][0]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("gate", "credit-risk@8", "--env", "production"), 5),
        (("gate", "--env", "production"), 2),
    ],
)
def test_it_says_what_it_cannot_answer(
    approved: Run, bundle: Path, words: tuple[str, ...], code: int
) -> None:
    assert approved(*words, "--bundle", bundle, "--anchor", anchor_of(approved, bundle)).code == code


def test_a_missing_bundle_and_a_malformed_anchor_are_said(approved: Run, bundle: Path) -> None:
    assert approved(*GATE, "--bundle", bundle.parent / "none.zip").code == 5
    assert approved(*GATE, "--bundle", bundle, "--anchor", "abc").code == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--max-age", "30d"), 0),
        (("--max-age", "soon"), 2),
        (("--require-witness", 1), 3),
        (("--require-witness", 17), 2),
    ],
    ids=str,
)
def test_its_head_may_be_asked_to_be_young_and_witnessed(
    approved: Run, bundle: Path, words: tuple[object, ...], code: int
) -> None:
    anchor = anchor_of(approved, bundle)

    assert approved(*GATE, "--bundle", bundle, "--anchor", anchor, *words).code == code
    assert approved(*GATE, *words).code == 2  # a registry has no such head


def test_it_is_unproven_over_a_folder_that_holds_a_link(approved: Run, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    (folder / "bagit.txt").symlink_to(tmp_path / "elsewhere")

    answer = approved(*GATE, "--bundle", folder, "--json")

    assert (answer.code, answer.json["verdict"]) == (3, "unproven")
    assert "CONTAINER_NOT_REGULAR" in answer.json["why"][0]
