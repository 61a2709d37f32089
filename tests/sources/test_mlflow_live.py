"""Real MLflow servers on loopback.

MUNIMENT_MLFLOW names a Python that has mlflow, or several joined as in PATH: one of each generation. Without
it this is skipped.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from importers.mlflow.answers import Call
from importers.mlflow.evaluation import Reading
from importers.mlflow.groups import DEFAULT, parse_pattern
from importers.mlflow.importer import MlflowSource, open_server
from importers.mlflow.rest import Server
from importers.mlflow.write_back import set_tags
from schemas.errors import SourceError
from schemas.evaluation import Polarity
from schemas.observation import ContentsFact, MetricFact, ModelFact, Name, Observation, RunFact, VersionFact

PYTHONS = [path for path in os.environ.get("MUNIMENT_MLFLOW", "").split(os.pathsep) if path]

pytestmark = pytest.mark.skipif(not PYTHONS, reason="MUNIMENT_MLFLOW names no Python with mlflow")

LOG = """
import sys, mlflow, numpy
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("loans")
with mlflow.start_run() as run:
    loans = mlflow.data.from_numpy(numpy.ones((4, 2)), source="s3://bucket/loans.npy", name="loans")
    mlflow.log_input(loans, context="training")
    mlflow.log_metrics({"auc": 0.75, "loss": float("nan"), "ratio": float("inf")})
client = mlflow.MlflowClient()
client.create_registered_model("credit-risk")
client.create_model_version("credit-risk", "runs:/%s/model" % run.info.run_id, run.info.run_id)
client.set_registered_model_alias("credit-risk", "champion", "1")
with mlflow.start_run() as gone:
    pass
client.delete_run(gone.info.run_id)
print(run.info.run_id)
"""

MODEL = """
import sys, mlflow, numpy, pandas
mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment("churn")
class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input
frame = pandas.DataFrame({"age": [1, 2], "income": [1.0, 2.0]})
signature = mlflow.models.infer_signature(frame, numpy.array([0.5, 1.0]))
with mlflow.start_run() as run:
    mlflow.log_metrics({f"group/sex/{g}/{k}": v for g, n, r in (("f", 40, 0.5), ("m", 60, 0.75))
        for k, v in (("count", n), ("selection_rate", r))})
    mlflow.log_dict({"slices": [{"group": "age=old", "n": 4, "accuracy": 0.5}]}, "evaluation/slices.json")
    mlflow.pyfunc.log_model("model", python_model=Echo(), signature=signature,
        registered_model_name="churn \u00e9%", pip_requirements=[])
mlflow.MlflowClient().rename_registered_model("churn \u00e9%", "churn renamed")
"""


FETCH = """
import sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
mlflow.artifacts.download_artifacts("models:/churn renamed/1", dst_path="{to}")
"""


class Live(NamedTuple):
    """A running server, and the Python that its clients use."""

    url: str
    python: str

    def run(self, program: str) -> str:
        command = [self.python, "-c", program, self.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module", params=PYTHONS)
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    python: str = request.param
    home = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += [
        "--backend-store-uri",
        f"sqlite:///{home}/mlflow.db",
        "--artifacts-destination",
        str(home / "a"),
    ]
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (home / "log").open("wb") as log:
        # In a group of its own, so that its workers end with it.
        process = subprocess.Popen(
            command, cwd=home, env=environ, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(f"http://127.0.0.1:{port}", process)
            yield Live(f"http://127.0.0.1:{port}", python)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with Server(url, {}) as client:
                if client.fetch(Call("GET", "/health")).status == 200:
                    return
        except SourceError:
            time.sleep(0.5)
    pytest.fail("the MLflow server did not start")


def test_a_live_server_is_read_whole(live: Live) -> None:
    server = live.url
    run_id = live.run(LOG).split()[-1]
    source = open_server(server, {})
    taken = list(source.collect())
    facts = [fact for item in taken if isinstance(item, Observation) for fact in item.facts]
    assert source.counts == {"models": 1, "versions": 1, "runs": 2, "datasets": 1, "dataset_versions": 1}
    assert [fact.aliases for fact in facts if isinstance(fact, ModelFact)] == [{"champion": "1"}]
    version = next(fact for fact in facts if isinstance(fact, VersionFact))
    assert version.run is not None
    assert version.run.run_id.replace("-", "") == run_id
    assert version.run.job == Name(server.replace("http", "mlflow"), "loans")
    ended = [f for f in facts if isinstance(f, RunFact) and f.state == "COMPLETE"]
    assert [[use.dataset for use in fact.inputs] for fact in ended] == [
        [Name("s3://bucket", "loans.npy")],
        [],
    ]
    numbers = {fact.key: fact.value for fact in facts if isinstance(fact, MetricFact)}
    assert numbers == {"auc": "0.75", "loss": "nan", "ratio": "inf"}


CHURN = ("churn renamed", "1")


@pytest.fixture(scope="module")
def modelled(live: Live) -> Live:
    """The server after a model with a signature was logged, registered and renamed."""
    live.run(MODEL)
    return live


def read(live: Live) -> tuple[MlflowSource, list[Observation]]:
    source = open_server(live.url, {})
    return source, [item for item in source.collect() if isinstance(item, Observation)]


def test_files_and_signature_of_a_live_model_are_listed(modelled: Live) -> None:
    _, taken = read(modelled)
    found = [fact for item in taken for fact in item.facts if isinstance(fact, ContentsFact)]
    (fact,) = [fact for fact in found if (fact.model, fact.version) == CHURN]
    assert {"MLmodel", "conda.yaml", "python_model.pkl", "requirements.txt"} <= {f.path for f in fact.files}
    assert all(file.size for file in fact.files)
    assert fact.signature is not None
    assert [column["name"] for column in fact.signature["inputs"]] == ["age", "income"]


def test_files_of_a_live_model_are_hashed_as_the_server_gives_them(modelled: Live, tmp_path: Path) -> None:
    source = open_server(modelled.url, {}, verify=True)
    taken = [item for item in source.collect() if isinstance(item, Observation)]
    found = [fact for item in taken for fact in item.facts if isinstance(fact, ContentsFact)]
    (fact,) = [fact for fact in found if (fact.model, fact.version) == CHURN]
    modelled.run(FETCH.format(to=tmp_path))
    assert fact.level == "verified"
    assert {file.path: file.digest for file in fact.files} == {
        path.relative_to(tmp_path).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(tmp_path.rglob("*"))
        if path.is_file() and path.name != "registered_model_meta"
    }
    assert CHURN in source.verified


def test_a_version_of_a_live_renamed_model_finds_its_run(modelled: Live) -> None:
    _, taken = read(modelled)
    versions = [fact for item in taken for fact in item.facts if isinstance(fact, VersionFact)]
    (version,) = [fact for fact in versions if fact.model == CHURN[0]]
    assert version.run is not None
    assert version.run.job.name == "churn"


def test_groups_of_a_live_run_and_its_table_are_measured(modelled: Live) -> None:
    source, _ = read(modelled)
    reading = Reading(tuple(map(parse_pattern, DEFAULT)), Polarity("selected", favourable=True))
    found = source.measured(*CHURN, reading)
    by_name = {item.name.partition(" ")[0]: item.results for item in found}
    (check,) = by_name["run"].bias
    assert [(group.label, group.n, group.selected) for group in check.groups] == [
        ("f", 40, 20),
        ("m", 60, 45),
    ]
    table = by_name["evaluation/slices.json"].metrics
    assert ("accuracy", (("age", "old"),), "0.5") in [(m.name, m.part, m.value) for m in table]


def test_our_tags_are_set_and_are_no_facts_when_they_come_back(modelled: Live) -> None:
    _, before = read(modelled)
    tags = {"muniment.status": "approved", "muniment.decision_id": ""}
    with Server(modelled.url, {}) as client:
        set_tags(client.fetch, modelled.url, CHURN, tags, lambda _key, _value: None)
    source, after = read(modelled)
    assert source.own_tags[CHURN] == tags
    assert [item.raw_digest for item in after] == [item.raw_digest for item in before]
