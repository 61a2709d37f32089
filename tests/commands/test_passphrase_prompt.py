"""A passphrase is asked on the terminal without being shown; nothing but a person types it."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from registry.signing import keyfile
from schemas.errors import Usage

SECRET = "correct horse battery staple"


def typed(tmp_path: Path, *words: object, answers: tuple[str, ...]) -> tuple[int, str]:
    """Run a command on a terminal of its own, answer each question, return its code and all it printed."""
    outer, inner = pty.openpty()
    environment = {**os.environ, "MUNIMENT_REGISTRY": str(tmp_path / "registry")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", *map(str, words)],
        stdin=inner, stdout=inner, stderr=inner, env=environment, start_new_session=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    os.close(inner)
    said, waiting = "", list(answers)
    while True:
        try:
            said += os.read(outer, 4096).decode()
        except OSError:
            break  # the terminal closes when its last user ends
        if waiting and said.rstrip(" ").endswith(":"):
            time.sleep(0.1)
            os.write(outer, waiting.pop(0).encode() + b"\n")
            said += "\n"
    os.close(outer)
    return process.wait(), said


def test_a_new_passphrase_is_asked_twice_and_not_shown(tmp_path: Path):
    code, said = typed(tmp_path, "key", "new", tmp_path / "key", answers=(SECRET, SECRET))

    assert code == 0, said
    assert "New passphrase" in said
    assert SECRET not in said
    assert keyfile.load(tmp_path / "key", SECRET.encode()).keyid in said


def test_a_passphrase_that_was_mistyped_is_asked_anew(tmp_path: Path):
    code, said = typed(tmp_path, "key", "new", tmp_path / "key", answers=(SECRET, "another", SECRET, SECRET))

    assert code == 0, said
    assert SECRET not in said


def test_a_key_under_a_passphrase_signs_when_it_is_typed(tmp_path: Path):
    assert typed(tmp_path, "init", "--as", "alice", answers=(SECRET, SECRET))[0] == 0
    enrol = ("key", "enrol", "bob", "--role", "owner", "--no-passphrase", "--as", "alice")

    wrong, refused = typed(tmp_path, *enrol, answers=("another",))
    right, done = typed(tmp_path, *enrol, answers=(SECRET,))

    assert wrong == 2
    assert "the passphrase does not open it" in refused
    assert right == 0, done
    assert SECRET not in done


def test_no_key_opens_without_its_passphrase(tmp_path: Path):
    keyfile.create(tmp_path / "key", SECRET.encode())

    with pytest.raises(Usage, match="is protected by a passphrase"):
        keyfile.load(tmp_path / "key")
