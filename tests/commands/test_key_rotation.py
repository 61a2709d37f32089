"""key rotate, add, suspend, reinstate: keys change, and what they signed stands."""

from pathlib import Path

import pytest

GATE = ("gate", "credit-risk@7", "--env", "production", "--no-record")
BOB = ("credit-risk@7", "--env", "production", "--role", "risk-approver", "--as", "bob")


def row(run, name: str):
    return next(p for p in run("key", "list", "--json").json["items"] if p["name"] == name)


def leaves(run):
    return run("audit", "log", "--json").json["items"]


def offered(run, tmp_path: Path, name: str, file: str = "own") -> tuple[object, ...]:
    """A key made elsewhere and its proof, as options."""
    origin = run("root", "show", "--json").json["origin"]
    assert run("key", "new", tmp_path / file, "--no-passphrase").code == 0
    assert (
        run(
            "key",
            "prove",
            name,
            "--origin",
            origin,
            "--key",
            tmp_path / file,
            "-o",
            tmp_path / f"{file}.proof",
        ).code
        == 0
    )
    return "--public", tmp_path / f"{file}.public.pem", "--proof", tmp_path / f"{file}.proof"


# Rotation


def test_what_the_old_key_approved_stands_after_rotation(approved):
    old = row(approved, "bob")["keys"][0]

    done = approved("key", "rotate", "bob", "--no-passphrase", "--as", "alice", "--json")

    assert done.code == 0, done.err
    assert done.json["old"] == old
    assert row(approved, "bob")["dead"] == {old: "revoked"}
    assert approved(*GATE, "--json").json["status"] == "valid"
    assert [item["type"] for item in leaves(approved)[-2:]] == ["trust-root", "key-revoked"]


def test_the_new_key_signs_and_the_old_one_does_not(asked, tmp_path: Path):
    old = tmp_path / "registry" / "keys" / row(asked, "bob")["person"]
    assert asked("key", "rotate", "bob", "--no-passphrase", "--as", "alice").code == 0

    refused = asked("approve", *BOB, "--reason", "fine", "--key", old)
    done = asked("approve", *BOB, "--reason", "fine")

    assert refused.code == 1
    assert "KEY_REVOKED" in refused.err
    assert done.code == 0, done.err


def test_a_key_made_elsewhere_takes_the_place_of_the_old_one(asked, tmp_path: Path):
    done = asked("key", "rotate", "bob", *offered(asked, tmp_path, "bob"), "--as", "alice")
    signed = asked("approve", *BOB, "--reason", "fine", "--key", tmp_path / "own")

    assert done.code == 0, done.err
    assert signed.code == 0, signed.err


def test_a_rotation_needs_proof_of_possession_for_that_person(asked, tmp_path: Path):
    other = offered(asked, tmp_path, "carol")

    refused = asked("key", "rotate", "bob", *other, "--as", "alice")

    assert refused.code == 1
    assert "POSSESSION_MISMATCH" in refused.err


def test_the_lone_root_person_rotates_their_own_key(founded):
    old = row(founded, "alice")["keys"][0]

    done = founded("key", "rotate", "alice", "--no-passphrase", "--as", "alice")
    after = founded("key", "enrol", "bob", "--role", "owner", "--no-passphrase", "--as", "alice")

    assert done.code == 0, done.err
    assert after.code == 0, after.err
    assert row(founded, "alice")["dead"] == {old: "revoked"}


def test_whoever_holds_no_root_rotates_nothing_and_leaves_no_file(asked, tmp_path: Path):
    before = sorted((tmp_path / "registry" / "keys").iterdir())

    refused = asked("key", "rotate", "bob", "--no-passphrase", "--as", "bob")

    assert refused.code == 1
    assert sorted((tmp_path / "registry" / "keys").iterdir()) == before


def test_a_suspended_key_is_not_rotated_away(asked):
    asked("key", "suspend", "bob", "--as", "alice")

    refused = asked("key", "rotate", "bob", "--no-passphrase", "--as", "alice")

    assert refused.code == 1
    assert "is suspended" in refused.err


# Further keys


def test_either_key_of_a_person_signs_and_they_count_once(asked, tmp_path: Path):
    first = tmp_path / "registry" / "keys" / row(asked, "bob")["person"]
    done = asked("key", "add", "bob", *offered(asked, tmp_path, "bob"), "--as", "alice", "--json")

    assert done.code == 0, done.err
    assert len(row(asked, "bob")["keys"]) == 2
    assert asked("approve", *BOB, "--reason", "one", "--key", first).code == 0
    assert asked("approve", *BOB, "--reason", "two", "--key", tmp_path / "own").code == 0
    assert asked("status", "credit-risk@7", "--env", "production", "--json").code == 0


def test_a_further_key_that_somebody_has_is_refused(asked, tmp_path: Path):
    public = offered(asked, tmp_path, "bob")
    assert asked("key", "add", "bob", *public, "--as", "alice").code == 0

    refused = asked("key", "add", "bob", *public, "--as", "alice")

    assert refused.code == 1
    assert "KEY_SHARED" in refused.err


def test_a_key_of_somebody_who_left_is_nobody_elses(asked, tmp_path: Path):
    public = offered(asked, tmp_path, "bob")
    asked("key", "add", "bob", *public, "--as", "alice")
    assert asked("root", "update", "--remove", "bob", "--as", "alice").code == 0
    origin = asked("root", "show", "--json").json["origin"]
    asked("key", "prove", "carol", "--origin", origin, "--key", tmp_path / "own", "-o", tmp_path / "again")

    refused = asked(
        "key", "enrol", "carol", "--role", "owner", "--public", public[1], "--proof", tmp_path / "again",
        "--as", "alice",
    )  # fmt: skip

    assert refused.code == 1
    assert "KEY_SHARED" in refused.err


def test_a_person_with_two_keys_is_revoked_by_key_not_by_name(asked, tmp_path: Path):
    asked("key", "add", "bob", *offered(asked, tmp_path, "bob"), "--as", "alice")

    unclear = asked("key", "revoke", "bob", "--reason", "left", "--as", "alice")
    one = row(asked, "bob")["keys"][1]
    done = asked("key", "revoke", one[:12], "--reason", "left", "--as", "alice")

    assert unclear.code == 2
    assert "names several keys" in unclear.err
    assert done.code == 0, done.err
    assert row(asked, "bob")["dead"] == {one: "revoked"}


# Suspension


def test_a_suspended_person_cannot_sign_until_reinstated(asked):
    assert asked("key", "suspend", "bob", "--as", "alice").code == 0

    refused = asked("approve", *BOB, "--reason", "fine")
    listed = asked("key", "list").out
    assert asked("key", "reinstate", "bob", "--as", "alice").code == 0
    done = asked("approve", *BOB, "--reason", "fine")

    assert refused.code == 1
    assert "KEY_SUSPENDED" in refused.err
    assert "muniment key reinstate" in refused.err
    assert "(suspended)" in listed
    assert done.code == 0, done.err


def test_what_was_approved_before_a_suspension_stands(approved):
    assert approved("key", "suspend", "bob", "--as", "alice").code == 0

    assert approved(*GATE).code == 0
    assert "suspended" in approved("root", "show").out


def test_whoever_holds_no_root_suspends_nobody(asked):
    refused = asked("key", "suspend", "alice", "--as", "bob")

    assert refused.code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("suspend", "alice"), "nobody could reinstate it"),
        (("suspend", "nobody"), "no enrolled key is called 'nobody'"),
        (("reinstate", "bob"), "is not suspended"),
    ],
)
def test_a_suspension_that_makes_no_sense_is_refused(asked, words, said):
    before = len(leaves(asked))

    done = asked("key", *words, "--as", "alice")

    assert done.code in (1, 2, 5)
    assert said in done.err
    assert len(leaves(asked)) == before


def test_a_key_is_suspended_once(asked):
    asked("key", "suspend", "bob", "--as", "alice")

    assert "suspended already" in asked("key", "suspend", "bob", "--as", "alice").err
