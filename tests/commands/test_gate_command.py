"""muniment gate: denies by default, and its exit code is an API."""

import json
from pathlib import Path

from registry.registry import open_registry

GATE = ("gate", "credit-risk@7", "--env", "production")


def test_an_approved_version_is_allowed(approved):
    answer = approved(*GATE, "--json")

    assert answer.code == 0
    assert answer.json["verdict"] == "allow"
    assert answer.json["status"] == "valid"
    assert {"verdict", "status", "basis", "checks", "next"} <= set(answer.json)


def test_a_version_without_a_decision_is_denied(asked):
    answer = asked(*GATE, "--json")

    assert answer.code == 1
    assert answer.json["verdict"] == "deny"


def test_an_approval_for_one_environment_says_nothing_about_another(approved):
    assert approved("gate", "credit-risk@7", "--env", "staging").code == 1


def test_an_unknown_version_is_exit_5(approved):
    answer = approved("gate", "credit-risk@8", "--env", "production")

    assert answer.code == 5
    assert "retail/credit-risk@8 is not registered here" in answer.err


def test_the_registered_bytes_are_recognised_without_a_name(approved, tmp_path: Path):
    answer = approved("gate", "--artifact", tmp_path / "model.json", "--env", "production", "--json")

    assert answer.code == 0
    assert answer.json["subject"] == "retail/credit-risk@7"


def test_other_bytes_under_the_right_name_are_denied(approved, tmp_path: Path):
    (tmp_path / "other.json").write_text("{}")

    answer = approved(*GATE, "--artifact", tmp_path / "other.json", "--json")

    assert answer.code == 1
    assert "ARTIFACT_MISMATCH" in answer.json["why"][0]


def test_bytes_nobody_registered_are_exit_5(approved, tmp_path: Path):
    (tmp_path / "other.json").write_text("{}")

    assert approved("gate", "--artifact", tmp_path / "other.json", "--env", "production").code == 5


def test_bytes_of_several_versions_need_a_name(approved, tmp_path: Path):
    approved("register", "twin@1", "--artifact", tmp_path / "model.json", "--as", "alice")

    answer = approved("gate", "--artifact", tmp_path / "model.json", "--env", "production")

    assert answer.code == 2
    assert "retail/credit-risk@7, retail/twin@1" in answer.err


def test_nothing_to_ask_about_is_wrong_usage(approved):
    assert approved("gate", "--env", "production").code == 2


def test_a_missing_registry_says_how_to_make_one(muniment):
    answer = muniment(*GATE)

    assert answer.code == 6
    assert "muniment init" in answer.err


def test_every_answer_waits_in_the_inbox_and_is_sealed_by_the_next_writer(approved, tmp_path: Path):
    first = approved(*GATE, "--json")
    assert first.json["unsealed"]["items"] == 0

    second = approved(*GATE, "--json")
    assert second.json["unsealed"]["items"] == 1

    approved("audit", "checkpoint")
    third = approved(*GATE, "--json")

    assert third.json["unsealed"]["items"] == 0
    types = [row["type"] for row in approved("audit", "log", "--json").json["items"]]
    assert "seal" in types


def test_a_receipt_that_was_altered_in_the_inbox_is_never_sealed(approved, tmp_path: Path):
    answer = approved(*GATE, "--json")
    receipt = json.loads(answer.json["receipt"])
    with open_registry(tmp_path / "registry") as registry:
        registry.connection.execute("BEGIN")
        forged = json.dumps({**receipt, "status": "none", "verdict": "deny"}, separators=(",", ":"))
        digest = registry.ledger.put_body(forged.encode())
        registry.inbox.put("receipts", digest, registry.clock())
        registry.connection.execute("COMMIT")

    approved("audit", "checkpoint")

    with open_registry(tmp_path / "registry") as registry:
        states = registry.connection.execute("SELECT state FROM inbox ORDER BY id").fetchall()
    assert states == [("sealed",), ("quarantined",)]


def test_asking_leaves_no_trace_when_told_so(approved):
    approved(*GATE, "--no-record")

    assert approved(*GATE, "--json").json["unsealed"]["items"] == 0


def test_the_whole_log_gives_the_same_answer_as_the_subjects_own_records(approved):
    by_subject, by_all = approved(*GATE, "--json").json, approved(*GATE, "--full", "--json").json

    assert (by_subject["basis"], by_all["basis"]) == ("subject-fold", "full-fold")
    assert by_subject["verdict"] == by_all["verdict"] == "allow"


def test_an_approval_beyond_the_signed_head_is_unproven(approved, tmp_path: Path):
    # Somebody without the log key appends: the approval lies in the unsigned tail.
    log_key = tmp_path / "registry" / "keys" / "log"
    hidden = log_key.rename(tmp_path / "log-key-elsewhere")
    where = ("credit-risk@7", "--env", "staging")
    approved("request", *where, "--as", "alice")
    approved("approve", *where, "--role", "risk-approver", "--reason", "fine", "--as", "bob")

    answer = approved("gate", *where, "--json")

    assert answer.code == 3
    assert answer.json["verdict"] == "unproven"
    assert answer.json["next"] == ["muniment audit checkpoint"]

    hidden.rename(log_key)
    approved("audit", "checkpoint")
    assert approved("gate", *where).code == 0
