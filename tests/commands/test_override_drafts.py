"""override -o: a rejection ended by two root persons, who read the reason before they sign."""

from pathlib import Path

import pytest

REJECT = ("reject", "credit-risk@7", "--env", "production", "--role", "risk-approver", "--reason", "no")
OVERRIDE = (
    "override",
    "credit-risk@7",
    "--env",
    "production",
    "--reason",
    "the board decided",
    "--as",
    "alice",
)


def key_of(run, tmp_path: Path, name: str):
    people = run("key", "list", "--json").json["items"]
    return tmp_path / "registry" / "keys" / next(p["person"] for p in people if p["name"] == name)


@pytest.fixture
def board(asked, tmp_path: Path):
    """bob rejected; alice and carol hold root, both must sign."""
    run = asked
    assert run(*REJECT, "--as", "bob").code == 0
    assert run("key", "enrol", "carol", "--role", "root", "--no-passphrase", "--as", "alice").code == 0
    assert run("root", "update", "--threshold", "2", "--as", "alice", "-o", tmp_path / "first").code == 0
    assert run("root", "sign", tmp_path / "first", "--key", key_of(run, tmp_path, "carol"), "--yes").code == 0
    assert run("root", "update", tmp_path / "first").code == 0
    return run


def test_two_root_persons_override_by_draft(board, tmp_path: Path):
    draft = tmp_path / "draft"
    alone = board(*OVERRIDE)
    made = board(*OVERRIDE, "-o", draft)
    shown = board("root", "sign", draft)
    early = board("root", "update", draft)
    signed = board("root", "sign", draft, "--key", key_of(board, tmp_path, "carol"), "--yes")
    done = board("root", "update", draft, "--json")

    assert alone.code == 1
    assert made.code == 0, made.err
    assert "overrides the rejection sha256:" in shown.out
    assert "of retail/credit-risk@7 for production" in shown.out
    assert "reason    the board decided" in shown.out
    assert early.code == 1
    assert signed.code == 0, signed.err
    assert done.code == 0, done.err
    assert done.json["items"][0]["type"] == "override"
    assert board("audit", "verify").code == 0


def test_a_reason_that_the_statement_does_not_name_is_refused(board, tmp_path: Path):
    draft = tmp_path / "draft"
    board(*OVERRIDE, "-o", draft)
    lines = draft.read_bytes().split(b"\n", 1)
    head = lines[0].replace(b'"texts":["', b'"texts":["AAAA","')
    draft.write_bytes(head + b"\n" + lines[1])

    refused = board("root", "sign", draft)

    assert refused.code == 1
    assert "DRAFT_MALFORMED" in refused.err
