"""What a version is made of: files that a server lists, files that lie here, and the signature they state."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from importers.mlflow import shapes
from importers.mlflow.answers import Answer, Call, Hashed
from importers.mlflow.contents import Contents, Listed, contents_fact, read_signature
from importers.mlflow.importer import MlflowSource, open_mlflow
from importers.mlflow.own_tags import find_changed, split_tags
from importers.mlflow.places import Places
from importers.mlflow.server_files import hash_on_server, list_on_server
from schemas.errors import Malformed
from schemas.observation import ContentsFact, Observation

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "mlflow3-filestore" / "mlruns"
MLMODEL = """\
flavors:
  python_function: {loader_module: mlflow.sklearn, python_version: 3.11.7}
  sklearn: {pickled_model: model.pkl}
mlflow_version: 3.17.2
model_size_bytes: 1042
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}]'
  outputs: '[{"type": "long", "required": true}]'
  params: null
"""
SIGNATURE = {
    "flavors": ["python_function", "sklearn"],
    "mlflowVersion": "3.17.2",
    "pythonVersion": "3.11.7",
    "sizeBytes": 1042,
    "inputs": [{"type": "double", "name": "age", "required": True}],
    "outputs": [{"type": "long", "required": True}],
}


def version_of(source: str, run_id: str = "r1") -> shapes.ModelVersion:
    return shapes.ModelVersion(name="wine", version="3", source=source, run_id=run_id)


def contents_of(source: MlflowSource) -> list[ContentsFact]:
    taken = [item for item in source.collect() if isinstance(item, Observation)]
    return [fact for item in taken for fact in item.facts if isinstance(fact, ContentsFact)]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def mlruns(tmp_path: Path) -> Path:
    """One version of MLflow 3: a logged model's folder, whose URI names another machine."""
    root = tmp_path / "mlruns"
    write(root / "7" / "meta.yaml", "experiment_id: '7'\nname: iris\n")
    model = root / "7" / "models" / "m-1"
    meta = (
        "model_id: m-1\nexperiment_id: '7'\nstatus: 2\nsource_run_id: r1\nartifact_location: file:///srv/x\n"
    )
    write(model / "meta.yaml", meta)
    write(model / "artifacts" / "MLmodel", MLMODEL)
    write(model / "artifacts" / "code" / "train.py", "print()\n")
    write(root / "models" / "iris" / "meta.yaml", "name: iris\n")
    version = "name: iris\nversion: 1\nsource: models:/m-1\ncreation_timestamp: 2000\nstatus: READY\n"
    write(root / "models" / "iris" / "version-1" / "meta.yaml", version)
    return root


def test_files_of_a_folder_are_listed_with_sizes_and_not_hashed(mlruns: Path) -> None:
    (fact,) = contents_of(open_mlflow(str(mlruns), {}))
    assert (fact.model, fact.version, fact.level) == ("iris", "1", "reported")
    assert [(f.path, f.size, f.digest) for f in fact.files] == [
        ("MLmodel", len(MLMODEL), None),
        ("code/train.py", 8, None),
    ]
    assert fact.signature == SIGNATURE


def test_verified_files_carry_the_hash_of_their_bytes(mlruns: Path) -> None:
    source = open_mlflow(str(mlruns), {}, verify=True)
    (fact,) = contents_of(source)
    assert fact.level == "verified"
    assert {f.path: f.digest for f in fact.files} == {
        "MLmodel": hashlib.sha256(MLMODEL.encode()).hexdigest(),
        "code/train.py": hashlib.sha256(b"print()\n").hexdigest(),
    }
    assert (source.verified, source.unreached) == ([("iris", "1")], [])


def test_a_version_whose_files_are_elsewhere_is_named_as_unreached(mlruns: Path) -> None:
    (mlruns / "7" / "models" / "m-1" / "artifacts" / "MLmodel").unlink()
    source = open_mlflow(str(mlruns), {}, verify=True)
    assert contents_of(source) == []
    assert (source.verified, source.unreached) == ([], [("iris", "1")])
    assert "files of 1 versions could not be listed" in source.blind_spots


def test_links_among_model_files_are_not_followed(mlruns: Path, tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "secret", "hunter2")
    folder = mlruns / "7" / "models" / "m-1" / "artifacts"
    (folder / "stolen").symlink_to(tmp_path / "elsewhere" / "secret")
    (folder / "all").symlink_to(tmp_path / "elsewhere")
    (fact,) = contents_of(open_mlflow(str(mlruns), {}, verify=True))
    assert [file.path for file in fact.files] == ["MLmodel", "code/train.py"]


def test_a_file_name_that_is_no_text_is_escaped(mlruns: Path) -> None:
    folder = mlruns / "7" / "models" / "m-1" / "artifacts"
    (folder / os.fsdecode(b"a\xff")).write_text("x")
    (fact,) = contents_of(open_mlflow(str(mlruns), {}))
    assert [file.path for file in fact.files] == ["MLmodel", "a\\xff", "code/train.py"]


def test_a_folder_without_an_mlmodel_file_is_not_looked_into(tmp_path: Path) -> None:
    write(tmp_path / "home" / "notes", "private")
    assert Places().find_folder(version_of(f"file://{tmp_path}/home")) is None
    write(tmp_path / "home" / "MLmodel", MLMODEL)
    assert Places().find_folder(version_of(f"file://{tmp_path}/home")) == tmp_path / "home"


@pytest.mark.parametrize("source", ["models:/m-../../x", "runs:/r1/../../x", "file://host/x", "s3://b/x", ""])
def test_a_source_that_leads_elsewhere_is_no_folder_here(tmp_path: Path, source: str) -> None:
    assert Places({"r1": ("1", "file:///nowhere")}, root=tmp_path).find_folder(version_of(source)) is None


def serve(lists: dict[tuple[str, str], Any]) -> Any:
    """Answer calls for lists by their folder, and the MLmodel file."""

    def fetch(call: Call) -> Answer:
        if call.path == "/model-versions/get-artifact":
            assert call.params == {"name": "wine", "version": "3", "path": "MLmodel"}
            return Answer(200, MLMODEL.encode())
        params = call.params or {}
        found = lists.get((call.path, params.get("path") or params.get("artifact_directory_path") or ""))
        return Answer(404, b"{}") if found is None else Answer(200, json.dumps({"files": found}).encode())

    return fetch


def test_files_of_a_logged_model_are_listed_folder_by_folder() -> None:
    where = "/api/2.0/mlflow/logged-models/m-1/artifacts/directories"
    top = [{"path": "MLmodel", "is_dir": False, "file_size": 5}, {"path": "code", "is_dir": True}]
    below = [{"path": "code/a.py", "is_dir": False, "file_size": "7"}]
    found = list_on_server(serve({(where, ""): top, (where, "code"): below}), version_of("models:/m-1"))
    assert found is not None
    assert [(f.path, f.file_size) for f in found.files] == [("MLmodel", 5), ("code/a.py", "7")]
    assert found.mlmodel == MLMODEL


@pytest.mark.parametrize("source", ["runs:/r1/model", "mlflow-artifacts:/1/r1/artifacts/model"])
def test_files_of_a_run_are_named_within_the_model(source: str) -> None:
    where = "/api/2.0/mlflow/artifacts/list"
    files = [{"path": "model/MLmodel", "is_dir": False, "file_size": 5}]
    found = list_on_server(serve({(where, "model"): files}), version_of(source))
    assert found is not None
    assert [file.path for file in found.files] == ["MLmodel"]


@pytest.mark.parametrize("files", [[], [{"path": ""}], "none"])
def test_a_list_that_is_none_leaves_the_version_unlisted(files: Any) -> None:
    where = "/api/2.0/mlflow/artifacts/list"
    assert list_on_server(serve({(where, "model"): files}), version_of("runs:/r1/model")) is None


@pytest.mark.parametrize(
    "files", [[17], [{"path": 5}], [{"path": "other/MLmodel"}], [{"path": f"model/{n}"} for n in range(1001)]]
)
def test_a_list_of_something_else_or_without_end_is_refused(files: Any) -> None:
    where = "/api/2.0/mlflow/artifacts/list"
    with pytest.raises(Malformed):
        list_on_server(serve({(where, "model"): files}), version_of("runs:/r1/model"))


def test_a_folder_that_is_not_listed_leaves_no_list_of_half_the_files() -> None:
    where = "/api/2.0/mlflow/artifacts/list"
    top = [{"path": "model/MLmodel", "file_size": 5}, {"path": "model/code", "is_dir": True}]
    with pytest.raises(Malformed, match="the server does not list all of its folders"):
        list_on_server(serve({(where, "model"): top}), version_of("runs:/r1/model"))


class Giving:
    """A link that gives files by the path and parameters of the call."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[str] = []

    def fetch(self, call: Call) -> Answer:
        raise AssertionError(call)

    def hash(self, call: Call, limit: int) -> Hashed:
        assert limit > 0
        name = f"{call.path}?{'&'.join((call.params or {}).values())}".rstrip("?")
        self.asked.append(name)
        found = self.files.get(name)
        data = b"no" if found is None else found
        return Hashed(404 if found is None else 200, hashlib.sha256(data).hexdigest(), len(data))


LISTED = Contents("wine", "3", "reported", [Listed("MLmodel", 5), Listed("data/a b.pkl")], MLMODEL)
PROXY = "/api/2.0/mlflow-artifacts/artifacts/1/r1/artifacts/model"
WAYS = {
    "the proxy": [f"{PROXY}/MLmodel", f"{PROXY}/data/a%20b.pkl"],
    "the version": [f"/model-versions/get-artifact?wine&3&{p}" for p in ("MLmodel", "data/a b.pkl")],
    "the run": [f"/get-artifact?r1&model/{p}" for p in ("MLmodel", "data/a b.pkl")],
}


@pytest.mark.parametrize("way", WAYS)
def test_files_are_hashed_as_the_server_gives_them_on_any_of_its_ways(way: str) -> None:
    link = Giving(dict(zip(WAYS[way], (b"12345", b"pickle"), strict=True)))
    version = version_of("mlflow-artifacts:/1/r1/artifacts/model")
    found = hash_on_server(link, LISTED, version, Places().find_proxied(version))
    assert found.level == "verified"
    assert [(f.path, f.file_size, f.sha256) for f in found.files] == [
        ("MLmodel", 5, hashlib.sha256(b"12345").hexdigest()),
        ("data/a b.pkl", 6, hashlib.sha256(b"pickle").hexdigest()),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "the server does not give MLmodel"),
        ({WAYS["the run"][0]: b"12345"}, "the server does not give data/a b.pkl"),
        ({WAYS["the run"][0]: b"123456"}, "gives more of MLmodel than 5 bytes"),
        ({WAYS["the run"][0]: b"1234"}, "lists MLmodel with 5 bytes, gives 4"),
    ],
)
def test_what_the_server_does_not_give_whole_is_not_verified(given: dict[str, bytes], said: str) -> None:
    with pytest.raises(Malformed, match=said):
        hash_on_server(Giving(given), LISTED, version_of("runs:/r1/model"), None)


@pytest.mark.parametrize(
    ("source", "where"),
    [
        ("mlflow-artifacts:/1/r1/artifacts/model", "1/r1/artifacts/model"),
        ("runs:/r1/model", "1/r1/artifacts/model"),
        ("models:/m-1", "1/models/m-1/artifacts"),
        ("models:/m-2", None),
        ("mlflow-artifacts://elsewhere:5000/1/r1", None),
        ("mlflow-artifacts:/1/../../etc", None),
        ("s3://bucket/model", None),
    ],
)
def test_the_proxy_is_asked_only_for_what_lies_behind_it(source: str, where: str | None) -> None:
    places = Places(
        {"r1": ("1", "mlflow-artifacts:/1/r1/artifacts")},
        {"m-1": ("1", "mlflow-artifacts:/1/models/m-1/artifacts")},
    )
    assert places.find_proxied(version_of(source)) == where


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not YAML"),
        ("x: !!python/object/apply:os.system ['true']", "not YAML"),
        ("- 1", "not a YAML mapping"),
        ("signature: {inputs: '[{'}", "the signature's inputs are not JSON"),
        ('flavors: {"\\ud800": {}}', "half a surrogate pair is no text"),
    ],
)
def test_a_broken_mlmodel_file_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_signature(text)
    assert refused.value.message == said


@pytest.mark.parametrize(("said", "size"), [(7, 7), ("7", 7), (10**30, None), (-1, None), ("big", None)])
def test_a_size_that_cannot_be_is_unknown(said: Any, size: int | None) -> None:
    fact, _ = contents_fact(Contents("wine", "3", "reported", [Listed("MLmodel", said)]))
    assert [file.size for file in fact.files] == [size]


def test_a_model_without_a_signature_has_its_flavours() -> None:
    assert read_signature("flavors: {onnx: {}}") == {"flavors": ["onnx"]}


def test_our_own_tags_are_no_part_of_a_version() -> None:
    plain = {"name": "wine", "version": "3"}
    own = {"key": "muniment.status", "value": "approved"}
    other = {"key": "team", "value": "risk"}
    assert split_tags({**plain, "tags": [own]}) == (plain, {"muniment.status": "approved"})
    assert split_tags({**plain, "tags": [other, own]})[0] == {**plain, "tags": [other]}
    assert split_tags(plain) == (plain, {})
    assert split_tags(17) == (17, {})


def test_tags_that_are_not_as_we_wrote_them_are_named() -> None:
    written = [("wine", "3", "muniment.status", "rejected"), ("wine", "3", "muniment.decision_id", "d")]
    found = {("wine", "3"): {"muniment.status": "approved"}, ("wine", "4"): {"muniment.status": "approved"}}
    assert find_changed(found, written) == [
        ("wine", "3", "tag muniment.decision_id was taken away"),
        ("wine", "3", "tag muniment.status was changed by somebody else"),
        ("wine", "4", "tag muniment.status was set by somebody else"),
    ]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
def test_a_model_folder_that_mlflow_wrote_is_hashed() -> None:
    (fact,) = contents_of(open_mlflow(str(CORPUS), {}, verify=True))
    assert (fact.model, fact.version, fact.level) == ("fs-iris", "1", "verified")
    assert [file.path for file in fact.files] == [
        "MLmodel",
        "conda.yaml",
        "python_env.yaml",
        "requirements.txt",
    ]
    assert all(len(file.digest or "") == 64 for file in fact.files)
