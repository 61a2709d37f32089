"""A bundle read from disk: folders hold regular files of one name and nothing else, and are read once."""

import json
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.bundle import standalone
from registry.bundle.container import MAX_BUNDLE
from registry.bundle.reading import read_bundle
from registry.bundle.verify import verify_bundle
from schemas.errors import VerificationError
from tests.attacks.simulator import honest
from tui.cli import main


def _bundle() -> bytes:
    registry, manifest, _, _ = honest()
    registry.claim(manifest, "valid")
    return registry.bundle()


BUNDLE = _bundle()
KEPT = "data/log/checkpoint.txt"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The bundle, unpacked."""
    (tmp_path / "b.zip").write_bytes(BUNDLE)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        archive.extractall(tmp_path / "b")
    return tmp_path / "b"


def code_of(path: Path) -> str:
    """Return the code that both verifiers refuse `path` with."""
    with pytest.raises(VerificationError) as caught:
        read_bundle(path)
    with pytest.raises(standalone.Refused) as second:
        standalone.read_path(path)
    assert second.value.code == caught.value.code
    return caught.value.code


def test_a_folder_is_the_archive_it_was_unpacked_from(folder: Path) -> None:
    assert read_bundle(folder) == BUNDLE
    assert read_bundle(folder.parent / "b.zip") == BUNDLE
    assert standalone.read_path(folder) == standalone.read_path(folder.parent / "b.zip") == BUNDLE


def test_a_link_that_is_named_on_purpose_is_followed(folder: Path) -> None:
    (folder.parent / "link").symlink_to(folder)
    (folder.parent / "link.zip").symlink_to(folder.parent / "b.zip")
    assert read_bundle(folder.parent / "link") == read_bundle(folder.parent / "link.zip") == BUNDLE


def _replace_with_link(path: Path) -> None:
    path.rename(path.parent.parent.parent.parent / "kept")
    path.symlink_to(path.parent.parent.parent.parent / "kept")


def _replace_folder(path: Path) -> None:
    path.parent.rename(path.parent.parent.parent.parent / "log")
    path.parent.symlink_to(path.parent.parent.parent.parent / "log")


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("s")
    finally:
        os.chdir(here)


ODD: dict[str, Callable[[Path], object]] = {
    "a file is a symbolic link": _replace_with_link,
    "a folder is a symbolic link": _replace_folder,
    "a link leads nowhere": lambda p: (p.parent / "gone").symlink_to("nowhere"),
    "a file is a hard link": lambda p: (p.parent / "copy.txt").hardlink_to(p),
    "a file has a name outside": lambda p: (p.parents[3] / "outside").hardlink_to(p),
    "a pipe lies in it": lambda p: os.mkfifo(p.parent / "pipe"),
    "a socket lies in it": _socket,
}


@pytest.mark.parametrize("case", ODD)
def test_a_folder_is_refused_when(case: str, folder: Path) -> None:
    ODD[case](folder / KEPT)
    assert code_of(folder) == "CONTAINER_NOT_REGULAR"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_folder_with_a_device_is_refused(folder: Path) -> None:
    try:
        os.mknod(folder / "data" / "null", 0o020666, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("this machine makes no devices")
    assert code_of(folder) == "CONTAINER_NOT_REGULAR"


def test_a_device_and_a_pipe_are_no_bundle(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert code_of(Path("/dev/zero")) == "CONTAINER_NOT_REGULAR"
    assert code_of(tmp_path / "pipe") == "CONTAINER_NOT_REGULAR"


@pytest.mark.parametrize("name", [".hidden", "UPPER", "a b", "n\N{COMBINING DIAERESIS}", "a\\b"])
def test_a_file_with_no_name_of_a_bundle_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"")
    assert code_of(folder) == "CONTAINER_NAME"


def test_a_deep_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "/".join(["b", *"x" * 20])).mkdir(parents=True)
    assert code_of(tmp_path / "b") == "CONTAINER_NAME"


@pytest.mark.parametrize(("what", "code"), [("b", 3), ("b.zip", 3), ("pipe", 1), ("large", 1), ("odd", 1)])
def test_the_command_answers_about_whatever_it_is_given(
    folder: Path, capsys: pytest.CaptureFixture[str], what: str, code: int
) -> None:
    os.mkfifo(folder.parent / "pipe")
    (folder.parent / "large").touch()
    os.truncate(folder.parent / "large", 10 << 30)
    (folder.parent / "odd").mkdir()
    (folder.parent / "odd" / "link").symlink_to(folder)
    assert main(["bundle", "verify", str(folder.parent / what), "--no-remember", "--json"]) == code
    found = json.loads(capsys.readouterr().out)
    codes = {"b": ["UNANCHORED"], "b.zip": ["UNANCHORED"], "large": ["CONTAINER_TOO_LARGE"]}
    assert found["codes"] == codes.get(what, ["CONTAINER_NOT_REGULAR"])
    assert standalone.main([str(folder.parent / what), "--json"]) == code
    assert json.loads(capsys.readouterr().out)["codes"] == found["codes"]


def test_every_file_is_opened_once_and_never_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = os.open

    def counted(path: str, flags: int, *more: int) -> int:
        opened.append(str(path))
        return real(path, flags, *more)

    monkeypatch.setattr(os, "open", counted)
    data = read_bundle(folder)
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"swapped")  # too late: what is hashed and what is read are one buffer
    assert verify_bundle(data).codes == ("UNANCHORED",)
    assert len(opened) == len(set(opened)) == len([p for p in folder.rglob("*") if p.is_file()])


def test_ten_gibibytes_of_nothing_are_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "b.zip").touch()
    os.truncate(tmp_path / "b.zip", 10 << 30)
    assert code_of(tmp_path / "b.zip") == "CONTAINER_TOO_LARGE"
    (tmp_path / "b").mkdir()
    (tmp_path / "b.zip").rename(tmp_path / "b" / "b.zip")
    assert code_of(tmp_path / "b") == "CONTAINER_TOO_LARGE"


def test_files_that_are_too_large_together_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.bundle.reading.MAX_BUNDLE", 150)
    monkeypatch.setattr(standalone, "MAX_BUNDLE", 150)
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"x" * 100)
    assert MAX_BUNDLE > 150
    assert code_of(tmp_path) == "CONTAINER_TOO_LARGE"


def test_more_files_than_a_bundle_holds_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.bundle.reading.MAX_FILES", 2)
    monkeypatch.setattr(standalone, "MAX_FILES", 2)
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"")
    assert code_of(tmp_path) == "CONTAINER_TOO_LARGE"
