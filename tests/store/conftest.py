"""An empty registry database, real SQLite in a temporary folder."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.store.database import connect, create_database


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "registry.db"
    create_database(path)
    return path


@pytest.fixture
def connection(database: Path) -> Iterator[sqlite3.Connection]:
    opened = connect(database)
    yield opened
    opened.close()
