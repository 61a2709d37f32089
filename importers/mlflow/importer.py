"""MLflow as a source of observations.

Each object MLflow gives (an experiment, a run, a logged model, a registered model, a version) is one
observation. Its raw bytes are the object as fetched, re-encoded compact with sorted keys: REST answers
hold many objects in one body, and the same object must have the same digest on every page. So here the
raw digest and the event id are the same bytes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from importers.mlflow import shapes
from importers.mlflow.answers import Fetch, Link
from importers.mlflow.contents import contents_fact
from importers.mlflow.evaluation import Measured, Reading, find_version, read_measured
from importers.mlflow.evaluation_files import files_in_folder, files_on_server
from importers.mlflow.facts import (
    Surroundings,
    Translation,
    logged_model_facts,
    model_facts,
    run_facts,
    version_facts,
)
from importers.mlflow.listing import find_contents
from importers.mlflow.naming import name_dataset
from importers.mlflow.own_tags import Tags, split_tags, without_tags
from importers.mlflow.places import Places, logged_name, logged_paths, path_name
from importers.mlflow.rest import Server, parse_address
from importers.mlflow.scan import Scan, scan_server
from schemas.errors import Malformed, NotFound
from schemas.identity import compact, raw_digest, value_likeness
from schemas.observation import IsKnown, Name, Observation, Source, Unreadable

_BLIND_SPOTS = (
    "MLflow keeps no history of tags, aliases and stages: changes between two imports are not seen",
    "MLflow's dataset digests are 8 hex digits of a sample: they tell versions apart and prove nothing",
    "users in MLflow are claims of the client, not checked by the server",
    "steps of metrics and artifacts other than model files are not imported",
    "prompts, traces, their assessments and the evaluation datasets of MLflow's GenAI are not imported",
    "values that the client cut off before it logged them: parameters end after 6000 characters",
    "other workspaces than the one that MLFLOW_WORKSPACE names, and models kept in Unity Catalog",
    "objects deleted for good before the import leave no trace",
)
_OLD = "this server knows no logged models (MLflow 2): metrics are not tied to datasets"
_MOVING = "the registry changed during every reading: objects may be missing; import again when it is quiet"

Shape = TypeVar("Shape")


class MlflowSource:
    """Everything an MLflow server or folder holds; `scan` reads it when collected.

    `opening` gives a link that lists files, None where only a folder or a recording answers. `scanned_so_far`
    is told how many objects were read, `heard` how many versions were looked at, of how many.
    """

    kind = "mlflow"

    def __init__(
        self,
        name: str,
        namespace: str,
        scan: Callable[[Callable[[int], object]], Scan],
        opening: Callable[[], AbstractContextManager[Link | None]] = nullcontext,
        *,
        root: Path | None = None,
        verify: bool = False,
    ) -> None:
        self.name = name
        self.blind_spots: tuple[str, ...] = _BLIND_SPOTS
        self.counts: dict[str, int] = {}
        self.present: tuple[frozenset[str], frozenset[tuple[str, str]]] | None = None
        self.own_tags: dict[tuple[str, str], Tags] = {}
        self.listed: frozenset[tuple[str, str]] = frozenset()
        self.verified: list[tuple[str, str]] = []
        self.unreached: list[tuple[str, str]] = []
        self.scanned: Scan | None = None
        self.scanned_so_far: Callable[[int, int], None] | None = None
        self.heard: Callable[[int, int], None] | None = None
        self.opening, self.root = opening, root
        self._namespace, self._scan, self._verify = namespace, scan, verify

    def collect(self, known: IsKnown | None = None) -> Iterator[Observation | Unreadable]:  # noqa: ARG002
        """Yield experiments, runs, logged models, models, versions and their files, each after what it names.

        `counts`, `present` (None when the registry never held still), `own_tags` and `scanned` are complete
        when the first observation is there; `verified`, `unreached` and `blind_spots` when the last is.
        """
        self.scanned = scan = self._without_own_tags(self._scan(self._hear_scan))
        around = survey(scan, self._namespace)
        versions = list(_readable(scan.versions, shapes.ModelVersion))
        models = frozenset(m.name for m in _readable(scan.models, shapes.RegisteredModel))
        pairs = frozenset((v.name, v.version) for v in versions)
        self.counts = count(scan, around)
        # What cannot be read is there all the same: then nobody can say what is gone.
        whole = scan.settled and (len(pairs), len(models)) == (len(scan.versions), len(scan.models))
        self.present = (models, pairs) if whole else None
        self.blind_spots += (_OLD,) if scan.logged_models is None else ()
        self.blind_spots += () if scan.settled else (_MOVING,)
        yield from _read("experiment", scan.experiments, shapes.Experiment, lambda _: Translation())
        yield from _read("run", scan.runs, shapes.Run, lambda run: run_facts(run, around))
        yield from _read(
            "logged model",
            scan.logged_models or [],
            shapes.LoggedModel,
            lambda m: logged_model_facts(m, around),
        )
        yield from _read("model", scan.models, shapes.RegisteredModel, model_facts)
        yield from _read("version", scan.versions, shapes.ModelVersion, lambda v: version_facts(v, around))
        yield from self._contents(versions, find_places(scan, self.root))

    def measured(self, model: str, version: str, reading: Reading) -> list[Measured]:
        """Return what was measured about a version, once the source is collected; files are read now."""
        if self.scanned is None:
            raise NotFound(f"{self.name} was not read yet", hint="import it first")
        found = find_version(self.scanned, model, version)
        run = find_places(self.scanned, self.root).runs.get(found.run_id)
        files: list[tuple[str, bytes]] = []
        if run is not None and self.root is not None:
            files = list(files_in_folder(self.root, run[0], found.run_id))
        elif run is not None:
            with self.opening() as link:
                files = [] if link is None else list(files_on_server(link.fetch, found.run_id))
        return read_measured(self.scanned, found, files, reading)

    def _hear_scan(self, count: int) -> None:
        if self.scanned_so_far is not None:
            self.scanned_so_far(count, 0)

    def _without_own_tags(self, scan: Scan) -> Scan:
        split = [split_tags(item) for item in scan.versions]
        for item, tags in split:
            if isinstance(item, dict):
                self.own_tags[str(item.get("name")), str(item.get("version"))] = tags
        models = [without_tags(item) for item in scan.models]
        return msgspec.structs.replace(scan, models=models, versions=[item for item, _ in split])

    def _contents(self, versions: list[shapes.ModelVersion], places: Places) -> Iterator[Observation]:
        unlisted = 0
        with self.opening() as link:
            every = find_contents(versions, places, link, self.listed, verify=self._verify)
            for number, found in enumerate(every, 1):
                if self.heard is not None:
                    self.heard(number, len(versions))
                pair = (found.version.name, found.version.version)
                if self._verify:
                    (self.verified if found.reached else self.unreached).append(pair)
                unlisted += found.contents is None and pair not in self.listed
                if found.contents is None:
                    continue
                raw = compact(found.contents.to_item())
                digest, position = raw_digest(raw), f"files of {pair[0]} version {pair[1]}"
                fact, warnings = contents_fact(found.contents)
                yield Observation(
                    raw, digest, value_likeness(raw), position, (fact,), (*found.warnings, *warnings)
                )
        self.blind_spots += (f"files of {unlisted} versions could not be listed",) if unlisted else ()


def open_server(url: str, environ: Mapping[str, str], *, verify: bool = False) -> MlflowSource:
    """Return the tracking server at `url` as a source; credentials come from `environ`."""
    address = parse_address(url)

    def scan(heard: Callable[[int], object]) -> Scan:
        with Server(url, environ) as server:
            return scan_server(server.fetch, address.url, heard)

    @contextmanager
    def opening() -> Iterator[Link]:
        with Server(url, environ) as server:
            yield server

    return MlflowSource(address.url, address.namespace, scan, opening, verify=verify)


def open_fetch(fetch: Fetch, url: str) -> MlflowSource:
    """Return the server whose answers `fetch` gives, under the name it has at `url`; files are not listed."""
    address = parse_address(url)
    return MlflowSource(address.url, address.namespace, lambda heard: scan_server(fetch, address.url, heard))


def open_mlflow(place: str, environ: Mapping[str, str], *, verify: bool = False) -> MlflowSource:
    """Return the server at a URL, or the `mlruns` folder at a path, as a source.

    `verify` hashes the model files, those on this machine and those the server gives.
    """
    folder = Path(place.removeprefix("file://"))
    if "://" in place.removeprefix("file://") or not folder.is_dir():
        return open_server(place, environ, verify=verify)
    from importers.mlflow.filestore import scan_folder  # noqa: PLC0415 - YAML loads only for folders

    root = folder.resolve()
    namespace = f"mlflow+file://{root}"
    return MlflowSource(
        str(folder), namespace, lambda heard: scan_folder(root, heard), root=root, verify=verify
    )


def find_places(scan: Scan, root: Path | None) -> Places:
    """Return where runs and logged models keep their files."""
    runs = {
        r.info.run_id: (r.info.experiment_id, r.info.artifact_uri) for r in _readable(scan.runs, shapes.Run)
    }
    models = {
        m.info.model_id: (m.info.experiment_id, m.info.artifact_uri)
        for m in _readable(scan.logged_models or [], shapes.LoggedModel)
    }
    return Places(runs, models, root)


def survey(scan: Scan, namespace: str) -> Surroundings:
    """Return what the objects of a scan say about each other; what is not readable says nothing."""
    experiments = {e.experiment_id: e.name for e in _readable(scan.experiments, shapes.Experiment)}
    runs: dict[str, str] = {}
    datasets: dict[tuple[str, str], Name] = {}
    paths: dict[str, str] = {}
    for run in _readable(scan.runs, shapes.Run):
        runs[run.info.run_id] = run.info.experiment_id
        paths |= {path_name(run.info.run_id, path): run.info.run_id for path in logged_paths(run)}
        for item in run.inputs.dataset_inputs:
            datasets[item.dataset.name, item.dataset.digest] = name_dataset(item.dataset, namespace)
    logged = {
        logged_name(m.info.model_id): m.info.source_run_id
        for m in _readable(scan.logged_models or [], shapes.LoggedModel)
    }
    return Surroundings(namespace, experiments, runs, datasets, paths | logged)


def count(scan: Scan, around: Surroundings) -> dict[str, int]:
    """Return how many distinct things the source holds, in the words of the import's report."""
    return {
        "models": len({m.name for m in _readable(scan.models, shapes.RegisteredModel)}),
        "versions": len({(v.name, v.version) for v in _readable(scan.versions, shapes.ModelVersion)}),
        "runs": len(around.runs),
        "datasets": len(set(around.datasets.values())),
        "dataset_versions": len(around.datasets),
    }


def _read(
    kind: str, items: list[Any], shape: type[Shape], translate: Callable[[Shape], Translation]
) -> Iterator[Observation | Unreadable]:
    for number, item in enumerate(items, 1):
        raw = compact(item)
        digest, position = raw_digest(raw), f"{kind} {number}"
        try:
            translation = translate(shapes.read_shape(item, shape))
        except Malformed as error:
            yield Unreadable(raw, digest, position, error.message)
        else:
            yield Observation(
                raw, digest, value_likeness(raw), position, translation.facts, translation.warnings
            )


def _readable(items: list[Any], shape: type[Shape]) -> Iterator[Shape]:
    for item in items:
        try:
            yield shapes.read_shape(item, shape)
        except Malformed:
            continue


def _as_source(source: MlflowSource) -> Source:
    """Hold this class to the interface that the registry reads."""
    return source
