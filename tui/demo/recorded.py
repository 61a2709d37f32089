"""The recorded credit pipeline as files and sources: all that `muniment demo` has to know about it."""

from pathlib import Path

from importers.mlflow.importer import MlflowSource, open_fetch
from importers.mlflow.recording import read_recording

RECORDINGS = Path(__file__).parent / "recordings"
EVENTS = RECORDINGS / "openlineage.jsonl"
LATE_EVENTS = RECORDINGS / "openlineage-late.jsonl"
MLFLOW = RECORDINGS / "mlflow.jsonl.gz"
MODELS = {6: RECORDINGS / "credit-risk-6.json", 7: RECORDINGS / "credit-risk-7.json"}
OUTCOMES = {6: RECORDINGS / "outcomes-by-group-6.csv", 7: RECORDINGS / "outcomes-by-group.csv"}
VALIDATION = RECORDINGS / "validation-report-7.md"
RISK = RECORDINGS / "risk.yaml"

SERVER = "http://127.0.0.1:5000"
JOB = ("mlflow://127.0.0.1:5000", "credit-risk")
RUNS = {6: "75cc0379-7333-42ff-a8c8-c37c899845cc", 7: "b9460c13-7a32-4324-8bc4-cb333265acce"}
"""Version -> the run that trained it, in both recordings."""


def recorded_mlflow() -> MlflowSource:
    """Return the recorded MLflow server as a source; no network is touched."""
    return open_fetch(read_recording(MLFLOW).fetch, SERVER)
