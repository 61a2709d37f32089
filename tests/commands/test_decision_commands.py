"""request, dossier, approve, reject, withdraw, queue, status: one decision from end to end."""

import hashlib
import json
from pathlib import Path

from registry.acts.actor import Actor
from registry.acts.record import record_document
from registry.registry import open_registry
from schemas.asset import VersionRef

WHERE = ("credit-risk@7", "--env", "production")


def test_the_author_cannot_approve(asked):
    refused = asked("approve", *WHERE, "--role", "risk-approver", "--reason", "mine", "--as", "alice")

    assert refused.code == 1
    assert "SEPARATION_OF_DUTIES" in refused.err


def test_a_role_nobody_granted_cannot_be_used(asked):
    refused = asked("approve", *WHERE, "--role", "validator", "--reason", "fine", "--as", "bob")

    assert refused.code == 1
    assert "ROLE_MISSING" in refused.err


def test_a_refused_decision_leaves_no_record(asked):
    before = asked("audit", "log", "--json").json["items"]

    asked("approve", *WHERE, "--role", "risk-approver", "--reason", "mine", "--as", "alice")

    assert asked("audit", "log", "--json").json["items"] == before


def test_an_approval_prints_the_promised_keys(asked, approve):
    done = approve("--json")

    assert done.code == 0
    assert {"decision", "envelope", "leaf"} <= set(done.json)
    assert done.json["status"] == "valid"


def test_the_dossier_is_printed_byte_for_byte_as_it_was_signed(approved):
    digest = approved("status", *WHERE, "--json").json["items"][0]["dossier"]

    printed = approved("dossier", *WHERE, "--json").out

    assert "sha256:" + hashlib.sha256(printed.encode()).hexdigest() == digest


def test_a_dossier_nobody_asked_about_is_a_draft(asked):
    draft = asked("dossier", "credit-risk@7", "--env", "staging", "--json").json

    assert draft["draft"] is True


def test_without_a_request_there_is_nothing_to_approve(asked):
    refused = asked(
        "approve",
        "credit-risk@7",
        "--env",
        "staging",
        "--role",
        "risk-approver",
        "--reason",
        "x",
        "--as",
        "bob",
    )

    assert refused.code == 1
    assert "muniment request retail/credit-risk@7 --env staging" in refused.err


def test_what_waits_is_listed_until_it_is_decided(asked, approve):
    waiting = asked("queue", "--json").json["items"]
    assert [(i["subject"], i["environment"]) for i in waiting] == [("retail/credit-risk@7", "production")]

    approve()

    assert asked("queue", "--json").json["items"] == []


def test_a_condition_is_shown_in_the_status(asked, approve):
    approve("--condition", "monthly report")

    item = asked("status", *WHERE, "--json").json["items"][0]
    assert item["status"] == "valid-with-conditions"
    assert asked("gate", *WHERE).code == 0


def test_a_rejection_blocks_until_its_signer_takes_it_back(asked):
    asked("reject", *WHERE, "--role", "risk-approver", "--reason", "no", "--as", "bob")
    assert asked("status", *WHERE, "--json").json["items"][0]["version_state"] == "rejected"
    assert asked("gate", *WHERE).code == 1

    taken_back = asked("withdraw", *WHERE, "--reason", "a mistake", "--as", "bob")

    assert taken_back.code == 0
    assert asked("status", *WHERE, "--json").json["items"][0]["version_state"] == "in-review"


def test_a_withdrawn_approval_no_longer_opens_the_gate(approved):
    approved("withdraw", *WHERE, "--reason", "found a fault", "--as", "bob")

    assert approved("gate", *WHERE).code == 1
    assert approved("status", *WHERE, "--json").json["items"][0]["status"] == "revoked"


def test_somebody_without_a_decision_has_nothing_to_withdraw(approved):
    assert approved("withdraw", *WHERE, "--reason", "x", "--as", "alice").code == 5


def test_an_approval_ends_with_its_day(asked, approve):
    refused = approve("--expires", "tomorrow")
    assert refused.code == 2
    assert "YYYY-MM-DD" in refused.err

    approve("--expires", "2099-01-01")
    assert asked("gate", *WHERE).code == 0


def test_late_facts_about_the_training_data_make_the_approval_stale(
    approved, tmp_path: Path, training_events
):
    earlier = json.loads(training_events.splitlines()[1])
    earlier["run"]["runId"] = "0190b5f0-0000-7000-8000-00000000000f"
    earlier["job"]["name"] = "backfill"
    earlier["eventTime"] = "2026-11-20T09:30:00Z"
    (tmp_path / "late.jsonl").write_text(json.dumps(earlier))

    approved("import", "openlineage", tmp_path / "late.jsonl")

    item = approved("status", *WHERE, "--json").json["items"][0]
    assert item["status"] == "stale"
    assert {cause["part"] for cause in item["causes"]} == {"lineage"}
    assert approved("gate", *WHERE).code == 4


def test_facts_about_later_times_change_nothing(approved, tmp_path: Path, training_events):
    later = json.loads(training_events.splitlines()[1])
    later["run"]["runId"] = "0190b5f0-0000-7000-8000-00000000000f"
    later["eventTime"] = "2026-11-21T09:30:00Z"
    (tmp_path / "later.jsonl").write_text(json.dumps(later))

    approved("import", "openlineage", tmp_path / "later.jsonl")

    assert approved("status", *WHERE, "--json").json["items"][0]["status"] == "valid"


def test_evidence_is_listed_with_its_level(asked, tmp_path: Path):
    (tmp_path / "report.md").write_text("validated")
    asked(
        "evidence", "add", tmp_path / "report.md", "--for", "credit-risk@7", "--kind", "validation_report",
        "--as", "alice",
    )  # fmt: skip
    listed = asked("evidence", "list", "credit-risk@7", "--json").json["items"]

    assert [(e["kind"], e["level"]) for e in listed] == [("validation_report", "verified")]


def test_a_new_policy_set_can_ask_for_more_of_the_next_request(approved, tmp_path: Path):
    text = approved("policy", "show", "--json").json["source"]
    (tmp_path / "policy.yaml").write_text(
        text.replace("risk-approver: 1", "risk-approver: 1, validator: 1")
        + "existingApprovals: {reApproveFrom: '2026-01-01T00:00:00Z'}\n"
    )

    signed = approved("policy", "sign", tmp_path / "policy.yaml", "--as", "alice", "--json")

    assert signed.json["version"] == 2
    item = approved("status", *WHERE, "--json").json["items"][0]
    assert item["status"] == "stale"
    assert approved("gate", *WHERE).code == 4


def test_a_policy_set_that_demands_nothing_is_refused(founded, tmp_path: Path):
    (tmp_path / "policy.yaml").write_text("semantics: 1\napproval: []\n")

    refused = founded("policy", "sign", tmp_path / "policy.yaml", "--as", "alice")

    assert refused.code == 2
    assert "the policy set" in refused.err


def test_the_run_is_looked_up_never_guessed(founded, tmp_path: Path):
    (tmp_path / "model.json").write_text("{}")

    refused = founded(
        "register",
        "m@1",
        "--artifact",
        tmp_path / "model.json",
        "--run",
        "0190b5f0-5b6f-7c3a-9a40-1d2f3c4b5a69",
        "--as",
        "alice",
    )

    assert refused.code == 5
    assert "no imported run" in refused.err


def test_a_version_number_is_never_used_twice(asked, tmp_path: Path):
    (tmp_path / "other.json").write_text("[]")

    refused = asked("register", "credit-risk@7", "--artifact", tmp_path / "other.json", "--as", "alice")

    assert refused.code == 2
    assert "was registered before" in refused.err


def test_the_wrong_passphrase_records_nothing(muniment, tmp_path: Path):
    (tmp_path / "right").write_text("right")
    (tmp_path / "wrong").write_text("hunter-7421")
    (tmp_path / "model.json").write_text("{}")
    muniment("init", "--as", "alice", "--passphrase-file", tmp_path / "right")

    refused = muniment(
        "register", "m@1", "--artifact", tmp_path / "model.json", "--passphrase-file", tmp_path / "wrong"
    )

    assert refused.code == 2
    assert "passphrase" in refused.err
    assert "hunter-7421" not in refused.err
    assert muniment("models", "--json").json["items"] == []


def test_an_artifact_that_is_not_there_is_named(founded, tmp_path: Path):
    refused = founded("register", "m@1", "--artifact", tmp_path / "gone.bin", "--as", "alice")

    assert refused.code == 5
    assert "gone.bin: no such file" in refused.err


def test_a_false_document_makes_the_approval_stale_and_stops_no_other_record(approved, tmp_path: Path):
    with open_registry(tmp_path / "registry") as registry:
        service = registry.find_service_key()
        assert service is not None
        predicate = {"attribute": "sex", "rule": "general", "level": "verified"}
        version = VersionRef("retail", "credit-risk", 7)
        record_document(registry, Actor(service), version, "bias-recorded", b'{"groups":[]}', predicate)

    item = approved("status", *WHERE, "--json").json["items"][0]
    assert item["status"] == "stale"
    assert {cause["part"] for cause in item["causes"]} == {"documents"}


def add_report(run, path: Path, *more: object) -> str:
    words = (path, "--for", "credit-risk@7", "--kind", "validation_report", "--as", "alice", "--json")
    done = run("evidence", "add", *words, *more)
    assert done.code == 0, done.err
    digest: str = done.json["evidence"][0]["digest"]
    return digest


def test_withdrawn_evidence_makes_the_approval_stale(asked, approve, tmp_path: Path):
    (tmp_path / "report.md").write_text("validated")
    digest = add_report(asked, tmp_path / "report.md")
    asked("request", *WHERE, "--as", "alice")
    approve()

    done = asked(
        "evidence", "withdraw", digest, "--for", "credit-risk@7", "--reason", "wrong data", "--as", "alice"
    )

    assert done.code == 0, done.err
    item = asked("status", *WHERE, "--json").json["items"][0]
    assert item["status"] == "stale"
    assert {cause["part"] for cause in item["causes"]} == {"evidence"}
    assert asked("gate", *WHERE).code == 4


def test_replaced_evidence_makes_the_approval_stale(asked, approve, tmp_path: Path):
    (tmp_path / "report.md").write_text("validated")
    digest = add_report(asked, tmp_path / "report.md")
    asked("request", *WHERE, "--as", "alice")
    approve()
    (tmp_path / "report.md").write_text("validated again, with other numbers")

    add_report(asked, tmp_path / "report.md", "--replaces", digest)

    assert asked("status", *WHERE, "--json").json["items"][0]["status"] == "stale"


def test_a_run_linked_after_the_request_is_a_change_of_lineage(approved, tmp_path: Path, training_events):
    other = training_events.replace("0190b5f0-5b6f", "0190b5f0-aaaa").replace('"train"', '"retrain"')
    (tmp_path / "more.jsonl").write_text(other)
    approved("import", "openlineage", tmp_path / "more.jsonl")

    done = approved("link", "credit-risk@7", "--run", "0190b5f0-aaaa-7c3a-9a40-1d2f3c4b5a69", "--as", "alice")

    assert done.code == 0, done.err
    item = approved("status", *WHERE, "--json").json["items"][0]
    assert item["status"] == "stale"
    assert {cause["part"] for cause in item["causes"]} == {"lineage"}


def test_a_key_revoked_as_compromised_takes_its_approvals_along(approved):
    seq = approved("audit", "log", "--json").json["items"][-1]["seq"]

    done = approved(
        "key", "revoke", "bob", "--reason", "compromised", "--from-index", seq, "--as", "alice", "--json"
    )

    assert done.code == 0, done.err
    assert approved("gate", *WHERE).code == 1


def test_a_key_that_was_superseded_leaves_its_approvals_standing(approved):
    approved("key", "revoke", "bob", "--reason", "superseded", "--as", "alice")

    assert approved("gate", *WHERE).code == 0


def test_what_changed_since_the_approval_is_listed(approved, tmp_path: Path):
    (tmp_path / "report.md").write_text("validated")
    add_report(approved, tmp_path / "report.md")

    found = approved("changes", *WHERE, "--json").json

    assert found["approved"] is True
    assert [(c["kind"], c["materiality"]) for c in found["added"]] == [("evidence added", "noted")]
    assert approved("gate", *WHERE).code == 0
