"""A real MLflow server on loopback. MUNIMENT_MLFLOW names a Python that has mlflow, else this is skipped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from importers.mlflow.answers import Call
from importers.mlflow.importer import open_server
from importers.mlflow.rest import Server
from schemas.errors import SourceError
from schemas.observation import MetricFact, ModelFact, Name, Observation, RunFact, VersionFact

PYTHON = os.environ.get("MUNIMENT_MLFLOW", "")

pytestmark = pytest.mark.skipif(not PYTHON, reason="MUNIMENT_MLFLOW names no Python with mlflow")

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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("mlflow")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [PYTHON, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += [
        "--backend-store-uri",
        f"sqlite:///{home}/mlflow.db",
        "--artifacts-destination",
        str(home / "a"),
    ]
    path = f"{Path(PYTHON).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (home / "log").open("wb") as log:
        # In a group of its own, so that its workers end with it.
        process = subprocess.Popen(
            command, cwd=home, env=environ, stdout=log, stderr=log, start_new_session=True
        )
        try:
            wait_for(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
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


def test_a_live_server_is_read_whole(server: str) -> None:
    logged = subprocess.run(
        [PYTHON, "-c", LOG, server], capture_output=True, text=True, check=True, timeout=300
    )
    run_id = logged.stdout.split()[-1]
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
