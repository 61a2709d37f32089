"""muniment risk: an assessment file in, a tier with its derivation out."""

from pathlib import Path

import pytest

FILE = """\
exposure: 4
purpose: 3
summary: Decides on consumer loans.
modifiers: {opaque: true}
risks:
  - id: R-01
    title: Women are refused more often
    area: fairness
    scenario: intended
    owner: alice
    inherent: {likelihood: 3, impact: 4}
    residual:
      likelihood: 2
      impact: 4
      justification: Thresholds are reviewed each month.
      controls: ["aia:10.2f"]
      acceptor: {who: alice, role: owner, accepted: 2026-11-20}
"""


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "risk.yaml"
        path.write_text(text)
        return path

    return write


def test_without_for_the_tier_is_shown_and_nothing_stored(muniment, file, tmp_path: Path):
    done = muniment("risk", "assess", file(FILE))

    assert done.code == 0
    assert "tier       high" in done.out
    assert "table E4 P3" in done.out
    assert not (tmp_path / "registry").exists()


def test_an_assessment_is_recorded_with_persons_by_id_and_shown_by_name(founded, file, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    founded("register", "credit-risk@7", "--artifact", tmp_path / "model.bin")

    done = founded("risk", "assess", file(FILE), "--for", "credit-risk@7", "--json")
    shown = founded("risk", "show", "credit-risk@7", "--json")

    assert done.code == 0, done.err
    assert (done.json["tier"], done.json["subject"]) == ("high", "retail/credit-risk@7")
    assert shown.json["document"] == done.json["document"]
    (risk,) = shown.json["risks"]
    assert risk["acceptor"]["who"].startswith("p-")
    assert (risk["acceptor"]["name"], risk["owner"]) == ("alice", "alice")
    assert (risk["inherent"]["rating"], risk["residual"]["rating"], risk["effective"]) == (
        "high",
        "medium",
        "high",
    )


def test_the_latest_assessment_is_the_one_shown(founded, file, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    founded("register", "credit-risk@7", "--artifact", tmp_path / "model.bin")
    founded("risk", "assess", file(FILE), "--for", "credit-risk@7")
    founded("risk", "assess", file(FILE.replace("exposure: 4", "exposure: 5")), "--for", "credit-risk@7")

    assert "table E5 P3" in founded("risk", "show", "credit-risk@7").out


def test_somebody_unknown_cannot_accept_a_risk(founded, file, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    founded("register", "credit-risk@7", "--artifact", tmp_path / "model.bin")

    refused = founded(
        "risk", "assess", file(FILE.replace("who: alice", "who: bob")), "--for", "credit-risk@7"
    )

    assert refused.code == 5
    assert "no person is called 'bob'" in refused.err


OVERRIDE = (
    "override: {tier: medium, reason: A pilot., approver: %s, role: risk-approver, expires: 2099-01-01}\n"
)


def test_only_the_approver_can_sign_an_override(founded, file, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    founded("register", "credit-risk@7", "--artifact", tmp_path / "model.bin")
    lowered = file(FILE + OVERRIDE % "alice")

    refused = founded("risk", "assess", lowered, "--for", "credit-risk@7", "--service")
    done = founded("risk", "assess", lowered, "--for", "credit-risk@7", "--json")

    assert refused.code == 1
    assert "sets the tier, so" in refused.err
    assert (done.code, done.json["tier"]) == (0, "medium")


def test_nobody_answers_who_is_not_enrolled(founded, file, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    founded("register", "credit-risk@7", "--artifact", tmp_path / "model.bin")
    stranger = FILE.replace("who: alice", "who: p-0011223344556677")

    refused = founded("risk", "assess", file(stranger), "--for", "credit-risk@7")

    assert refused.code == 1
    assert "risks[0].residual.acceptor: p-0011223344556677 is not enrolled" in refused.err


def test_a_version_without_an_assessment_is_not_found(founded, tmp_path: Path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    founded("register", "credit-risk@7", "--artifact", tmp_path / "model.bin")

    missing = founded("risk", "show", "credit-risk@7")

    assert missing.code == 5
    assert "no risk is assessed" in missing.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "risk.yaml: the file: null is not of type"),
        ("exposure: 4\nexposure: 4", "line 2, column 1: 'exposure' stands twice"),
        (FILE.replace("exposure: 4", "exposure: 40"), "risk.yaml: exposure: 40 is greater than the maximum"),
        (FILE.replace("opaque: true", "opaque: yes"), "modifiers.opaque"),
        (FILE.replace("likelihood: 2", "likelihood: 4"), "more than the inherent"),
    ],
)
def test_a_file_that_is_no_assessment_is_one_line_and_exit_2(muniment, file, text: str, said: str):
    refused = muniment("risk", "assess", file(text))

    assert refused.code == 2
    assert said in refused.err
    assert len(refused.err.splitlines()) <= 2


def test_the_table_can_be_tried(muniment):
    done = muniment(
        *("risk", "tier", "--exposure", 1, "--purpose", 1, "--floor", "gdpr_22", "--json"),
        *("--modifier", "opaque", "--modifier", "complex"),
    )

    assert done.json["tier"] == "high"
    assert [s["tier"] for s in done.json["steps"]] == ["low", "medium", "high"]
