"""key recovery, enrol --service, root update --rotate-log-key, passphrases."""

import stat
from pathlib import Path

import pytest

from registry.signing import keyfile

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


# Recovery


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("correct horse battery\n")
    return tmp_path / "secret"


def test_the_recovery_key_lies_outside_under_a_passphrase(founded, tmp_path: Path, secret: Path):
    done = founded(
        "key",
        "recovery",
        "-o",
        tmp_path / "vault",
        "--new-passphrase-file",
        secret,
        "--as",
        "alice",
        "--json",
    )

    assert done.code == 0, done.err
    key = tmp_path / "vault" / "recovery-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert keyfile.is_encrypted(key)
    assert "correct horse" not in (tmp_path / "vault" / "READ-ME.txt").read_text()
    shown = founded("root", "show", "--json").json
    assert shown["recovery"] == [done.json["person"]]
    assert "recovery, kept offline" in founded("root", "show").out
    person = next(p for p in shown["persons"] if p["person"] == done.json["person"])
    assert [(r["role"], r["namespaces"], r["environments"]) for r in person["roles"]] == [
        ("root", ["*"], ["*"])
    ]


def test_the_recovery_key_saves_a_registry_whose_root_key_is_lost(founded, tmp_path: Path, secret: Path):
    founded("key", "recovery", "-o", tmp_path / "vault", "--new-passphrase-file", secret, "--as", "alice")
    alice = row(founded, "alice")["person"]
    (tmp_path / "registry" / "keys" / alice).unlink()
    saving = ("--as", "recovery", "--key", tmp_path / "vault" / "recovery-key", "--passphrase-file", secret)

    revoked = founded("key", "revoke", "alice", "--reason", "left", *saving)
    enrolled = founded("key", "enrol", "ada", "--role", "root", "--no-passphrase", *saving)

    assert revoked.code == 0, revoked.err
    assert enrolled.code == 0, enrolled.err
    assert founded("key", "enrol", "bob", "--role", "owner", "--no-passphrase", "--as", "ada").code == 0


def test_a_recovery_key_inside_the_registry_is_refused(founded, tmp_path: Path, secret: Path):
    for folder in (tmp_path / "registry" / "keys", tmp_path / "registry" / "vault"):
        refused = founded("key", "recovery", "-o", folder, "--new-passphrase-file", secret, "--as", "alice")
        assert refused.code == 2
        assert "lies in the registry" in refused.err


def test_a_recovery_key_without_a_passphrase_is_refused(founded, tmp_path: Path):
    (tmp_path / "empty").write_text("")

    refused = founded(
        "key", "recovery", "-o", tmp_path / "v", "--new-passphrase-file", tmp_path / "empty", "--as", "alice"
    )
    asked = founded("key", "recovery", "-o", tmp_path / "v", "--as", "alice")

    assert refused.code == 2
    assert "an empty passphrase protects nothing" in refused.err
    assert asked.code == 2
    assert "--new-passphrase-file" in asked.err
    assert not (tmp_path / "v" / "recovery-key").exists()


def test_a_recovery_key_that_comes_to_nothing_leaves_nothing(asked, tmp_path: Path, secret: Path):
    refused = asked("key", "recovery", "-o", tmp_path / "v", "--new-passphrase-file", secret, "--as", "bob")

    assert refused.code == 1
    assert list((tmp_path / "v").iterdir()) == []


def test_doctor_asks_for_a_recovery_root_until_it_exists(founded, tmp_path: Path, secret: Path):
    before = founded("doctor").out
    founded("key", "recovery", "-o", tmp_path / "vault", "--new-passphrase-file", secret, "--as", "alice")

    assert "next: muniment key recovery -o FOLDER" in before
    assert founded("doctor").code == 0


# Services and scopes


def test_a_service_signs_what_a_service_may_and_approves_nothing(asked, tmp_path: Path):
    done = asked("key", "enrol", "--service", "ci", "--as", "alice", "--json")
    key = tmp_path / "registry" / "keys" / "service-ci"
    (tmp_path / "other.json").write_text("{}")
    made = asked("register", "fraud@1", "--artifact", tmp_path / "other.json", "--service", "--key", key)
    refused = asked("approve", *BOB, "--reason", "I am a pipeline", "--key", key)
    unnamed = asked("approve", *BOB[:-2], "--reason", "I am a pipeline", "--key", key)

    assert done.code == 0, done.err
    assert done.json["key"] == str(key)
    assert made.code == 0, made.err
    assert refused.code == 1
    assert unnamed.code == 1
    assert "SIGNER_UNKNOWN" in unnamed.err


def test_a_persons_key_is_no_services(asked, tmp_path: Path):
    bob = tmp_path / "registry" / "keys" / row(asked, "bob")["person"]
    (tmp_path / "other.json").write_text("{}")

    refused = asked("register", "fraud@1", "--artifact", tmp_path / "other.json", "--service", "--key", bob)

    assert refused.code == 1
    assert "is no service's" in refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ci", "--service", "--role", "owner"), "a --service has none"),
        (("bob",), "a person needs a --role"),
        (("service", "--service"), "is enrolled already"),
        (("C I", "--service"), "is no name of a service"),
        (("bob", "--role", "root", "--in", "retail"), "holds everywhere or not at all"),
        (("bob", "--role", "policy", "--env", "production"), "holds everywhere or not at all"),
        (("bob", "--role", "root@retail"), "holds everywhere or not at all"),
        (("bob", "--role", "owner@retail", "--in", "cards"), "belong to roles written without @"),
    ],
)
def test_an_enrolment_that_cannot_be_is_wrong_usage(founded, words, said):
    done = founded("key", "enrol", *words, "--no-passphrase", "--as", "alice")

    assert done.code == 2
    assert said in done.err


def test_a_scoped_role_is_written_in_one_word(founded):
    assert (
        founded(
            "key", "enrol", "bob", "--role", "owner@retail/staging", "--no-passphrase", "--as", "alice"
        ).code
        == 0
    )

    assert row(founded, "bob")["roles"] == [
        {"role": "owner", "namespaces": ["retail"], "environments": ["staging"]}
    ]
    assert "owner@retail/staging" in founded("root", "show").out


# The log's own key


def test_a_new_log_key_signs_on_and_the_old_heads_stay_valid(approved, tmp_path: Path):
    keys = tmp_path / "registry" / "keys"
    old = keyfile.load(keys / "log").keyid

    done = approved("root", "update", "--rotate-log-key", "--as", "alice")
    bundle = tmp_path / "b.zip"
    later = approved("key", "enrol", "zoe", "--role", "owner", "--no-passphrase", "--as", "alice")

    assert done.code == 0, done.err
    assert later.code == 0, later.err
    assert keyfile.load(keys / "log").keyid != old
    assert (keys / f"log.retired-{old[:16]}").exists()
    assert not (keys / "log.next").exists()
    assert approved("audit", "verify").code == 0
    assert approved("bundle", "export", "credit-risk@7", "-o", bundle).code == 0
    anchor = approved("root", "show", "--json").json["anchor"]
    checks = approved("bundle", "verify", bundle, "--anchor", anchor, "--json").json["checks"]
    assert [c for c in checks if c["check"] == "heads" and c["result"] == "FAIL"] == []
    assert approved(*GATE).code == 0


def test_a_log_key_rotated_by_nobody_who_may_leaves_no_file(asked, tmp_path: Path):
    refused = asked("root", "update", "--rotate-log-key", "--as", "bob")

    assert refused.code == 1
    assert not (tmp_path / "registry" / "keys" / "log.next").exists()


def test_a_new_log_key_that_was_not_yet_moved_signs_all_the_same(asked, tmp_path: Path):
    keys = tmp_path / "registry" / "keys"
    old, public = (keys / "log").read_bytes(), (keys / "log.pub").read_bytes()
    assert asked("root", "update", "--rotate-log-key", "--as", "alice").code == 0
    for name, data in (("log", old), ("log.pub", public)):
        (keys / name).rename(keys / name.replace("log", "log.next", 1))
        (keys / name).write_bytes(data)
    (keys / "log").chmod(0o600)

    assert asked("key", "enrol", "zoe", "--role", "owner", "--no-passphrase", "--as", "alice").code == 0
    assert asked("audit", "verify").code == 0
    assert not (keys / "log.next").exists()


# Passphrases


def test_a_passphrase_is_never_an_argument(founded, tmp_path: Path):
    for words in (
        ("key", "enrol"),
        ("key", "recovery"),
        ("key", "rotate"),
        ("root", "sign"),
        ("key", "prove"),
    ):
        help_text = founded(*words, "--help").out
        assert "--passphrase " not in help_text
        assert "passphrase-file" in help_text


def test_the_passphrase_is_in_no_output(founded, tmp_path: Path, secret: Path):
    founded("key", "enrol", "bob", "--role", "owner", "--new-passphrase-file", secret, "--as", "alice")
    (tmp_path / "wrong").write_text("tr0ub4dor")
    key = tmp_path / "registry" / "keys" / row(founded, "bob")["person"]

    done = founded(
        "key",
        "revoke",
        "bob",
        "--reason",
        "left",
        "--as",
        "bob",
        "--key",
        key,
        "--passphrase-file",
        tmp_path / "wrong",
    )

    assert done.code == 2
    assert "tr0ub4dor" not in done.out + done.err
