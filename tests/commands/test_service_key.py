"""The registry's own service key: dead, it signs nothing; a new one takes its place."""

from pathlib import Path

import pytest

ALICE = ("--as", "alice")


def types(run):
    return [item["type"] for item in run("audit", "log", "--json").json["items"]]


def service(run):
    return next(s["keys"] for s in run("root", "show", "--json").json["services"] if s["id"] == "service")


def problems(run):
    return run("audit", "verify", "--json").json["problems"]


@pytest.mark.parametrize(
    ("stop", "code"),
    [(("suspend", "service"), "KEY_SUSPENDED"), (("revoke", "service", "--reason", "left"), "KEY_REVOKED")],
)
def test_a_dead_service_key_signs_nothing_and_says_so(approved, tmp_path: Path, training_events, stop, code):
    approved("gate", "credit-risk@7", "--env", "production")
    assert approved("key", *stop, *ALICE).code == 0
    sealed = types(approved).count("seal")

    approved("key", "enrol", "zoe", "--role", "owner", "--no-passphrase", *ALICE)
    (tmp_path / "more.jsonl").write_text(training_events.replace("0190b5f0", "0190b5f1"))
    imported = approved("import", "openlineage", tmp_path / "more.jsonl")
    exported = approved("bundle", "export", "credit-risk@7", "-o", tmp_path / "b.zip")

    assert types(approved).count("seal") == sealed
    assert (imported.code, exported.code) == (1, 1)
    assert code in imported.err
    assert code in exported.err
    assert problems(approved) == []


def test_the_registry_signs_with_its_new_key_after_rotation(approved, tmp_path: Path):
    old = service(approved)
    assert approved("gate", "credit-risk@7", "--env", "production").code == 0

    done = approved("key", "rotate", "service", *ALICE, "--json")
    exported = approved("bundle", "export", "credit-risk@7", "-o", tmp_path / "b.zip")

    assert done.code == 0, done.err
    assert done.json["old"] == old[0]
    assert exported.code == 0, exported.err
    assert "seal" in types(approved)
    assert problems(approved) == []


def test_another_services_key_signs_where_it_lies_alone(approved, tmp_path: Path):
    keys = tmp_path / "registry" / "keys"
    assert approved("key", "enrol", "--service", "ci", *ALICE).code == 0
    for name in ("service", "service.pub"):
        (keys / name).unlink()

    exported = approved("bundle", "export", "credit-risk@7", "-o", tmp_path / "b.zip")

    assert exported.code == 0, exported.err
    assert problems(approved) == []


def test_a_revoked_service_key_is_followed_by_a_new_one(approved, tmp_path: Path):
    approved("key", "revoke", "service", "--reason", "left", *ALICE)

    refused = approved("key", "rotate", "service", *ALICE)
    done = approved("key", "add", "service", *ALICE)

    assert "muniment key add service" in refused.err
    assert done.code == 0, done.err
    assert approved("bundle", "export", "credit-risk@7", "-o", tmp_path / "b.zip").code == 0


def test_a_reinstated_service_key_seals_what_waited(approved):
    approved("key", "suspend", "service", *ALICE)
    approved("gate", "credit-risk@7", "--env", "production")
    before = types(approved).count("seal")

    assert approved("key", "reinstate", "service", *ALICE).code == 0
    assert approved("audit", "checkpoint").code == 0

    assert types(approved).count("seal") > before
