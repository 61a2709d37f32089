"""The tables that a run logged under `evaluation/`, from a server or an `mlruns` folder."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from importers.mlflow.answers import API, Call, Fetch
from importers.mlflow.contents import read_listing
from schemas.errors import Malformed

FOLDER = "evaluation"
_MAX_FILES = 20
_MAX_BYTES = 16 << 20


def files_on_server(fetch: Fetch, run_id: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every JSON file that a run has under `evaluation/`; none when nothing answers.

    A file that is not there is 404 to MLflow 3 and 500 to MLflow 2, so that says nothing else either.
    """
    answer = fetch(Call("GET", f"{API}/artifacts/list", params={"run_id": run_id, "path": FOLDER}))
    try:
        listed = read_listing(msgspec.json.decode(answer.content)) if answer.status == 200 else []
    except (Malformed, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    wanted = [f for f in listed if f.path.endswith(".json") and not f.is_dir]
    for file in wanted[:_MAX_FILES]:
        if not str(file.file_size).isdecimal() or int(str(file.file_size)) > _MAX_BYTES:
            continue
        got = fetch(Call("GET", "/get-artifact", params={"run_uuid": run_id, "path": file.path}))
        if got.status == 200:
            yield file.path, got.content


def files_in_folder(root: Path, experiment_id: str, run_id: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of every JSON file that a run of an `mlruns` folder has under `evaluation/`."""
    if "/" in experiment_id or "/" in run_id or ".." in (experiment_id, run_id):
        return
    folder = root / experiment_id / run_id / "artifacts" / FOLDER
    if folder.is_symlink() or not folder.is_dir():
        return
    found = [p for p in sorted(folder.glob("*.json")) if p.is_file() and not p.is_symlink()]
    for path in found[:_MAX_FILES]:
        if path.stat().st_size <= _MAX_BYTES:
            yield f"{FOLDER}/{path.name}", path.read_bytes()
