"""The recording that the demo replays: complete, connected, and free of the machine it was made on."""

import csv
import gzip
import json
import re
from pathlib import Path

import pytest

from importers.mlflow.answers import Answer, Call
from importers.mlflow.recording import read_recording, recording
from registry.rules.risk import assess
from registry.rules.risk_form import read_form
from schemas.authored import read_authored
from schemas.errors import Malformed, SourceError
from schemas.governance import Rating
from schemas.observation import Name, Observation, RunFact, RunKey, VersionFact
from tui.demo.recorded import EVENTS, JOB, MODELS, OUTCOMES, RECORDINGS, RUNS, SERVER, recorded_mlflow

DEMO = RECORDINGS


def test_the_recorded_server_is_read_without_a_network() -> None:
    source = recorded_mlflow()
    taken = list(source.collect())
    assert source.name == SERVER
    assert source.counts == {"models": 1, "versions": 7, "runs": 7, "datasets": 2, "dataset_versions": 2}
    assert all(isinstance(item, Observation) and not item.warnings for item in taken)


def test_the_run_of_every_version_is_one_run_in_both_recordings() -> None:
    source = recorded_mlflow()
    facts = [fact for item in source.collect() if isinstance(item, Observation) for fact in item.facts]
    trained = {fact.run for fact in facts if isinstance(fact, VersionFact)}
    events = [json.loads(line) for line in EVENTS.read_text().splitlines()]
    keys = {(e["run"]["runId"], e["job"]["namespace"], e["job"]["name"]) for e in events}
    assert len(trained) == 7
    versions = {fact.version: fact.run for fact in facts if isinstance(fact, VersionFact)}
    assert {v: versions[str(v)] for v in MODELS} == {v: RunKey(RUNS[v], Name(*JOB)) for v in MODELS}
    assert {(run.run_id, run.job.namespace, run.job.name) for run in trained if run} <= keys
    written = {
        (out["namespace"], out["name"], out["facets"]["version"]["datasetVersion"])
        for event in events
        for out in event["outputs"]
        if "version" in out.get("facets", {})
    }
    read = {
        (use.dataset.namespace, use.dataset.name, use.version)
        for fact in facts
        if isinstance(fact, RunFact)
        for use in fact.inputs
    }
    assert read <= written


@pytest.mark.parametrize("version", [6, 7])
def test_the_counts_of_outcomes_add_up_to_the_held_out_rows(version: int) -> None:
    with OUTCOMES[version].open() as stream:
        rows = list(csv.DictReader(stream))
    assert sum(int(row["n"]) for row in rows) == 400
    assert all(int(r["n"]) == sum(int(r[k]) for k in ("tn", "fp", "fn", "tp")) for r in rows)
    assert all(int(r["selected"]) == int(r["tp"]) + int(r["fp"]) for r in rows)


def test_the_risk_assessment_is_well_formed_and_high() -> None:
    written = read_authored((DEMO / "risk.yaml").read_bytes(), "risk.yaml")
    assert assess(read_form(written), today="2026-11-23").tier is Rating.HIGH


def test_nothing_recorded_names_the_machine_it_was_recorded_on() -> None:
    for path in sorted(DEMO.glob("*.*")):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        assert not re.findall(r"(?<![\w.])/(?:work|home|root|opt|tmp|Users)/", text), path.name


def test_the_recordings_stay_small() -> None:
    assert sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file()) < 400_000


def test_what_is_recorded_is_replayed_answer_by_answer() -> None:
    kept: list[bytes] = []
    answers = iter([Answer(200, b'{"n": 1}'), Answer(404, b"{}")])
    fetch = recording(lambda _call: next(answers), kept.append)
    call = Call("GET", "/x", params={"a": "1"})
    assert (fetch(call).status, fetch(call).status) == (200, 404)
    assert kept == [
        b'{"method":"GET","params":{"a":"1"},"path":"/x","response":{"n":1},"status":200}\n',
        b'{"method":"GET","params":{"a":"1"},"path":"/x","response":{},"status":404}\n',
    ]


def test_a_call_that_was_not_recorded_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b'{"method":"GET","path":"/x","status":200,"response":{}}\n')
    replay = read_recording(path)
    assert replay.fetch(Call("GET", "/x")) == replay.fetch(Call("GET", "/x")) == Answer(200, b"{}")
    with pytest.raises(SourceError, match=r"answers.jsonl holds no answer to GET /y"):
        replay.fetch(Call("GET", "/y"))


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"method": 1}', b"\x1f\x8bbroken"])
def test_a_damaged_recording_is_malformed(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(data)
    with pytest.raises((Malformed, SourceError)):
        read_recording(path)
