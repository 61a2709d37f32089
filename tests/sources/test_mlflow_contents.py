"""What a version is made of: files that a server lists, files that lie here, and the signature they state."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from importers.mlflow import shapes
from importers.mlflow.answers import Answer, Call
from importers.mlflow.artifacts import list_on_server
from importers.mlflow.contents import Contents, Listed, contents_fact, read_signature
from importers.mlflow.importer import MlflowSource, open_mlflow
from importers.mlflow.own_tags import find_changed, split_tags
from importers.mlflow.places import Places
from schemas.errors import Malformed
from schemas.observation import ContentsFact, Observation

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "mlflow3-filestore" / "mlruns"
MLMODEL = """\
flavors:
  python_function: {loader_module: mlflow.sklearn}
  sklearn: {pickled_model: model.pkl}
mlflow_version: 3.17.2
signature:
  inputs: '[{"type": "double", "name": "age", "required": true}]'
  outputs: '[{"type": "long", "required": true}]'
  params: null
"""
SIGNATURE = {
    "flavors": ["python_function", "sklearn"],
    "mlflowVersion": "3.17.2",
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


@pytest.mark.parametrize("files", [[], [17], [{"path": 5}], [{"path": ""}], "none"])
def test_a_list_that_is_none_leaves_the_version_unlisted(files: Any) -> None:
    where = "/api/2.0/mlflow/artifacts/list"
    assert list_on_server(serve({(where, "model"): files}), version_of("runs:/r1/model")) is None


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
