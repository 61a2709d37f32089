"""What a person is told when the machine says no: one line, the right code, a next step."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_without_a_terminal_the_screens_say_what_to_use_instead(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "tui", "demo", "--dir", str(tmp_path / "registry")],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert "demo --headless" in done.stderr
    assert not (tmp_path / "registry").exists()


def test_a_bundle_is_not_written_where_there_is_no_folder(approved, tmp_path: Path):
    refused = approved("bundle", "export", "credit-risk@7", "-o", tmp_path / "nowhere" / "x.zip")

    assert refused.code == 6
    assert "no such file" in refused.err
    assert "internal error" not in refused.err


def test_a_head_before_the_version_was_registered_is_refused(approved, tmp_path: Path):
    refused = approved("bundle", "export", "credit-risk@7", "-o", tmp_path / "x.zip", "--head", 2)

    assert refused.code == 5
    assert "was not registered yet" in refused.err


@pytest.mark.parametrize("name", ["pro duction", "", "a;b", "../x"])
def test_an_environment_has_a_plain_name(approved, name):
    refused = approved("gate", "credit-risk@7", "--env", name)

    assert refused.code == 2
    assert "is no environment" in refused.err


def test_a_decision_that_has_expired_already_is_not_signed(approve):
    refused = approve("--expires", "2020-01-01")

    assert refused.code == 2
    assert "a day that is still to come" in refused.err


def test_a_database_url_is_not_taken_for_a_folder(muniment, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    refused = muniment("--registry", "postgresql://localhost/x", "init", "--no-passphrase")

    assert refused.code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_cut_trail_says_that_it_is_cut(approved):
    cut = approved("audit", "log", "--limit", 2)
    whole = approved("audit", "log", "--json").json

    assert "more: --after 1" in cut.out
    assert whole["more"] is False
    assert whole["size"] == len(whole["items"])


@pytest.mark.parametrize("number", ["99999999999999999999", "-5"])
def test_numbers_beyond_the_log_are_wrong_usage(approved, number):
    assert approved("audit", "log", "--after", number).code == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_registry_is_not_called_busy(approved, tmp_path: Path):
    (tmp_path / "registry" / "registry.db").chmod(0o400)

    refused = approved("audit", "checkpoint")

    assert refused.code == 6
    assert "permissions" in refused.err
