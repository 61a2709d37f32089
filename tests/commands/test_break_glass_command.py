"""break-glass and override: signed by a person, said aloud by every command that answers."""

import pytest

WHERE = ("credit-risk@7", "--env", "production")
POLICY = """semantics: 1
approval:
  - roles: {risk-approver: 1}
    breakGlass: {roles: [risk-approver, owner], maxHours: 24}
checks: []
"""
BREAK = ("break-glass", *WHERE, "--role", "risk-approver", "--reason", "the old model is down")


@pytest.fixture
def breakable(asked, tmp_path):
    """The registry of `asked`, under a policy set that lets risk approvers break the glass for a day."""
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY)
    done = asked("policy", "sign", file, "--as", "alice")
    assert done.code == 0, done.err
    return asked


def test_a_denied_version_goes_through_in_somebodys_name(breakable):
    assert breakable("gate", *WHERE).code == 1
    done = breakable(*BREAK, "--hours", 4, "--as", "bob")

    answer = breakable("gate", *WHERE)

    assert done.code == 0, done.err
    assert answer.code == 0
    assert "BREAK GLASS until " in answer.out
    assert "by bob as risk-approver (leaf " in answer.out
    assert "0 of 1 risk-approver approved" in answer.out


def test_an_author_may_and_every_answer_says_that_it_was_the_author(breakable):
    done = breakable(*BREAK[:4], "--role", "owner", *BREAK[6:], "--hours", 4, "--as", "alice")

    answer = breakable("gate", *WHERE)

    assert done.code == 0, done.err
    assert "its own author broke it, and every answer says so" in done.out
    assert answer.code == 0
    assert "by alice as owner, its author (leaf " in answer.out


def test_the_doctor_names_a_glass_until_it_is_ended(breakable):
    breakable(*BREAK, "--hours", 4, "--as", "bob")
    broken = [i for i in breakable("doctor", "--json").json["items"] if i["check"] == "glass"]
    breakable("withdraw", *WHERE, "--break-glass", "--reason", "it is over", "--as", "bob")
    ended = [i for i in breakable("doctor", "--json").json["items"] if i["check"] == "glass"]

    assert [i["todo"] for i in broken] == [True]
    assert broken[0]["message"].startswith("retail/credit-risk@7 for production: BREAK GLASS until ")
    assert "by bob as risk-approver" in broken[0]["message"]
    assert broken[0]["next"].startswith("muniment approve retail/credit-risk@7 --env production")
    assert ended == [
        {"check": "glass", "todo": False, "message": "no broken glass lets anything through", "next": ""}
    ]


def test_it_prints_what_scripts_need(breakable):
    done = breakable(*BREAK, "--hours", 4, "--as", "bob", "--json").json

    assert set(done) == {
        "decision",
        "subject",
        "environment",
        "role",
        "expires_at",
        "by_author",
        "envelope",
        "leaf",
        "status",
    }
    assert done["status"] == "none"


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--hours", 25, "--as", "bob"), 1, "longer than 24 hours"),
        (("--hours", 0, "--as", "bob"), 2, "--hours takes 1 to 720"),
        (("--hours", -3, "--as", "bob"), 2, "--hours takes 1 to 720"),
        (("--hours", 721, "--as", "bob"), 2, "--hours takes 1 to 720"),
        (("--hours", "soon", "--as", "bob"), 2, "not a valid integer"),
        (("--hours", 4, "--as", "bob", "--role", "owner"), 1, "ROLE_MISSING"),
        (("--hours", 4, "--as", "bob", "--role", "root"), 1, "ROLE_MISSING"),
        (("--hours", 4, "--as", "bob", "--reason", " "), 2, "reason is empty"),
        (("--hours", 4, "--as", "bob", "--env", "Production!"), 2, "environment"),
    ],
)
def test_what_may_not_be_is_refused_and_leaves_no_record(breakable, more, code, said):
    before = breakable("audit", "log", "--json").json["items"]

    refused = breakable(*BREAK, *more)

    assert (refused.code, said in refused.err) == (code, True), refused.err
    assert breakable("audit", "log", "--json").json["items"] == before


def test_under_the_starter_policy_set_nobody_may(asked):
    refused = asked(*BREAK, "--hours", 4, "--as", "bob")

    assert refused.code == 1
    assert "BREAK_GLASS_REFUSED" in refused.err
    assert "muniment policy show" in refused.err


def test_its_signer_ends_it(breakable):
    breakable(*BREAK, "--hours", 4, "--as", "bob")

    ended = breakable("withdraw", *WHERE, "--break-glass", "--reason", "over", "--as", "bob")

    assert ended.code == 0, ended.err
    assert breakable("gate", *WHERE).code == 1


def test_nobody_else_has_one_to_end(breakable):
    breakable(*BREAK, "--hours", 4, "--as", "bob")

    refused = breakable("withdraw", *WHERE, "--break-glass", "--reason", "over", "--as", "alice")

    assert refused.code == 5
    assert breakable("gate", *WHERE).code == 0


def test_over_a_rejection_it_takes_an_override(breakable):
    breakable("reject", *WHERE, "--role", "risk-approver", "--reason", "no", "--as", "bob")
    refused = breakable(*BREAK, "--hours", 4, "--as", "alice")
    overridden = breakable("override", *WHERE, "--reason", "the board decided", "--as", "alice", "--json")
    done = breakable(*BREAK, "--hours", 4, "--as", "alice")

    assert "BREAK_GLASS_REFUSED" in refused.err
    assert overridden.json["decision"] == "override"
    assert done.code == 0, done.err
    assert breakable("gate", *WHERE).code == 0


def test_an_override_needs_a_rejection_that_stands(asked):
    none = asked("override", *WHERE, "--reason", "the board decided", "--as", "alice")
    asked("reject", *WHERE, "--role", "risk-approver", "--reason", "no", "--as", "bob")
    other = asked("override", *WHERE, "--decision", "sha256:" + "0" * 64, "--reason", "x", "--as", "alice")
    bad = asked("override", *WHERE, "--decision", "yesterday", "--reason", "x", "--as", "alice")

    assert (none.code, other.code, bad.code) == (5, 5, 2)


def test_who_does_not_hold_the_root_overrides_nothing(asked):
    asked("reject", *WHERE, "--role", "risk-approver", "--reason", "no", "--as", "bob")

    refused = asked("override", *WHERE, "--reason", "I changed my mind", "--as", "bob")

    assert refused.code == 1
    assert "ROLE_MISSING" in refused.err


def test_two_rejections_are_told_apart_by_their_envelopes(asked):
    asked("key", "enrol", "carol", "--role", "risk-approver", "--no-passphrase", "--as", "alice")
    for who in ("bob", "carol"):
        asked("reject", *WHERE, "--role", "risk-approver", "--reason", "no", "--as", who)
    unnamed = asked("override", *WHERE, "--reason", "x", "--as", "alice")
    digest = next(w for w in unnamed.err.split() if w.startswith("sha256:"))
    named = asked("override", *WHERE, "--decision", digest, "--reason", "x", "--as", "alice")

    assert unnamed.code == 2
    assert "by bob" in unnamed.err
    assert "by carol" in unnamed.err
    assert named.code == 0, named.err


def test_every_command_that_answers_says_it_aloud(breakable):
    done = breakable(*BREAK, "--hours", 4, "--as", "bob", "--json").json
    said = f"BREAK GLASS until {done['expires_at']} by bob as risk-approver (leaf {done['leaf']})"

    assert f"! retail/credit-risk@7 for production: {said}" in breakable("status").out
    assert f"! retail/credit-risk@7 for production: {said}" in breakable("queue").out
    assert f"  {said}:" in breakable("gate", *WHERE).out
    assert f"noted: {said}: live" in breakable("dossier", *WHERE).err
    assert f"noted   exception added: {said}: live" in breakable("changes", *WHERE).out
    assert f"BREAK GLASS as risk-approver for production until {done['expires_at']}" in "\n".join(
        row["summary"] for row in breakable("audit", "log", "--json").json["items"]
    )


def test_scripts_read_it_where_they_read_the_status(breakable):
    done = breakable(*BREAK, "--hours", 4, "--as", "bob", "--json").json

    status = breakable("status", *WHERE, "--json").json["items"][0]
    queue = breakable("queue", "--json").json

    answer = breakable("gate", *WHERE, "--json").json

    assert status["status"] == "none"
    assert status["verdict"] == answer["verdict"] == "allow"
    assert status["alarm"] == answer["alarm"]
    assert [(e["kind"], e["state"], e["name"], e["until"], e["reason"]) for e in status["exceptions"]] == [
        ("break-glass", "live", "bob", done["expires_at"], "the old model is down")
    ]
    assert [a["alarm"] for a in queue["attention"]] == [status["alarm"]]


def test_once_over_it_is_history_and_no_alarm(breakable):
    breakable(*BREAK, "--hours", 4, "--as", "bob")
    breakable("withdraw", *WHERE, "--break-glass", "--reason", "over", "--as", "bob")

    assert "! retail" not in breakable("status").out + breakable("queue").out
    assert breakable("status", *WHERE, "--json").json["items"][0]["alarm"] is None
    assert "as risk-approver (leaf 8): ended" in breakable("status", *WHERE).out


def test_an_overridden_rejection_is_told(asked):
    asked("reject", *WHERE, "--role", "risk-approver", "--reason", "no", "--as", "bob")
    asked("override", *WHERE, "--reason", "the board decided", "--as", "alice")

    assert "the rejection by bob as risk-approver (leaf 7) was overridden" in asked("status", *WHERE).out
    assert "REJECTION OVERRIDDEN for production" in "\n".join(
        row["summary"] for row in asked("audit", "log", "--json").json["items"]
    )


def test_a_draft_of_an_override_comes_too_late_for_a_rejection_taken_back(asked, tmp_path):
    asked("reject", *WHERE, "--role", "risk-approver", "--reason", "no", "--as", "bob")
    asked("override", *WHERE, "--reason", "the board decided", "--as", "alice", "-o", tmp_path / "draft")
    asked("withdraw", *WHERE, "--reason", "a mistake", "--as", "bob")

    refused = asked("root", "update", tmp_path / "draft")

    assert refused.code == 1
    assert "SUBJECT_MISMATCH" in refused.err


def test_reasons_of_several_environments_are_told_apart(breakable):
    breakable("break-glass", "credit-risk@7", "--env", "staging", *BREAK[4:], "--hours", 1, "--as", "bob")

    told = breakable("status", "credit-risk@7").out

    assert told.index("\nproduction:") < told.index("\nstaging:") < told.index("(leaf 8): live")
