"""Every answer says how many items wait for a seal and for how long; a policy set may set a limit."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.acts.audit import sign_checkpoint
from registry.acts.gate import answer_gate, keep_receipt
from registry.acts.seals import RECEIPTS
from registry.acts.unsealed import Unsealed, read_unsealed
from registry.registry import open_registry
from schemas.asset import parse_version_ref
from schemas.errors import StoreError

WHERE = ("credit-risk@7", "--env", "production")
REF = parse_version_ref("retail/credit-risk@7", namespace="main")
POLICY = """semantics: 1
approval:
  - roles: {risk-approver: 1}
checks: []
existingApprovals: newRequests
maxUnsealedAge: 1h
"""


@pytest.fixture
def limited(approved, tmp_path):
    """credit-risk@7 approved; what waits for a seal may wait an hour."""
    (tmp_path / "policy.yaml").write_text(POLICY)
    assert approved("policy", "sign", tmp_path / "policy.yaml", "--as", "alice").code == 0
    return approved


def ask(tmp_path, hours):
    """Ask the gate that many hours from now."""
    later = datetime.now(UTC) + timedelta(hours=hours)
    with open_registry(tmp_path / "registry", clock=lambda: later) as registry:
        answer = answer_gate(registry, REF, None, "production")
        assert keep_receipt(registry, answer)
    return answer


@pytest.mark.parametrize("command", ["gate", "status", "queue"])
def test_an_answer_says_what_waits_and_how_long(approved, command):
    approved("gate", *WHERE)
    words = () if command == "queue" else WHERE

    said = approved(command, *words)

    assert "1 item waits for a seal, the oldest for " in said.out
    assert approved(command, *words, "--json").json["unsealed"]["items"] >= 1


def test_nothing_waiting_is_said_as_well(approved):
    assert "0 items wait for a seal" in approved("queue").out
    assert approved("status", "--json").json["unsealed"] == {"items": 0, "since": None, "age_seconds": None}


def test_beyond_the_limit_the_gate_proves_nothing(limited, tmp_path):
    ask(tmp_path, 0)

    early, late = ask(tmp_path, 0.9), ask(tmp_path, 1.1)

    assert (early.verdict, early.exit_code) == ("allow", 0)
    assert (late.verdict, late.status, late.exit_code) == ("unproven", "valid", 3)
    assert late.why[0].startswith("unsealed since 20")
    assert late.why[0].endswith(": the policy set in force allows 1h")
    assert late.next == ("muniment audit checkpoint",)


def test_a_denial_stays_a_denial(limited, tmp_path):
    limited("withdraw", *WHERE, "--reason", "a fault", "--as", "bob")
    ask(tmp_path, 0)

    assert ask(tmp_path, 5).verdict == "deny"


def test_the_receipt_of_such_an_answer_is_decided_again_and_sealed(limited, tmp_path):
    ask(tmp_path, 0)
    ask(tmp_path, 2)

    later = datetime.now(UTC) + timedelta(hours=3)
    with open_registry(tmp_path / "registry", clock=lambda: later) as registry:
        sign_checkpoint(registry)
        kept = registry.connection.execute(
            "SELECT kind, state, count(*) FROM inbox GROUP BY kind, state"
        ).fetchall()
        unsealed = read_unsealed(registry)
        assert answer_gate(registry, REF, None, "production").verdict == "allow"

    assert kept == [(RECEIPTS, "sealed", 2)]
    assert unsealed == Unsealed(0, None, None)


def test_a_time_that_is_none_is_damage_in_words(approved, tmp_path):
    approved("gate", *WHERE)
    with open_registry(tmp_path / "registry") as registry:
        registry.connection.execute("UPDATE inbox SET received_at = 'long ago'")
        with pytest.raises(StoreError, match="which is no time"):
            read_unsealed(registry)

    assert approved("gate", *WHERE).code == 6


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7_200, "2 h"), (172_800, "2 d")]
)
def test_an_age_is_said_in_the_unit_that_fits(seconds, words):
    told = str(Unsealed(3, "2026-11-23T10:00:00Z", seconds))

    assert told == f"3 items wait for a seal, the oldest for {words} (since 2026-11-23T10:00:00Z)"
