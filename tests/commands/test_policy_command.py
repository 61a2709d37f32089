"""policy check names every fault; policy sign goes one version on, and on again after a void one."""

import pytest

GOOD = "semantics: 1\napproval: [{roles: {risk-approver: 1}}]\n"
BAD = "semantics: 1\napproval:\n  - roles: {risk-approver: 0}\n    maxAgeDays: 0\n"


@pytest.fixture
def written(tmp_path):
    """Write a policy set to a file."""

    def write(text):
        (tmp_path / "policy.yaml").write_text(text)
        return tmp_path / "policy.yaml"

    return write


def test_each_fault_is_a_line(founded, written):
    checked = founded("policy", "check", written(BAD))

    assert checked.code == 2
    assert checked.out.splitlines() == [
        "line 3  approval[0].roles: expected `int` >= 1",
        "line 4  approval[0].maxAgeDays: expected `int` >= 1",
    ]
    assert "2 faults" in checked.err


def test_faults_are_read_by_scripts(founded, written):
    checked = founded("policy", "check", written(BAD), "--json")

    assert (checked.code, checked.json["faults"][0]) == (
        2,
        {"path": "approval[0].roles", "line": 3, "message": "expected `int` >= 1"},
    )
    assert founded("policy", "check", written(GOOD), "--json").json == {
        "faults": [],
        "approval": 1,
        "checks": [],
    }


def test_a_faulty_set_is_not_signed(founded, written):
    refused = founded("policy", "sign", written(BAD), "--as", "alice")

    assert refused.code == 2
    assert "approval[0].roles, line 3: expected `int` >= 1" in refused.err
    assert founded("policy", "show", "--json").json["version"] == 1


def test_a_set_that_names_another_version_is_not_signed(founded, written):
    refused = founded("policy", "sign", written(GOOD + "version: 9"), "--as", "alice")
    signed = founded("policy", "sign", written(GOOD + "version: 2"), "--as", "alice", "--json")

    assert (refused.code, signed.json["version"]) == (2, 2)
    assert "the next policy set is version 2, found 9" in refused.err


def test_after_a_void_set_the_next_has_the_number_behind_it(founded, written):
    enrolled = founded("key", "enrol", "paul", "--role", "policy", "--no-passphrase", "--as", "alice")
    assert enrolled.code == 0, enrolled.err
    signed = founded("policy", "sign", written(GOOD), "--as", "paul", "--json").json
    revoked = founded(
        "key", "revoke", "paul", "--reason", "compromised", "--from-index", signed["leaf"], "--as", "alice"
    )
    assert revoked.code == 0, revoked.err

    again = founded("policy", "sign", written(GOOD), "--as", "alice", "--json")

    assert again.code == 0, again.err
    assert again.json["version"] == 3
