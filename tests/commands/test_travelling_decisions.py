"""dossier --packet, approve --packet, decision submit: a decision made where no registry is."""

import base64
import json
import shutil
from pathlib import Path

import msgspec
import pytest

from registry.bundle.packet import build_decision, read_decision, read_packet
from registry.signing.keyfile import PrivateKey
from registry.trust.dsse import sign_statement
from schemas.errors import VerificationError

WHERE = ("credit-risk@7", "--env", "production")
ROLE = ("--role", "risk-approver")


@pytest.fixture
def packet(asked, tmp_path: Path) -> Path:
    """The open dossier of credit-risk@7, carried out."""
    done = asked("dossier", *WHERE, "--packet", tmp_path / "packet.zip")
    assert done.code == 0, done.err
    return tmp_path / "packet.zip"


@pytest.fixture
def key_of(asked, tmp_path: Path):
    """A copy of somebody's key, away from the registry."""
    people = {i["name"]: i["person"] for i in asked("key", "list", "--json").json["items"]}

    def copied(name: str) -> Path:
        target = tmp_path / f"{name}.key"
        shutil.copy2(tmp_path / "registry" / "keys" / people[name], target)
        return target

    return copied


@pytest.fixture
def far(asked, packet, key_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Decide on the packet as bob with no registry in reach, and return the file to submit."""
    bob = key_of("bob")

    def decide(decision="approve", key=bob, output="decision.json", *more):
        with monkeypatch.context() as elsewhere:
            elsewhere.setenv("MUNIMENT_REGISTRY", str(tmp_path / "no-registry-here"))
            return asked(
                decision, "--packet", packet, *ROLE, "--reason", "the numbers hold", "--key", key,
                "-o", tmp_path / output, "--json", *more,
            )  # fmt: skip

    return decide


def leaves(run) -> int:
    return len(run("audit", "log", "--json").json["items"])


def test_a_decision_signed_far_away_grants_the_approval(asked, far, tmp_path: Path):
    signed = far()
    assert signed.code == 0, signed.err

    done = asked("decision", "submit", tmp_path / "decision.json", "--json")

    assert done.code == 0, done.err
    assert {"decision", "envelope", "leaf", "receipt"} <= set(done.json)
    assert done.json["status"] == "valid"
    assert asked("gate", *WHERE).code == 0


def test_the_reviewer_is_shown_the_dossier_that_is_signed(asked, far):
    digest = asked("queue", "--json").json["items"][0]["dossier"]

    signed = far()

    assert signed.json["dossier"] == digest
    assert '"evaluatedAt"' in signed.err
    assert '"reviewer"' in signed.err


def test_the_receipt_is_good_without_the_registry(asked, far, tmp_path: Path):
    far()
    asked("decision", "submit", tmp_path / "decision.json", "--receipt", tmp_path / "mine.tlog-proof")
    key = asked("root", "show", "--json").json["log_keys"][0]
    envelope = read_decision((tmp_path / "decision.json").read_bytes()).data
    (tmp_path / "envelope").write_bytes(envelope)
    shutil.rmtree(tmp_path / "registry")

    done = asked(
        "audit", "verify-proof", tmp_path / "mine.tlog-proof", "--key", key, "--record", tmp_path / "envelope"
    )

    assert done.code == 0, done.err


def test_the_reason_comes_back_with_the_decision(asked, far, tmp_path: Path):
    far()
    asked("decision", "submit", tmp_path / "decision.json")

    bodies = read_decision((tmp_path / "decision.json").read_bytes()).bodies

    assert [body[16:].decode() for body in bodies] == ["the numbers hold"]


def test_a_rejection_travels_too(asked, far, tmp_path: Path):
    assert far("reject").code == 0

    asked("decision", "submit", tmp_path / "decision.json")

    assert asked("status", *WHERE, "--json").json["items"][0]["version_state"] == "rejected"


def test_a_decision_is_recorded_once(asked, far, tmp_path: Path):
    far()
    asked("decision", "submit", tmp_path / "decision.json")
    before = leaves(asked)

    again = asked("decision", "submit", tmp_path / "decision.json")

    assert again.code == 2
    assert "recorded already" in again.err
    assert leaves(asked) == before


def test_another_registry_refuses_it(asked, far, tmp_path: Path, monkeypatch):
    far()
    monkeypatch.setenv("MUNIMENT_REGISTRY", str(tmp_path / "other"))
    asked("init", "--as", "eve", "--no-passphrase")

    refused = asked("decision", "submit", tmp_path / "decision.json")

    assert refused.code == 1
    assert "APPROVAL_OTHER_REGISTRY" in refused.err
    assert "submit it where its packet came from" in refused.err


def test_a_dossier_that_was_closed_meanwhile_is_named(asked, far, tmp_path: Path):
    far()
    (tmp_path / "note.md").write_text("a finding")
    asked(
        "evidence",
        "add",
        tmp_path / "note.md",
        "--for",
        "credit-risk@7",
        "--kind",
        "validation_report",
        "--as",
        "alice",
    )
    assert asked("request", *WHERE, "--as", "alice").code == 0
    before = leaves(asked)

    refused = asked("decision", "submit", tmp_path / "decision.json")

    assert refused.code == 1
    assert "DOSSIER_CLOSED" in refused.err
    assert leaves(asked) == before


def test_a_dossier_that_changed_meanwhile_is_named(asked, far, tmp_path: Path, training_events):
    far()
    earlier = json.loads(training_events.splitlines()[1])
    earlier["run"]["runId"] = "0190b5f0-0000-7000-8000-00000000000f"
    earlier["job"]["name"] = "backfill"
    earlier["eventTime"] = "2026-11-20T09:30:00Z"
    (tmp_path / "late.jsonl").write_text(json.dumps(earlier))
    asked("import", "openlineage", tmp_path / "late.jsonl")

    refused = asked("decision", "submit", tmp_path / "decision.json")

    assert refused.code == 1
    assert "DOSSIER_CHANGED" in refused.err


def test_a_stranger_cannot_sign_a_packet(asked, far, tmp_path: Path):
    asked("key", "new", tmp_path / "stranger", "--no-passphrase")

    refused = far("approve", tmp_path / "stranger")

    assert refused.code == 1
    assert "SIGNER_UNKNOWN" in refused.err
    assert not (tmp_path / "decision.json").exists()


def test_an_author_who_signs_far_away_is_refused_at_home(asked, far, key_of, tmp_path: Path):
    assert far("approve", key_of("alice")).code == 0

    refused = asked("decision", "submit", tmp_path / "decision.json")

    assert refused.code == 1
    assert "SEPARATION_OF_DUTIES" in refused.err


def test_a_key_that_was_revoked_meanwhile_does_not_count(asked, far, tmp_path: Path):
    far()
    asked("key", "revoke", "bob", "--reason", "left", "--as", "alice")
    before = leaves(asked)

    refused = asked("decision", "submit", tmp_path / "decision.json")

    assert refused.code == 1
    assert leaves(asked) == before


def test_another_reason_cannot_be_put_beside_a_signature(asked, far, tmp_path: Path):
    far()
    decision = read_decision((tmp_path / "decision.json").read_bytes())
    (tmp_path / "forged").write_bytes(build_decision(decision.data, (b"0" * 16 + b"another reason",)))

    refused = asked("decision", "submit", tmp_path / "forged")

    assert refused.code == 1
    assert "DECISION_MALFORMED" in refused.err


@pytest.mark.parametrize("member", ["environment", "decision", "reviewer", "role", "logContext", "decidedAt"])
def test_a_decision_that_lacks_a_member_is_refused_in_words(asked, far, tmp_path: Path, member):
    far()
    decision = read_decision((tmp_path / "decision.json").read_bytes())
    predicate = {k: v for k, v in decision.statement.predicate.items() if k != member}
    statement = msgspec.structs.replace(decision.statement, predicate=predicate)
    data = sign_statement(statement, PrivateKey.generate()).to_bytes()
    (tmp_path / "forged").write_bytes(build_decision(data, decision.bodies))

    refused = asked("decision", "submit", tmp_path / "forged")

    assert refused.code == 1
    assert "PREDICATE_MALFORMED" in refused.err


def test_a_decision_over_another_history_is_refused(asked, far, tmp_path: Path):
    far()
    decision = read_decision((tmp_path / "decision.json").read_bytes())
    seen = {**decision.statement.predicate["logContext"], "rootHash": base64.b64encode(b"0" * 32).decode()}
    statement = msgspec.structs.replace(
        decision.statement, predicate={**decision.statement.predicate, "logContext": seen}
    )
    data = sign_statement(statement, PrivateKey.generate()).to_bytes()
    (tmp_path / "forged").write_bytes(build_decision(data, decision.bodies))

    refused = asked("decision", "submit", tmp_path / "forged")

    assert refused.code == 1
    assert "LOG_CONTEXT_FORK" in refused.err


def test_a_changed_signature_is_refused(asked, far, tmp_path: Path):
    far()
    decision = read_decision((tmp_path / "decision.json").read_bytes())
    value = json.loads(decision.data)
    sig = bytearray(base64.b64decode(value["signatures"][0]["sig"]))
    sig[40] ^= 1
    value["signatures"][0]["sig"] = base64.b64encode(sig).decode()
    data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    (tmp_path / "forged").write_bytes(build_decision(data, decision.bodies))
    before = leaves(asked)

    refused = asked("decision", "submit", tmp_path / "forged")

    assert refused.code == 1
    assert leaves(asked) == before


def test_no_changed_packet_is_read(packet):
    data = packet.read_bytes()
    read_packet(data)
    for at in range(0, len(data), max(1, len(data) // 400)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises(VerificationError):
            read_packet(bytes(changed))


def test_a_packet_for_something_else_is_not_signed_by_mistake(asked, packet, key_of, tmp_path: Path):
    refused = asked(
        "approve", "credit-risk@8", "--packet", packet, *ROLE, "--reason", "x", "--key", key_of("bob"),
        "-o", tmp_path / "d",
    )  # fmt: skip

    assert refused.code == 1
    assert "the packet is about retail/credit-risk@7 for production" in refused.err


def test_a_packet_needs_a_key_and_a_place_to_write(asked, packet):
    assert asked("approve", "--packet", packet, *ROLE, "--reason", "x").code == 2
    assert asked("approve", *ROLE, "--reason", "x", "--as", "bob").code == 2


def test_without_a_request_there_is_no_packet(asked, tmp_path: Path):
    refused = asked("dossier", "credit-risk@7", "--env", "staging", "--packet", tmp_path / "p")

    assert refused.code == 1
    assert not (tmp_path / "p").exists()
