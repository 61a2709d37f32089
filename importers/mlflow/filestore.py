"""An `mlruns` folder, read without a server, as the objects the REST API would give.

Links are not followed and files over 1 MiB are refused: the folder may come from anywhere.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from importers.mlflow.artifacts import name_within
from importers.mlflow.scan import Scan
from schemas.errors import SourceError

_STATUS = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_LOGGED_STATUS = {1: "LOGGED_MODEL_PENDING", 2: "LOGGED_MODEL_READY", 3: "LOGGED_MODEL_UPLOAD_FAILED"}
_MAX_BYTES = 1 << 20
_HINT = "give the folder that holds one folder per experiment and `models`"

Item = dict[str, Any]


def scan_folder(root: Path, heard: Callable[[int], object] = lambda _: None) -> Scan:
    """Return what the folder holds; raise SourceError for one that is no MLflow file store.

    `heard` is told how many runs were read so far.
    """
    experiments: list[Any] = []
    runs: list[Any] = []
    logged: list[Any] = []
    trash = root / ".trash"
    for folder in (*_folders(root), *_folders(trash)):
        meta = _meta(folder)
        if folder.name == "models" or "experiment_id" not in meta:
            continue
        experiments.append(
            {**meta, "experiment_id": str(meta["experiment_id"]), "tags": _pairs(folder / "tags")}
        )
        for child in _folders(folder):
            run = _meta(child)
            if "run_id" in run:
                runs.append(_run(folder, child, run))
                heard(len(runs))
        logged += [_logged_model(child) for child in _folders(folder / "models")]
    models, versions = _registry(root / "models")
    if not experiments and not models:
        raise SourceError(f"{root.name} holds no MLflow experiment or model", hint=_HINT)
    return Scan(experiments, runs, logged, models, versions)


def _run(experiment: Path, folder: Path, meta: Item) -> Item:
    info = {**meta, "experiment_id": str(meta.get("experiment_id", experiment.name))}
    info["status"] = _STATUS.get(meta.get("status", 0), str(meta.get("status", "")))
    info.pop("tags", None)
    models = [{"model_id": child.name} for child in _folders(folder / "outputs")]
    return {
        "info": info,
        "data": _data(folder),
        "inputs": {"dataset_inputs": list(_inputs(experiment, folder))},
        "outputs": {"model_outputs": models},
    }


def _inputs(experiment: Path, folder: Path) -> Iterator[Item]:
    for child in _folders(folder / "inputs"):
        meta = _meta(child)
        dataset = _meta(experiment / "datasets" / Path(str(meta.get("source_id", ""))).name)
        if dataset:
            tags = meta.get("tags")
            found = tags if isinstance(tags, dict) else {}
            yield {"dataset": dataset, "tags": [{"key": str(k), "value": str(v)} for k, v in found.items()]}


def _logged_model(folder: Path) -> Item:
    meta = _meta(folder)
    created = meta.get("creation_timestamp")
    data = _data(folder)
    info = {**meta, "model_id": folder.name, "creation_timestamp_ms": created, "tags": data.pop("tags")}
    info["artifact_uri"] = meta.get("artifact_location", "")
    info["status"] = _LOGGED_STATUS.get(meta.get("status", 0), "")
    return {"info": info, "data": data}


def _registry(folder: Path) -> tuple[list[Any], list[Any]]:
    models: list[Any] = []
    versions: list[Any] = []
    for child in _folders(folder):
        meta = _meta(child)
        if not isinstance(meta.get("name"), str):
            continue
        held = meta.get("aliases")
        aliases = {str(k): str(v) for k, v in held.items()} if isinstance(held, dict) else {}
        aliases |= {path.name: _text(path).strip() for path in _files(child / "aliases")}
        listed = [{"alias": alias, "version": version} for alias, version in sorted(aliases.items())]
        models.append({**meta, "aliases": listed, "tags": _pairs(child / "tags")})
        for part in _folders(child):
            version = _meta(part)
            if "version" in version:
                text = str(version["version"])
                versions.append({**version, "version": text, "tags": _pairs(part / "tags")})
    return models, versions


def _data(folder: Path) -> Item:
    metrics = [metric for path in _files(folder / "metrics") if (metric := _metric(folder, path))]
    return {"metrics": metrics, "params": _pairs(folder / "params"), "tags": _pairs(folder / "tags")}


def _metric(folder: Path, path: Path) -> Item | None:
    """Return the last line of a metric's file: time, value, step and, for a logged model, its run."""
    lines = _text(path).splitlines()
    words = lines[-1].split() if lines else []
    if len(words) < 2:
        return None
    metric: Item = {"key": name_within(path, folder / "metrics"), "value": words[1]}
    metric |= {"timestamp": words[0], "step": words[2] if len(words) > 2 else 0}
    names = ("run_id", "dataset_name", "dataset_digest")
    return metric | dict(zip(names, words[3:], strict=False))


def _pairs(folder: Path) -> list[Item]:
    return [{"key": name_within(path, folder), "value": _text(path)} for path in _files(folder)]


def _meta(folder: Path) -> Item:
    """Return the scalars and string maps of a `meta.yaml`; an absent file says nothing."""
    import yaml  # noqa: PLC0415 - only folders need YAML

    path = folder / "meta.yaml"
    if not path.is_file() or path.is_symlink():
        return {}
    try:
        value = yaml.safe_load(_text(path))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SourceError(f"{folder.name}/meta.yaml is not YAML", hint=_HINT) from error
    kept = (str, int, float)
    items = value.items() if isinstance(value, dict) else ()
    return {str(k): _flat(v) if isinstance(v, dict) else v for k, v in items if isinstance(v, (*kept, dict))}


def _flat(value: Item) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items() if isinstance(v, str | int)}


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SourceError(f"{path.name} is over 1 MiB, more than MLflow writes", hint=_HINT)
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path.name} is not UTF-8 text", hint=_HINT) from error
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read ({error.strerror or error})") from error


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir() or folder.is_symlink():
        return []
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.is_symlink() and p.name != ".trash")


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir() or folder.is_symlink():
        return []
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
