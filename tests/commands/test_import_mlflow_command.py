"""`muniment import mlflow` from the outside: what it prints, what it counts, how it ends."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.commands.loopback_mlflow import Mlflow, serving

Run = Callable[..., Any]


@pytest.fixture
def mlflow() -> Iterator[Mlflow]:
    with serving() as server:
        yield server


def test_an_import_counts_what_the_server_holds(founded: Run, mlflow: Mlflow) -> None:
    done = founded("import", "mlflow", mlflow.url, "--json")
    assert done.code == 0
    counted = {key: done.json[key] for key in ("models", "versions", "runs", "datasets", "changed")}
    assert counted == {"models": 8, "versions": 14, "runs": 35, "datasets": 9, "changed": 88}
    assert done.json["problems"] == []
    assert done.json["source"] == mlflow.url
    assert isinstance(done.json["leaf"], int)


def test_importing_again_changes_nothing_and_logs_nothing(founded: Run, mlflow: Mlflow) -> None:
    founded("import", "mlflow", mlflow.url)
    again = founded("import", "mlflow", mlflow.url, "--json").json
    assert (again["models"], again["changed"], again["duplicate"], again["leaf"]) == (8, 0, 88, None)


def test_an_alias_that_moves_and_moves_back_is_seen_both_times(founded: Run, mlflow: Mlflow) -> None:
    founded("import", "mlflow", mlflow.url)
    model = mlflow.held("registered-models")[0]
    before, model["aliases"] = model["aliases"], [{"alias": "champion", "version": "1"}]
    assert founded("import", "mlflow", mlflow.url, "--json").json["changed"] == 1
    model["aliases"] = before
    assert founded("import", "mlflow", mlflow.url, "--json").json["changed"] == 1
    assert founded("import", "mlflow", mlflow.url, "--json").json["changed"] == 0


def test_a_version_is_gone_only_when_two_readings_in_a_row_lack_it(founded: Run, mlflow: Mlflow) -> None:
    assert founded("import", "mlflow", mlflow.url, "--json").json["gone"] == []
    lost = mlflow.held("model-versions").pop()
    named = [{"model": lost["name"], "version": lost["version"]}]
    once = founded("import", "mlflow", mlflow.url, "--json").json
    assert (once["missing"], once["gone"], once["versions"], once["changed"]) == (named, [], 13, 0)
    twice = founded("import", "mlflow", mlflow.url, "--json").json
    assert (twice["missing"], twice["gone"]) == ([], named)
    mlflow.held("model-versions").append(lost)
    back = founded("import", "mlflow", mlflow.url, "--json").json
    assert (back["missing"], back["gone"]) == ([], [])


def test_a_version_that_one_reading_lacks_is_counted_from_the_start(founded: Run, mlflow: Mlflow) -> None:
    for held in (True, False, True, False):
        lost = mlflow.held("model-versions")[-1]
        if not held:
            mlflow.held("model-versions").pop()
        found = founded("import", "mlflow", mlflow.url, "--json").json
        assert found["gone"] == []
        if not held:
            mlflow.held("model-versions").append(lost)


def test_a_model_deleted_with_its_versions_is_gone_as_a_whole(founded: Run, mlflow: Mlflow) -> None:
    founded("import", "mlflow", mlflow.url)
    lost = mlflow.held("registered-models").pop()["name"]
    versions = mlflow.held("model-versions")
    versions[:] = [version for version in versions if version["name"] != lost]
    founded("import", "mlflow", mlflow.url)
    done = founded("import", "mlflow", mlflow.url)
    assert f"gone: model {lost} is no longer there" in done.out


def test_a_renamed_model_keeps_its_history(founded: Run, mlflow: Mlflow) -> None:
    founded("import", "mlflow", mlflow.url)
    model = mlflow.held("registered-models")[0]
    old, model["name"] = model["name"], "clinic/renamed"
    for version in mlflow.held("model-versions"):
        if version["name"] == old:
            version["name"] = model["name"]
    found = founded("import", "mlflow", mlflow.url, "--json").json
    assert found["renamed"] == [{"from": old, "to": "clinic/renamed"}]
    assert (found["missing"], found["gone"]) == ([], [])
    assert founded("import", "mlflow", mlflow.url, "--json").json["renamed"] == []


def test_another_model_made_in_the_same_millisecond_is_no_new_name(founded: Run, mlflow: Mlflow) -> None:
    founded("import", "mlflow", mlflow.url)
    model = mlflow.held("registered-models")[0]
    old, model["name"] = model["name"], "clinic/other"
    for version in mlflow.held("model-versions"):
        if version["name"] == old:
            version |= {"name": model["name"], "source": "models:/m-" + "0" * 32}
    found = founded("import", "mlflow", mlflow.url, "--json").json
    assert found["renamed"] == []
    assert {"model": old, "version": None} in found["missing"]


def test_nothing_is_called_gone_while_a_version_cannot_be_read(founded: Run, mlflow: Mlflow) -> None:
    founded("import", "mlflow", mlflow.url)
    mlflow.held("model-versions")[0]["name"] = 5
    again = founded("import", "mlflow", mlflow.url, "--json").json
    assert (again["gone"], len(again["problems"])) == ([], 1)


def test_what_cannot_be_read_is_a_problem_and_fails_only_when_strict(founded: Run, mlflow: Mlflow) -> None:
    mlflow.held("runs")[0]["info"]["start_time"] = "soon"
    done = founded("import", "mlflow", mlflow.url, "--json")
    assert done.code == 0
    reason = "expected milliseconds since 1970, found 'soon'"
    assert done.json["problems"] == [{"position": "run 1", "reason": reason}]
    assert founded("import", "mlflow", mlflow.url, "--strict").code == 1


def test_the_report_says_what_it_cannot_see(founded: Run, mlflow: Mlflow) -> None:
    lines = founded("import", "mlflow", mlflow.url).out.splitlines()
    assert lines[:3] == [
        f"{mlflow.url}: 8 models, 14 versions, 35 runs, 9 datasets",
        "88 new or changed, 0 known already",
        "What this import cannot see:",
    ]


def test_the_address_may_come_from_mlflows_own_variable(
    founded: Run, mlflow: Mlflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.url)
    assert founded("import", "mlflow", "--json").json["runs"] == 35


def test_an_import_grants_no_approval(founded: Run, mlflow: Mlflow) -> None:
    founded("import", "mlflow", mlflow.url)
    assert founded("status", "--json").json["items"] == []


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("http://ann:hunter2@127.0.0.1:1", 6, "http://127.0.0.1:1 cannot be reached"),
        ("no-such-folder", 2, "neither an http(s) URL nor a folder here"),
    ],
)
def test_a_place_that_gives_nothing_ends_with_a_next_step(
    founded: Run, place: str, code: int, said: str
) -> None:
    done = founded("import", "mlflow", place, "--json")
    assert (done.code, done.json["error"]["exit_code"]) == (code, code)
    assert said in done.err
    assert "next:" in done.err
    assert "hunter2" not in done.err + done.out


def test_the_history_of_an_alias_is_kept_across_a_rename(founded: Run, mlflow: Mlflow) -> None:
    founded("import", "mlflow", mlflow.url)
    model = next(item for item in mlflow.held("registered-models") if item["name"] == "clinic-wine")
    model["aliases"] = [{"alias": "champion", "version": "3"}]
    founded("import", "mlflow", mlflow.url)
    for item in (*mlflow.held("registered-models"), *mlflow.held("model-versions")):
        if item["name"] == "clinic-wine":
            item["name"] = "vineyard"
    model["aliases"] = []
    founded("import", "mlflow", mlflow.url)
    (item,) = founded("imported", "vineyard", "--json").json["items"]
    assert item["aliases"] == {}
    moved = [c for c in item["history"] if c["what"] != "stage"]
    assert [(c["what"], c["name"], c["before"], c["after"]) for c in moved] == [
        ("alias", "champion", None, "2"),
        ("alias", "champion", "2", "3"),
        ("renamed", "", "clinic-wine", "vineyard"),
        ("alias", "champion", "3", None),
    ]
    stages = [(c["version"], c["before"], c["after"]) for c in item["history"] if c["what"] == "stage"]
    assert len(stages) == len(set(stages))
    assert founded("imported", "clinic-wine").code != 0


def test_a_version_that_comes_back_has_been_gone(founded: Run, mlflow: Mlflow) -> None:
    founded("import", "mlflow", mlflow.url)
    lost = mlflow.version("clinic-wine", "3")
    mlflow.held("model-versions").remove(lost)
    seen = []
    for _ in range(2):
        founded("import", "mlflow", mlflow.url)
        listed = founded("imported", "--filter", "wine", "--json").json["items"]
        seen.append([item["presence"] for item in listed])
    mlflow.held("model-versions").append(lost)
    founded("import", "mlflow", mlflow.url)
    (item,) = founded("imported", "clinic-wine", "--json").json["items"]
    assert seen == [["present", "present", "missing"], ["present", "present", "gone"]]
    assert [c["what"] for c in item["history"] if c["version"] == "3"] == ["gone", "returned"]
    assert "version 3: gone" in founded("imported", "clinic-wine").out


def test_files_that_are_hashed_here_become_verified_and_stay_so(founded: Run, tmp_path: Path) -> None:
    folder = tmp_path / "mlruns"
    model = folder / "7" / "models" / "m-1"
    for path, text in {
        folder / "7" / "meta.yaml": "experiment_id: '7'\nname: iris\n",
        model / "meta.yaml": "model_id: m-1\nexperiment_id: '7'\n",
        model / "artifacts" / "MLmodel": "flavors: {onnx: {}}\n",
        folder / "models" / "iris" / "meta.yaml": "name: iris\n",
        folder
        / "models"
        / "iris"
        / "version-1"
        / "meta.yaml": "name: iris\nversion: 1\nsource: models:/m-1\n",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    levels = []
    for more in ((), ("--verify-artifacts",), ()):
        assert founded("import", "mlflow", folder, *more).code == 0
        levels.append(founded("imported", "--json").json["items"][0]["files"])
    assert levels == ["reported", "verified", "verified"]
    (model / "artifacts" / "MLmodel").write_text("flavors: {tamper: {}}\n")
    founded("import", "mlflow", folder, "--verify-artifacts")
    (item,) = founded("imported", "iris", "--json").json["items"]
    assert [(c["what"], c["name"]) for c in item["history"]] == [("file", "MLmodel")]
    assert item["versions"][0]["signature"] == {"flavors": ["tamper"]}


def test_files_that_a_server_gives_are_verified_when_asked(founded: Run, mlflow: Mlflow) -> None:
    mlflow.model_files = {
        ("clinic-wine", "2", "MLmodel"): b"flavors: {sklearn: {}}\n",
        ("clinic-wine", "2", "model.pkl"): b"pickled",
    }
    levels = []
    for more in ((), ("--verify-artifacts",), ()):
        assert founded("import", "mlflow", mlflow.url, *more).code == 0
        levels.append(founded("imported", "--filter", "clinic-wine", "--json").json["items"][1]["files"])
    assert levels == ["reported", "verified", "verified"]
    (item,) = founded("imported", "clinic-wine", "--json").json["items"]
    (version,) = [v for v in item["versions"] if v["version"] == "2"]
    assert {f["path"]: f["sha256"] for f in version["files"]} == {
        "MLmodel": sha256(b"flavors: {sklearn: {}}\n").hexdigest(),
        "model.pkl": sha256(b"pickled").hexdigest(),
    }
    assert "  sklearn" in founded("imported", "clinic-wine").out.splitlines()


def test_strictness_asks_for_every_file_that_was_to_be_verified(founded: Run, mlflow: Mlflow) -> None:
    words = ("import", "mlflow", mlflow.url, "--verify-artifacts")
    assert (founded(*words).code, founded(*words, "--strict").code) == (0, 1)


def test_files_of_a_server_that_lie_on_this_machine_are_verified(
    founded: Run, mlflow: Mlflow, tmp_path: Path
) -> None:
    folder = tmp_path / "model files"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {sklearn: {}}\n")
    source = mlflow.version("clinic-wine", "2")["source"]
    for model in mlflow.held("logged-models"):
        if source == f"models:/{model['info']['model_id']}":
            model["info"]["artifact_uri"] = folder.as_uri()
    done = founded("import", "mlflow", mlflow.url, "--verify-artifacts")
    assert "files of 1 version hashed: verified" in done.out
    assert "not verified: files of version 1 of clinic-wine cannot be reached" in done.out
    listed = founded("imported", "--filter", "clinic-wine", "--json").json["items"]
    assert [item["files"] for item in listed] == ["absent", "verified", "absent"]
    again = founded("import", "mlflow", mlflow.url, "--verify-artifacts", "--json").json
    assert (again["changed"], len(again["unreached"])) == (0, 13)
