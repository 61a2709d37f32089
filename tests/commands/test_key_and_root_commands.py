"""key new, key prove, key enrol --public, root show: keys that never come near the registry."""

import json
import stat
import subprocess
from pathlib import Path

import pytest

WHERE = ("credit-risk@7", "--env", "production")
ROLE = ("--role", "risk-approver", "--as", "alice")


@pytest.fixture
def carol(founded, tmp_path: Path):
    """Carol's own key pair, and the proof that she asks to be enrolled under her name."""
    key = tmp_path / "carol" / "key"
    made = founded("key", "new", key, "--no-passphrase", "--json")
    assert made.code == 0, made.err
    origin = founded("root", "show", "--json").json["origin"]
    proved = founded("key", "prove", "carol", "--origin", origin, "--key", key, "-o", tmp_path / "proof")
    assert proved.code == 0, proved.err
    return made.json


def enrol(run, made, proof, name="carol"):
    return run("key", "enrol", name, "--public", made["public"], "--proof", proof, *ROLE, "--json")


def test_a_new_key_is_closed_to_others_and_readable_by_openssl(carol):
    assert stat.S_IMODE(Path(carol["key"]).stat().st_mode) == 0o600
    done = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", carol["public"], "-outform", "DER"],
        capture_output=True,
        check=True,
    )
    digest = subprocess.run(["sha256sum"], input=done.stdout, capture_output=True, check=True)
    assert digest.stdout.decode().split()[0] == carol["keyid"]


def test_a_key_file_is_never_overwritten(founded, carol):
    assert founded("key", "new", carol["key"], "--no-passphrase").code == 2


def test_a_key_that_proves_its_possession_is_enrolled_and_signs(asked, carol, tmp_path: Path):
    done = enrol(asked, carol, tmp_path / "proof")
    assert done.code == 0, done.err
    assert (done.json["keyid"], done.json["key"]) == (carol["keyid"], None)
    assert not (tmp_path / "registry" / "keys" / done.json["person"]).exists()

    signed = asked(
        "approve",
        *WHERE,
        "--role",
        "risk-approver",
        "--reason",
        "fine",
        "--as",
        "carol",
        "--key",
        carol["key"],
    )

    assert signed.code == 0, signed.err


def test_a_proof_for_another_name_enrols_nobody(founded, carol, tmp_path: Path):
    refused = enrol(founded, carol, tmp_path / "proof", name="mallory")

    assert refused.code == 1
    assert "POSSESSION_MISMATCH: it was made for 'carol', not for 'mallory'" in refused.err


def test_a_proof_for_another_registry_enrols_nobody(founded, carol, tmp_path: Path):
    elsewhere = "muniment.dev/log/" + "0" * 32
    founded("key", "prove", "carol", "--origin", elsewhere, "--key", carol["key"], "-o", tmp_path / "other")

    refused = enrol(founded, carol, tmp_path / "other")

    assert refused.code == 1
    assert f"it was made for the registry {elsewhere}" in refused.err


def test_somebody_elses_public_key_cannot_be_enrolled(founded, carol, tmp_path: Path):
    stranger = founded("key", "new", tmp_path / "stranger", "--no-passphrase", "--json").json

    refused = enrol(founded, stranger, tmp_path / "proof")

    assert refused.code == 1
    assert "POSSESSION_INVALID" in refused.err


def test_what_is_no_proof_is_refused(founded, carol, tmp_path: Path):
    for data in (b"", b"{}", b"\xff" * 10, json.dumps({"payload": "x"}).encode()):
        (tmp_path / "junk").write_bytes(data)
        assert enrol(founded, carol, tmp_path / "junk").code == 1


def test_one_key_is_one_person(founded, carol, tmp_path: Path):
    assert enrol(founded, carol, tmp_path / "proof").code == 0
    origin = founded("root", "show", "--json").json["origin"]
    founded("key", "prove", "carla", "--origin", origin, "--key", carol["key"], "-o", tmp_path / "second")

    refused = enrol(founded, carol, tmp_path / "second", name="carla")

    assert refused.code == 1
    assert "KEY_SHARED" in refused.err


def test_the_logs_own_key_is_nobodys(founded, tmp_path: Path):
    origin = founded("root", "show", "--json").json["origin"]
    log = tmp_path / "registry" / "keys" / "log"
    founded("key", "prove", "carol", "--origin", origin, "--key", log, "-o", tmp_path / "p")

    refused = enrol(founded, {"public": f"{log}.pub"}, tmp_path / "p")

    assert refused.code == 1
    assert "KEY_SHARED" in refused.err


def test_a_public_key_without_proof_is_wrong_usage(founded, carol):
    assert founded("key", "enrol", "carol", "--public", carol["public"], *ROLE).code == 2


def test_the_root_shows_the_anchor_and_the_key_of_the_log(muniment, tmp_path: Path):
    anchor = muniment("init", "--as", "alice", "--no-passphrase", "--json").json["anchor"]

    shown = muniment("root", "show", "--json").json

    assert shown["anchor"] == anchor
    assert shown["log_keys"][0].startswith(shown["origin"] + "+")
    assert (shown["version"], shown["root_threshold"]) == (1, 1)


def test_a_lone_root_person_is_warned_until_a_recovery_root_exists(founded, tmp_path: Path):
    alone = founded("root", "show")
    assert "only one person holds the role root" in alone.err
    assert "no recovery root" in alone.err
    (tmp_path / "secret").write_text("a long passphrase")

    done = founded(
        "key", "recovery", "-o", tmp_path / "vault", "--new-passphrase-file", tmp_path / "secret",
        "--as", "alice",
    )  # fmt: skip

    assert done.code == 0, done.err
    assert founded("root", "show", "--json").json["warnings"] == []


def test_a_second_root_key_in_the_same_folder_is_no_recovery(founded):
    founded("key", "enrol", "bob", "--role", "root", "--no-passphrase", "--as", "alice")

    warnings = founded("root", "show", "--json").json["warnings"]

    assert [w.split(":")[0] for w in warnings] == ["no recovery root"]
