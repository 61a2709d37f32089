"""A database restored from a backup, or copied, is told from the log that was signed before."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.acts.actor import Actor
from registry.acts.gate import answer_gate
from registry.acts.init import found_registry
from registry.acts.record import record_document
from registry.acts.register import register_version
from registry.registry import Registry, open_registry
from registry.store.last_head import read_last_head
from schemas.asset import FileEntry, VersionRef
from schemas.digest import Digest
from schemas.errors import Conflict, NotFound, Refused

FILES = (FileEntry("model.bin", Digest.of(b"weights"), 7),)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    found_registry(tmp_path / "registry", "alice", None)
    return tmp_path / "registry"


def register(registry: Registry, version: int) -> None:
    service = registry.find_service_key()
    assert service is not None
    register_version(registry, Actor(service), VersionRef("main", "m", version), FILES)


def within(home: Path, act: Callable[[Registry], None]) -> None:
    with open_registry(home) as registry:
        act(registry)


def test_a_restored_backup_is_not_signed_on(home: Path):
    shutil.copy(home / "registry.db", home.parent / "backup.db")
    within(home, lambda r: register(r, 1))
    shutil.copy(home.parent / "backup.db", home / "registry.db")

    with pytest.raises(Refused, match="HEAD_BEHIND_LAST_SIGNED"):
        within(home, lambda r: register(r, 2))


def test_a_fork_of_the_same_length_is_not_signed_on(home: Path):
    shutil.copy(home / "registry.db", home.parent / "backup.db")
    within(home, lambda r: register(r, 1))
    (home / "keys" / "last-head").rename(home.parent / "kept")
    shutil.copy(home.parent / "backup.db", home / "registry.db")
    within(home, lambda r: register(r, 9))
    (home.parent / "kept").replace(home / "keys" / "last-head")

    with pytest.raises(Refused, match="HEAD_FORKED"):
        within(home, lambda r: register(r, 2))


def test_a_database_ahead_of_the_file_moves_the_file_on(home: Path):
    known = (home / "keys" / "last-head").read_text()
    within(home, lambda r: register(r, 1))
    (home / "keys" / "last-head").write_text(known)

    within(home, lambda r: register(r, 2))

    known_now = read_last_head(home / "keys")
    assert known_now is not None
    assert known_now.size == 4


def test_a_refused_act_leaves_the_database_as_it_was(home: Path):
    def refused(registry: Registry) -> None:
        register(registry, 1)
        register(registry, 1)

    with pytest.raises(Conflict, match="was registered before"):
        within(home, refused)

    with open_registry(home) as registry:
        assert registry.ledger.head().size == 3
        assert not registry.connection.in_transaction


def test_a_record_about_an_unknown_version_writes_nothing(home: Path):
    with open_registry(home) as registry:
        service = registry.find_service_key()
        assert service is not None
        with pytest.raises(NotFound, match="is not registered here"):
            record_document(registry, Actor(service), VersionRef("main", "m", 1), "bias-recorded", b"{}", {})

        assert registry.ledger.head().size == 2


def test_the_gate_does_not_answer_from_an_older_database(home: Path):
    within(home, lambda r: register(r, 1))
    shutil.copy(home / "registry.db", home.parent / "backup.db")
    within(home, lambda r: register(r, 2))
    shutil.copy(home.parent / "backup.db", home / "registry.db")

    with open_registry(home) as registry, pytest.raises(Refused, match="HEAD_BEHIND_LAST_SIGNED"):
        answer_gate(registry, VersionRef("main", "m", 1), None, "production")
