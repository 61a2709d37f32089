"""A runner of the command line: what was typed, what came out, which code."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tui.cli import main


class Outcome(NamedTuple):
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as the one JSON document it must be."""
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def muniment(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command against the registry in `tmp_path/registry`."""
    monkeypatch.setenv("MUNIMENT_REGISTRY", str(tmp_path / "registry"))
    monkeypatch.delenv("MUNIMENT_AS", raising=False)
    monkeypatch.setenv("MUNIMENT_NAMESPACE", "retail")

    def run(*words: object) -> Outcome:
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def founded(muniment: Run) -> Run:
    """A registry of alice, who holds every role."""
    assert muniment("init", "--as", "alice", "--no-passphrase").code == 0
    return muniment
