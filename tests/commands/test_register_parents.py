"""register --parent: a version builds on registered versions, so no parent is unknown or comes later."""

from pathlib import Path

from registry.registry import open_registry
from schemas.asset import parse_manifest
from schemas.digest import Digest
from tests.commands.conftest import Run


def register(run: Run, folder: Path, name: str, *parents: str):
    file = folder / name.partition("@")[2]
    file.write_bytes(name.encode())
    words = [word for parent in parents for word in ("--parent", parent)]
    return run("register", name, "--artifact", file, "--as", "alice", *words, "--json")


def test_a_parent_is_named_in_the_signed_manifest(founded: Run, tmp_path: Path) -> None:
    first = register(founded, tmp_path, "credit-risk@1").json
    second = register(founded, tmp_path, "credit-risk@2", "credit-risk@1").json

    with open_registry(tmp_path / "registry") as registry:
        manifest = parse_manifest(registry.ledger.get_body(Digest(second["manifest"])))
    assert manifest.parents == (Digest(first["manifest"]),)


def test_a_parent_nobody_registered_is_refused(founded: Run, tmp_path: Path) -> None:
    done = register(founded, tmp_path, "credit-risk@2", "credit-risk@1")

    assert done.code == 5
    assert "credit-risk@1" in done.err
    assert founded("dossier", "credit-risk@2", "--env", "production").code == 5


def test_a_version_is_not_its_own_parent(founded: Run, tmp_path: Path) -> None:
    assert register(founded, tmp_path, "credit-risk@1", "credit-risk@1").code == 5


def test_two_versions_are_not_each_others_parent(founded: Run, tmp_path: Path) -> None:
    register(founded, tmp_path, "credit-risk@1")
    register(founded, tmp_path, "credit-risk@2", "credit-risk@1")

    done = register(founded, tmp_path, "credit-risk@1", "credit-risk@2")
    assert done.code == 2
    assert "was registered before" in done.err
