"""muniment init: a registry whole, or nothing and one line that says why."""

import stat
from pathlib import Path

from schemas.digest import Digest


def test_it_makes_a_registry_and_prints_the_promised_keys(muniment, tmp_path: Path):
    done = muniment("init", "--as", "alice", "--no-passphrase", "--json")

    assert done.code == 0
    assert {"registry", "origin", "anchor", "key"} <= set(done.json)
    assert Path(done.json["key"]).is_file()
    assert Digest(done.json["anchor"])
    assert (tmp_path / "registry" / "registry.db").is_file()


def test_key_files_are_readable_by_their_owner_only(founded, tmp_path: Path):
    for name in ("service", "log"):
        mode = (tmp_path / "registry" / "keys" / name).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600


def test_a_second_init_is_refused_and_changes_nothing(founded, tmp_path: Path):
    before = (tmp_path / "registry" / "registry.db").read_bytes()

    again = founded("init", "--as", "mallory", "--no-passphrase")

    assert again.code == 2
    assert "a registry is already here" in again.err
    assert "next:" in again.err
    assert (tmp_path / "registry" / "registry.db").read_bytes() == before


def test_a_folder_with_other_things_in_it_is_left_alone(muniment, tmp_path: Path):
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "letter.txt").write_text("mine")

    refused = muniment("init", "--no-passphrase")

    assert refused.code == 2
    assert [p.name for p in (tmp_path / "registry").iterdir()] == ["letter.txt"]


def test_it_leaves_nothing_half_made_behind(founded, tmp_path: Path):
    assert [p.name for p in tmp_path.iterdir()] == ["registry"]


def test_without_a_terminal_a_passphrase_must_come_from_a_file(muniment):
    refused = muniment("init", "--as", "alice")

    assert refused.code == 2
    assert "--passphrase-file" in refused.err


def test_the_first_key_is_locked_with_the_passphrase_from_the_file(muniment, tmp_path: Path):
    (tmp_path / "pass").write_text("correct horse\n")

    done = muniment("init", "--as", "alice", "--passphrase-file", tmp_path / "pass", "--json")

    assert done.code == 0
    assert b"correct horse" not in Path(done.json["key"]).read_bytes()
