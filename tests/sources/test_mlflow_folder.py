"""An `mlruns` folder without a server, laid out as MLflow's file store lays it out."""

from pathlib import Path

import pytest

from importers.mlflow.importer import open_mlflow
from schemas.errors import SourceError
from schemas.observation import MetricFact, ModelFact, Name, Observation, RunFact, RunKey, VersionFact

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "mlflow3-filestore" / "mlruns"
RUN = "ba9bb0173cd84a7187080e543145c557"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def mlruns(tmp_path: Path) -> Path:
    run = tmp_path / "7" / RUN
    write(tmp_path / "7" / "meta.yaml", "experiment_id: '7'\nname: iris\nlifecycle_stage: active\n")
    write(
        run / "meta.yaml", f"experiment_id: '7'\nrun_id: {RUN}\nstatus: 3\nstart_time: 1000\nend_time: 2500\n"
    )
    write(run / "metrics" / "test" / "acc", "1100 0.5 0\n1200 0.9 1\n")
    write(run / "params" / "C", "1.0")
    write(run / "tags" / "mlflow.user", "ann")
    meta = "source_id: d1\ndestination_id: r\ntags:\n  mlflow.data.context: training\n"
    write(run / "inputs" / "i1" / "meta.yaml", meta)
    source = 'name: iris\ndigest: 8f9eb48c\nsource_type: local\nsource: \'{"uri": "/x/iris.csv"}\'\n'
    write(tmp_path / "7" / "datasets" / "d1" / "meta.yaml", source)
    write(tmp_path / "models" / "iris" / "meta.yaml", "name: iris\naliases:\n  champion: 1\n")
    version = f"name: iris\nversion: 1\nrun_id: {RUN}\ncreation_timestamp: 2000\nstatus: READY\n"
    write(tmp_path / "models" / "iris" / "version-1" / "meta.yaml", version)
    return tmp_path


def test_a_folder_says_what_the_server_would_have_said(mlruns: Path) -> None:
    source = open_mlflow(str(mlruns), {})
    taken = list(source.collect())
    facts = [fact for item in taken if isinstance(item, Observation) for fact in item.facts]
    run = RunKey("ba9bb017-3cd8-4a71-8708-0e543145c557", Name(f"mlflow+file://{mlruns}", "iris"))
    assert source.counts == {"models": 1, "versions": 1, "runs": 1, "datasets": 1, "dataset_versions": 1}
    states = [(f.run, f.state, f.time, f.user) for f in facts if isinstance(f, RunFact)][:2]
    assert states == [
        (run, "START", "1970-01-01T00:00:01.000Z", "ann"),
        (run, "COMPLETE", "1970-01-01T00:00:02.500Z", "ann"),
    ]
    assert [(f.key, f.value, f.step) for f in facts if isinstance(f, MetricFact)] == [("test/acc", "0.9", 1)]
    assert [f.aliases for f in facts if isinstance(f, ModelFact)] == [{"champion": "1"}]
    assert [(f.version, f.run) for f in facts if isinstance(f, VersionFact)] == [("1", run)]


def test_deleted_experiments_are_read_from_the_trash(mlruns: Path) -> None:
    (mlruns / ".trash").mkdir()
    (mlruns / "7").rename(mlruns / ".trash" / "7")
    source = open_mlflow(str(mlruns), {})
    list(source.collect())
    assert source.counts["runs"] == 1


def test_links_out_of_the_folder_are_not_followed(
    mlruns: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_text("hunter2")
    (mlruns / "7" / RUN / "params" / "stolen").symlink_to(secret)
    (mlruns / "8").symlink_to(secret.parent)
    raw = b"".join(item.raw for item in open_mlflow(str(mlruns), {}).collect())
    assert b"hunter2" not in raw
    assert b"stolen" not in raw


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: [", "7/meta.yaml is not YAML"),
        ("x: !!python/object/apply:os.system ['true']", "7/meta.yaml is not YAML"),
        ("x" * ((1 << 20) + 1), "meta.yaml is over 1 MiB"),
    ],
)
def test_a_damaged_file_is_named(mlruns: Path, text: str, found: str) -> None:
    write(mlruns / "7" / "meta.yaml", text)
    with pytest.raises(SourceError) as caught:
        list(open_mlflow(str(mlruns), {}).collect())
    assert caught.value.message.startswith(found)


def test_a_folder_without_mlflow_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no MLflow experiment or model"):
        list(open_mlflow(str(tmp_path), {}).collect())


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
def test_a_folder_that_mlflow_wrote_is_read() -> None:
    source = open_mlflow(str(CORPUS), {})
    taken = list(source.collect())
    assert source.counts == {"models": 1, "versions": 1, "runs": 1, "datasets": 1, "dataset_versions": 1}
    assert all(isinstance(item, Observation) and not item.warnings for item in taken)
