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
    monkeypatch.setenv("MUNIMENT_VERIFIER_HOME", str(tmp_path / "verifier"))

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


RUN = "0190b5f0-5b6f-7c3a-9a40-1d2f3c4b5a69"
DATASET = {"namespace": "postgres://warehouse", "name": "credit.features"}


def events_of_a_training() -> str:
    """A loader that writes the features, then the training that reads them: four events, JSON Lines."""
    rows = []
    for run_id, job, inputs, outputs, hours in (
        ("0190b5f0-0000-7000-8000-000000000001", "load", [], [DATASET], (8, 9)),
        (RUN, "train", [DATASET], [], (10, 11)),
    ):
        for state, hour in zip(("START", "COMPLETE"), hours, strict=True):
            rows.append(
                {
                    "eventType": state,
                    "eventTime": f"2026-11-20T{hour:02d}:00:00Z",
                    "producer": "https://example.org/pipeline",
                    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
                    "run": {"runId": run_id},
                    "job": {"namespace": "pipeline", "name": job},
                    "inputs": inputs,
                    "outputs": outputs,
                }
            )
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def training_events() -> str:
    """The events of one training, JSON Lines."""
    return events_of_a_training()


@pytest.fixture
def asked(founded: Run, tmp_path: Path, training_events: str) -> Run:
    """credit-risk@7 by alice, its training imported, a decision asked for; bob may decide."""
    (tmp_path / "events.jsonl").write_text(training_events)
    (tmp_path / "model.json").write_text('{"weights": [1, 2]}')
    steps = (
        ("key", "enrol", "bob", "--role", "risk-approver", "--no-passphrase", "--as", "alice"),
        ("import", "openlineage", tmp_path / "events.jsonl"),
        ("register", "credit-risk@7", "--artifact", tmp_path / "model.json", "--run", RUN, "--as", "alice"),
        ("request", "credit-risk@7", "--env", "production", "--as", "alice"),
    )
    for step in steps:
        done = founded(*step)
        assert done.code == 0, done.err
    return founded


@pytest.fixture
def approve(asked: Run) -> Run:
    """Bob approves credit-risk@7 for production, with more options if given."""
    where = ("credit-risk@7", "--env", "production", "--role", "risk-approver", "--as", "bob")
    return lambda *more: asked("approve", *where, "--reason", "the numbers hold", *more)


@pytest.fixture
def approved(asked: Run, approve: Run) -> Run:
    """The same, approved by bob."""
    done = approve()
    assert done.code == 0, done.err
    return asked
