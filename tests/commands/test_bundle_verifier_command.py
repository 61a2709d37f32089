"""bundle verifier: prints the one file that verifies bundles without this program."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

import registry.bundle
from tests.commands.conftest import Run

SOURCE = Path(registry.bundle.__file__).with_name("standalone.py")
pytestmark = pytest.mark.skipif(not SOURCE.exists(), reason="the file is not here")


def test_it_prints_the_file_as_it_is(muniment: Run) -> None:
    done = muniment("bundle", "verifier")
    assert (done.code, done.out) == (0, SOURCE.read_text("utf-8"))


def test_it_writes_the_file_and_overwrites_none(muniment: Run, tmp_path: Path) -> None:
    target = tmp_path / "verifier.py"
    assert muniment("bundle", "verifier", "-o", target).code == 0
    assert hashlib.sha256(target.read_bytes()).digest() == hashlib.sha256(SOURCE.read_bytes()).digest()
    again = muniment("bundle", "verifier", "-o", target)
    assert (again.code, "already here" in again.err) == (2, True)


def test_what_it_wrote_verifies_a_bundle_on_its_own(approved: Run, tmp_path: Path) -> None:
    approved("bundle", "export", "credit-risk@7", "-o", tmp_path / "b.zip")
    anchor = approved("bundle", "verify", tmp_path / "b.zip", "--no-remember", "--json").json["record"][
        "anchor"
    ]
    approved("bundle", "verifier", "-o", tmp_path / "verifier.py")
    done = subprocess.run(
        [sys.executable, "-I", "verifier.py", "b.zip", "--anchor", anchor],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PASS" in done.stdout
