"""Where the files of a model version lie, as the objects of a server or folder state it.

MLflow 3 says `models:/m-<id>`, the folder of a logged model. MLflow 2 says `runs:/<run>/<path>`, or a URI of
the run's artifacts with `<run>/artifacts/<path>` in it.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from importers.mlflow import shapes

_LOGGED, _RUNS, _PROXIED = "models:/m-", "runs:/", "mlflow-artifacts:/"
MLMODEL = "MLmodel"


class Places(msgspec.Struct, frozen=True):
    """The artifact URIs of runs and logged models; `root` is the `mlruns` folder that was read, if any."""

    runs: dict[str, tuple[str, str]] = {}
    """Run -> its experiment and the URI of its artifacts."""
    models: dict[str, tuple[str, str]] = {}
    """Logged model -> its experiment and the URI of its files."""
    root: Path | None = None

    def find_folder(self, version: shapes.ModelVersion) -> Path | None:
        """Return the version's folder on this machine, None where it is elsewhere or holds no MLmodel.

        A source may name any folder: one without an MLmodel file is no model and is not looked into.
        """
        for place in self._folders(version):
            if place.is_dir() and (place / MLMODEL).is_file() and not (place / MLMODEL).is_symlink():
                return place
        return None

    def find_proxied(self, version: shapes.ModelVersion) -> str | None:
        """Return where the version lies below the artifacts that its server passes on, None elsewhere."""
        model, run = model_of(version), run_path_of(version)
        uri, below = version.source, ""
        if model in self.models:
            uri = self.models[model][1]
        elif run is not None and run[0] in self.runs:
            uri, below = self.runs[run[0]][1], f"/{run[1]}"
        path = f"{uri.removeprefix(_PROXIED)}{below}" if uri.startswith(_PROXIED) else ""
        # Two slashes name another server.
        return path if _inside(path) else None

    def _folders(self, version: shapes.ModelVersion) -> list[Path]:
        model, run = model_of(version), run_path_of(version)
        found: list[Path] = []
        if model in self.models:
            experiment, uri = self.models[model]
            if self.root is not None and _plain(experiment) and _plain(model):
                found.append(self.root / experiment / "models" / model / "artifacts")
            found += _local(uri)
        elif run is not None and run[0] in self.runs:
            experiment, uri = self.runs[run[0]]
            if self.root is not None and _plain(experiment) and _plain(run[0]):
                found.append(self.root / experiment / run[0] / "artifacts" / run[1])
            found += [folder / run[1] for folder in _local(uri)]
        else:
            found += _local(version.source)
        return found


def model_of(version: shapes.ModelVersion) -> str:
    """Return the id of the logged model that a version is, "" for one that is none."""
    return version.source.removeprefix("models:/") if version.source.startswith(_LOGGED) else ""


def node_of(version: shapes.ModelVersion) -> str:
    """Return the name, within its server, of the logged model that a version was registered from; or ""."""
    if model := model_of(version):
        return logged_name(model)
    place = run_path_of(version)
    return path_name(*place) if place else ""


def logged_name(model_id: str) -> str:
    """Return the name of a logged model of MLflow 3 within its server."""
    return f"logged-models/{model_id}"


def path_name(run_id: str, path: str) -> str:
    """Return the name of a model that a run of MLflow 2 logged, within its server."""
    return f"runs/{run_id}/{path}"


def logged_paths(run: shapes.Run) -> list[str]:
    """Return where a run of MLflow 2 says that it logged models; what is not readable says nothing."""
    try:
        said = msgspec.json.decode(shapes.as_dict(run.data.tags).get("mlflow.log-model.history", "[]"))
    except (msgspec.DecodeError, RecursionError):
        return []
    items = said if isinstance(said, list) else []
    paths = [item.get("artifact_path") for item in items if isinstance(item, dict)]
    # From MLflow 3 on the path is the URI of a logged model, which the run names among its outputs.
    return sorted({path for path in paths if isinstance(path, str) and _inside(path) and ":" not in path})


def run_path_of(version: shapes.ModelVersion) -> tuple[str, str] | None:
    """Return the run and the path below its artifacts where a version lies, None where nothing says so."""
    if version.source.startswith(_RUNS):
        run, _, path = version.source.removeprefix(_RUNS).partition("/")
        return (run, path) if _inside(path) else None
    head, found, path = version.source.partition("/artifacts/")
    run = head.rpartition("/")[2]
    return (run, path) if found and run == version.run_id and _inside(path) else None


def _local(uri: str) -> list[Path]:
    parts = urlsplit(uri)
    if parts.scheme == "file" and parts.hostname in (None, "", "localhost"):
        return [Path(unquote(parts.path))]
    return [Path(uri)] if not parts.scheme and uri.startswith("/") else []


def _inside(path: str) -> bool:
    return bool(path) and not path.startswith("/") and ".." not in path.split("/")


def _plain(name: str) -> bool:
    return bool(name) and "/" not in name and name not in (".", "..")
