"""muniment bundle compare: what came between two bundles, and whether they are of one log at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.conftest import Run

VERSION = "credit-risk@7"
Export = Callable[..., Path]


@pytest.fixture
def anchor(approved: Run) -> str:
    return str(approved("root", "show", "--json").json["anchor"])


@pytest.fixture
def export(approved: Run, tmp_path: Path) -> Export:
    """Export a bundle under a name, with more options if given."""

    def exported(name: str, *more: object) -> Path:
        path = tmp_path / f"{name}.zip"
        done = approved("bundle", "export", VERSION, "-o", path, *more)
        assert done.code == 0, done.err
        return path

    return exported


def size_of(run: Run, bundle: Path) -> int:
    size: int = run("bundle", "verify", bundle, "--json").json["record"]["head"]["treeSize"]
    return size


def test_it_lists_what_came_since(approved: Run, export: Export, anchor: str) -> None:
    one = export("one")
    reason = ("--env", "production", "--reason", "the numbers were wrong", "--as", "bob")
    assert approved("withdraw", VERSION, *reason).code == 0
    two = export("two")

    done = approved("bundle", "compare", two, one, "--anchor", anchor, "--json")

    assert (done.code, done.json["verdict"], done.json["fork"]) == (0, "CONSISTENT", None)
    remembered = approved("bundle", "remembered", "--json").json["items"]
    assert [i["tree_size"] for i in remembered] == [size_of(approved, two)]
    new = done.json["new"]
    assert new["leaves"] == size_of(approved, two) - size_of(approved, one)
    assert new["records"] == [{"type": "bundle-exported", "count": 1}, {"type": "withdrawn", "count": 1}]
    assert [(d["decision"], d["name"], d["environment"]) for d in new["decisions"]] == [
        ("withdrawal", "retail/credit-risk@7", "production")
    ]
    assert new["statuses"] == [
        {
            "name": "retail/credit-risk@7",
            "environment": "production",
            "before": "valid",
            "after": "revoked",
        }
    ]
    assert len(new["documents"]["added"]) == 3  # two records, and the words of one
    assert (new["documents"]["withheld"], new["documents"]["erased"]) == ([], [])


def test_it_prints_the_same_as_lines(approved: Run, export: Export, anchor: str) -> None:
    one, two = export("one"), export("two")
    done = approved("bundle", "compare", one, two, "--anchor", anchor)

    assert done.code == 0
    assert done.out.splitlines()[-1] == "verdict CONSISTENT"
    assert f"new       1 leaves behind {size_of(approved, one)}" in done.out


def test_a_bundle_and_itself_differ_in_nothing(approved: Run, export: Export, anchor: str) -> None:
    one = export("one")
    done = approved("bundle", "compare", one, one, "--anchor", anchor, "--json")

    assert done.code == 0
    assert done.json["new"] == {
        "leaves": 0,
        "records": [],
        "decisions": [],
        "statuses": [],
        "documents": {"added": [], "withheld": [], "erased": []},
    }


def test_what_was_erased_between_them_is_named(approved: Run, export: Export, anchor: str) -> None:
    one = export("one")
    log = approved("audit", "log", "--json").json["items"]
    approval = next(i for i in log if i["type"] == "approval")
    assert approved("redact", approval["seq"], "--reason", "mistake", "--yes").code == 0
    two = export("two")

    done = approved("bundle", "compare", one, two, "--anchor", anchor, "--json")

    assert (done.code, done.json["verdict"]) == (3, "UNPROVEN")
    assert done.json["new"]["documents"]["erased"] == [approval["body"]]
    assert done.json["new"]["statuses"][0]["after"] == "unproven"


def test_without_an_anchor_it_is_not_proved_whose_they_are(approved: Run, export: Export) -> None:
    one, two = export("one"), export("two")
    done = approved("bundle", "compare", one, two, "--json")

    assert (done.code, done.json["verdict"], done.json["result"]) == (3, "UNANCHORED", "CONSISTENT")


def test_bundles_of_two_registries_are_told_apart(
    approved: Run, export: Export, anchor: str, tmp_path: Path
) -> None:
    (tmp_path / "other.json").write_text("{}")
    elsewhere = ("--registry", tmp_path / "elsewhere")
    for step in (
        ("init", "--as", "alice", "--no-passphrase"),
        ("register", VERSION, "--artifact", tmp_path / "other.json"),
        ("request", VERSION, "--env", "production"),
        ("bundle", "export", VERSION, "-o", tmp_path / "other.zip"),
    ):
        done = approved(*elsewhere, *step)
        assert done.code == 0, done.err

    done = approved("bundle", "compare", export("one"), tmp_path / "other.zip", "--json")

    assert (done.code, done.json["verdict"]) == (1, "ORIGIN_MISMATCH")
    assert done.json["new"] is None


def test_a_bundle_that_fails_fails_the_comparison(approved: Run, export: Export, anchor: str) -> None:
    one, two = export("one"), export("two")
    data = bytearray(two.read_bytes())
    data[len(data) // 2] ^= 1
    two.write_bytes(bytes(data))

    done = approved("bundle", "compare", one, two, "--anchor", anchor, "--json")

    assert (done.code, done.json["verdict"]) == (1, "FAIL")


def test_what_is_no_bundle_is_unusable_and_what_is_not_there_not_found(
    approved: Run, export: Export, tmp_path: Path
) -> None:
    one = export("one")
    (tmp_path / "text").write_text("no bundle")

    assert approved("bundle", "compare", one, tmp_path / "text").code == 2
    assert approved("bundle", "compare", one, tmp_path / "nothing").code == 5
    assert approved("bundle", "compare", one).code == 2
