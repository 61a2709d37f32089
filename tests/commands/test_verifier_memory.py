"""What the verifier's machine remembers: an anchor once told, and the largest head that passed under it."""

import json
import os
import shutil
import threading
from pathlib import Path

import pytest

from registry.bundle.auditor import Known
from schemas.digest import Digest
from schemas.errors import Malformed
from tests.commands.conftest import Run
from tui.remembered import Memory

ORIGIN = "muniment.dev/log/" + "0" * 32
ANCHOR = Digest.of(b"anchor")


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "verifier")


@pytest.fixture
def early(approved: Run, tmp_path: Path) -> Path:
    """A bundle, and after it more records."""
    path = tmp_path / "early.zip"
    assert approved("bundle", "export", "credit-risk@7", "-o", path).code == 0
    return path


@pytest.fixture
def late(approved: Run, early: Path, tmp_path: Path) -> Path:
    path = tmp_path / "late.zip"
    done = approved("withdraw", "credit-risk@7", "--env", "production", "--reason", "no", "--as", "bob")
    assert done.code == 0, done.err
    assert approved("bundle", "export", "credit-risk@7", "-o", path).code == 0
    return path


@pytest.fixture
def anchor(approved: Run) -> str:
    return str(approved("root", "show", "--json").json["anchor"])


def test_the_first_contact_without_an_anchor_is_not_remembered(approved: Run, early: Path) -> None:
    answer = approved("bundle", "verify", early, "--json")

    assert (answer.code, answer.json["verdict"]) == (3, "UNANCHORED")
    assert answer.json["session"]["remembered"] == {
        "applied": False,
        "kept": False,
        "why": "only a PASS under an anchor is remembered",
    }
    assert approved("bundle", "remembered", "--json").json["items"] == []


def test_an_anchor_once_given_is_known_from_then_on(approved: Run, early: Path, anchor: str) -> None:
    first = approved("bundle", "verify", early, "--anchor", anchor, "--json").json["session"]
    again = approved("bundle", "verify", early, "--json")

    assert first["remembered"] == {"applied": False, "kept": True, "why": ""}
    assert (again.code, again.json["verdict"]) == (0, "PASS")
    assert again.json["session"]["anchor"] == ""
    assert again.json["session"]["remembered"]["anchor"] == anchor
    (item,) = approved("bundle", "remembered", "--json").json["items"]
    assert (item["anchor"], item["tree_size"]) == (anchor, again.json["record"]["head"]["treeSize"])


def test_a_log_that_was_rolled_back_fails_by_name(
    approved: Run, early: Path, late: Path, anchor: str
) -> None:
    assert approved("bundle", "verify", late, "--anchor", anchor).code == 0
    answer = approved("bundle", "verify", early, "--json")

    assert (answer.code, answer.json["verdict"], answer.json["codes"]) == (1, "FAIL", ["ROLLBACK"])
    assert approved("bundle", "verify", early, "--anchor", anchor).code == 1
    assert approved("bundle", "verify", early, "--anchor", anchor, "--no-remember").code == 0


def test_a_larger_head_takes_the_place_of_a_smaller_one(
    approved: Run, early: Path, late: Path, anchor: str
) -> None:
    for bundle in (early, late):
        assert approved("bundle", "verify", bundle, "--anchor", anchor).code == 0
    size = approved("bundle", "verify", late, "--json").json["record"]["head"]["treeSize"]

    assert [i["tree_size"] for i in approved("bundle", "remembered", "--json").json["items"]] == [size]


def test_a_fork_of_a_remembered_log_fails_by_name(
    approved: Run, early: Path, anchor: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "registry", copy)
    reason = ("--env", "production", "--reason", "no", "--as", "bob")
    assert approved("withdraw", "credit-risk@7", *reason).code == 0
    one, two = tmp_path / "one.zip", tmp_path / "two.zip"
    assert approved("bundle", "export", "credit-risk@7", "-o", one).code == 0
    for _ in range(2):
        done = approved("--registry", copy, "bundle", "export", "credit-risk@7", "-o", tmp_path / "x.zip")
        assert done.code == 0, done.err
        (tmp_path / "x.zip").unlink()
    assert approved("--registry", copy, "withdraw", "credit-risk@7", *reason).code == 0
    assert approved("--registry", copy, "bundle", "export", "credit-risk@7", "-o", two).code == 0
    assert approved("bundle", "verify", one, "--anchor", anchor).code == 0

    answer = approved("bundle", "verify", two, "--json")

    assert (answer.code, answer.json["codes"]) == (1, ["FORK"])
    origin = approved("bundle", "remembered", "--json").json["items"][0]["origin"]
    assert approved("bundle", "remembered", "--forget", origin).code == 0
    compared = approved("bundle", "compare", one, two, "--anchor", anchor, "--json")
    assert approved("bundle", "remembered", "--json").json["items"] == []
    assert (compared.code, compared.json["verdict"]) == (1, "FORK")
    assert (
        compared.json["fork"]
        == approved("bundle", "verify", early, "--no-remember", "--json").json["record"]["head"]["treeSize"]
        + 1
    )


def test_another_anchor_for_a_remembered_log_fails(approved: Run, early: Path, anchor: str) -> None:
    assert approved("bundle", "verify", early, "--anchor", anchor).code == 0
    answer = approved("bundle", "verify", early, "--anchor", ANCHOR, "--json")

    assert (answer.code, answer.json["codes"]) == (1, ["ANCHOR_MISMATCH"])


def test_what_is_forgotten_is_asked_for_again(approved: Run, early: Path, anchor: str) -> None:
    assert approved("bundle", "verify", early, "--anchor", anchor).code == 0
    origin = approved("bundle", "remembered", "--json").json["items"][0]["origin"]

    assert approved("bundle", "remembered", "--forget", origin).code == 0
    assert approved("bundle", "verify", early).code == 3
    assert approved("bundle", "remembered", "--forget", origin).code == 5


def test_without_remembering_nothing_is_written(
    approved: Run, early: Path, anchor: str, memory: Memory
) -> None:
    answer = approved("bundle", "verify", early, "--anchor", anchor, "--no-remember", "--json")

    assert (answer.code, answer.json["session"]["remembered"]["kept"]) == (0, False)
    assert not memory.path.exists()


def test_the_gate_over_a_bundle_remembers_and_is_not_rolled_back(
    approved: Run, early: Path, late: Path, anchor: str
) -> None:
    gate = ("gate", "credit-risk@7", "--env", "production", "--bundle")
    assert approved(*gate, early, "--anchor", anchor).code == 0
    assert approved(*gate, early).code == 0
    assert approved(*gate, late, "--json").json["verdict"] == "deny"

    answer = approved(*gate, early, "--json")

    assert (answer.code, answer.json["verdict"]) == (3, "unproven")
    assert "ROLLBACK" in answer.json["why"][0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"null",
        b"\xff\xfe",
        b'{"logs":{},"v":2}',
        b'{"logs":[],"v":1}',
        b'{ "logs":{},"v":1}',
        b'{"logs":{"elsewhere":{}},"v":1}',
        json.dumps({"logs": {ORIGIN: {"anchor": "x"}}, "v": 1}).encode(),
    ],
    ids=repr,
)
def test_a_damaged_memory_is_said_ignored_and_left_alone(
    approved: Run, early: Path, anchor: str, memory: Memory, data: bytes
) -> None:
    memory.path.parent.mkdir()
    memory.path.write_bytes(data)
    answer = approved("bundle", "verify", early, "--anchor", anchor, "--json")

    assert (answer.code, answer.json["verdict"]) == (0, "PASS")
    assert "is damaged" in answer.err
    assert "is damaged" in answer.json["session"]["remembered"]["why"]
    assert memory.path.read_bytes() == data
    assert approved("bundle", "remembered").code == 2


def test_a_memory_that_cannot_be_written_changes_no_verdict(
    approved: Run, early: Path, anchor: str, tmp_path: Path
) -> None:
    (tmp_path / "verifier").write_bytes(b"a file where the folder would be")
    answer = approved("bundle", "verify", early, "--anchor", anchor, "--json")

    assert (answer.code, answer.json["session"]["remembered"]["kept"]) == (0, False)


def test_the_file_is_the_owners_alone_and_whole_at_every_moment(memory: Memory) -> None:
    known = [Known(ANCHOR, size, bytes([size % 256]) * 32) for size in range(1, 41)]
    writers = [
        threading.Thread(target=lambda part: [memory.keep(ORIGIN, k) for k in part], args=(known[i::4],))
        for i in range(4)
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        memory.read()
    for writer in writers:
        writer.join()

    assert memory.read()[ORIGIN][0] == known[-1]
    assert memory.path.stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in memory.path.parent.iterdir()) == ["remembered.json", "remembered.lock"]


def test_a_memory_that_is_too_large_is_damage(memory: Memory) -> None:
    memory.path.parent.mkdir()
    with memory.path.open("wb") as file:
        os.truncate(file.fileno(), (16 << 20) + 1)

    with pytest.raises(Malformed):
        memory.read()


@pytest.mark.parametrize(
    ("words", "code", "codes"),
    [
        (("--max-age", "30d"), 0, []),
        (("--max-age", "1d", "--at", "2099-01-01T00:00:00Z"), 3, ["HEAD_TOO_OLD"]),
        (("--require-witness", "0"), 0, []),
        (("--require-witness", "1"), 3, ["WITNESS_QUORUM"]),
    ],
    ids=str,
)
def test_a_head_may_be_asked_to_be_young_and_witnessed(
    approved: Run, early: Path, anchor: str, words: tuple[str, ...], code: int, codes: list[str]
) -> None:
    answer = approved("bundle", "verify", early, "--anchor", anchor, "--no-remember", "--json", *words)

    assert (answer.code, answer.json["codes"]) == (code, codes)
    assert answer.json["session"]["headTime"]["by"] == "claimed"


@pytest.mark.parametrize("age", ["", "30", "0d", "-1d", "1w", "1.5h", "100000d"])
def test_an_age_that_means_nothing_is_refused(approved: Run, early: Path, age: str) -> None:
    assert approved("bundle", "verify", early, "--max-age", age).code == 2
