"""key revoke --since: what falls is listed first."""

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


def test_what_falls_is_listed_before_anything_is_revoked(approved):
    before = len(leaves(approved))
    approval = next(item for item in leaves(approved) if item["type"] == "approval")

    done = approved("key", "revoke", "bob", "--since", approval["time"], "--dry-run", "--json")

    assert done.code == 0, done.err
    falls = done.json["falls"]
    assert [(f["type"], f["leaf"], f["says"]) for f in falls["records"]] == [
        ("approval", approval["seq"], "approve")
    ]
    assert falls["statuses"] == [
        {"subject": "retail/credit-risk@7", "environment": "production",
         "before": "valid", "after": "revoked"}
    ]  # fmt: skip
    assert "retail/credit-risk@7 for production: valid becomes revoked" in done.err
    assert len(leaves(approved)) == before


def test_a_revocation_since_a_time_finds_the_first_leaf(approved):
    approval = next(item for item in leaves(approved) if item["type"] == "approval")

    done = approved("key", "revoke", "bob", "--since", approval["time"], "--yes", "--as", "alice", "--json")

    assert done.code == 0, done.err
    first = next(item["seq"] for item in leaves(approved) if item["time"] >= approval["time"])
    assert done.json["from_index"] == first
    assert done.json["reason"] == "compromised"
    assert approved(*GATE, "--json").json["status"] == "revoked"


def test_only_root_persons_void_what_lies_behind(approved):
    before = len(leaves(approved))

    refused = approved("key", "revoke", "bob", "--since", "2020-01-01", "--yes", "--as", "bob")
    done = approved("key", "revoke", "bob", "--reason", "compromised", "--as", "bob")

    assert refused.code == 1
    assert "only root persons void" in refused.err
    assert done.code == 0, done.err
    assert len(leaves(approved)) == before + 1
    assert approved(*GATE).code == 0


def test_without_yes_or_a_terminal_nothing_is_revoked(approved):
    before = len(leaves(approved))

    done = approved("key", "revoke", "bob", "--since", "2020-01-01", "--as", "alice")

    assert done.code == 2
    assert "add --yes" in done.err
    assert len(leaves(approved)) == before


def test_a_policy_set_that_falls_is_listed(approved, tmp_path: Path):
    run = approved
    run("key", "enrol", "pat", "--role", "policy", "--no-passphrase", "--as", "alice")
    source = tmp_path / "policy.yaml"
    source.write_text(run("policy", "show").out)
    assert run("policy", "sign", source, "--as", "pat").code == 0, run(
        "policy", "sign", source, "--as", "pat"
    ).err

    done = run("key", "revoke", "pat", "--since", "2020-01-01", "--dry-run", "--json")

    assert [(f["type"], f["says"]) for f in done.json["falls"]["records"]] == [("policy-set", "2")]


def test_a_root_signed_with_the_key_is_named_to_be_looked_at(founded):
    founded("key", "enrol", "bob", "--role", "root", "--no-passphrase", "--as", "alice")

    done = founded("key", "revoke", "alice", "--since", "2020-01-01", "--dry-run", "--json")

    assert [f["type"] for f in done.json["falls"]["roots"]] == ["trust-root", "trust-root"]
    assert [f["type"] for f in done.json["falls"]["records"]] == ["policy-set"]
    assert "a root is not unwound" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "yesterday"), "expected YYYY-MM-DD"),
        (("--since", "2026-02-30"), "expected YYYY-MM-DD"),
        (("--since", "2999-01-01"), "is yet to come"),
        (("--since", "2020-01-01", "--reason", "left"), "--since is for a compromised key"),
        (("--since", "2020-01-01", "--from-index", "2"), "--since is for a compromised key"),
        ((), "say why"),
        (("--reason", "tired"), "no reason is called"),
    ],
)
def test_a_revocation_that_cannot_be_is_wrong_usage(asked, words, said):
    done = asked("key", "revoke", "bob", *words, "--as", "alice")

    assert done.code == 2
    assert said in done.err


def test_the_last_root_key_is_not_revoked(founded):
    refused = founded("key", "revoke", "alice", "--reason", "left", "--as", "alice")

    assert refused.code == 1
    assert "nobody could be enrolled or revoked" in refused.err
