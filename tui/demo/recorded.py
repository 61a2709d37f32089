"""The recorded credit pipeline as files and sources: all that `muniment demo` has to know about it."""

from pathlib import Path

from importers.mlflow.importer import MlflowSource, open_fetch
from importers.mlflow.recording import read_recording

RECORDINGS = Path(__file__).parent / "recordings"
EVENTS = RECORDINGS / "openlineage.jsonl"
LATE_EVENTS = RECORDINGS / "openlineage-late.jsonl"
MLFLOW = RECORDINGS / "mlflow.jsonl.gz"
MODELS = {6: RECORDINGS / "credit-risk-6.json", 7: RECORDINGS / "credit-risk-7.json"}
OUTCOMES = RECORDINGS / "outcomes-by-group.csv"
RISK = RECORDINGS / "risk.yaml"

SERVER = "http://127.0.0.1:5000"
JOB = ("mlflow://127.0.0.1:5000", "credit-risk")
RUNS = {6: "ae0884ac-c785-4df9-942b-1ddddbdf68c1", 7: "43d71a7d-12af-4942-82d6-8e8e5233fa47"}
"""Version -> the run that trained it, in both recordings."""


def recorded_mlflow() -> MlflowSource:
    """Return the recorded MLflow server as a source; no network is touched."""
    return open_fetch(read_recording(MLFLOW).fetch, SERVER)
