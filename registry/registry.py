"""The registry as one object: its folder, ledger, keys and clock. The use cases are in `acts/`."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from registry.signing import keyfile
from registry.store.columns import in_words, text
from registry.store.confirmations import Confirmations
from registry.store.database import open_database
from registry.store.inbox import Inbox
from registry.store.ledger import Ledger
from registry.store.names import Names
from registry.store.versions import Versions
from registry.trust.dsse import Signer
from schemas.asset import VersionRef
from schemas.digest import Digest
from schemas.errors import NotFound, StoreError, Usage

DATABASE = "registry.db"
KEYS = "keys"


class Registry(AbstractContextManager["Registry"]):
    """An open registry. `clock` gives the present; tests hand in their own."""

    def __init__(
        self, home: Path, connection: sqlite3.Connection, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.home = home
        self.connection = connection
        self.clock = clock or (lambda: datetime.now(UTC))
        self.ledger = Ledger(connection)
        self.confirmations = Confirmations(connection)
        self.inbox = Inbox(connection)
        self.names = Names(connection)
        self.versions = Versions(connection)
        self.origin = _origin(home, connection)
        self.has_written = False
        """Whether an act was committed to the log through this object."""

    @property
    def keys(self) -> Path:
        """The folder of key files."""
        return self.home / KEYS

    def find_service_key(self) -> Signer | None:
        """Return the registry's service key when this account can read it."""
        return self._find_key("service")

    def find_log_key(self) -> Signer | None:
        """Return the key that signs heads of the log when this account can read it."""
        return self._find_key("log")

    def get_manifest(self, ref: VersionRef) -> Digest:
        """Return the manifest digest of `ref`; raise NotFound when no such version is registered."""
        manifest = self.versions.find_manifest(ref)
        if manifest is None:
            raise NotFound(f"{ref} is not registered here", hint=f"muniment register {ref} --artifact PATH")
        return manifest

    def _find_key(self, name: str) -> Signer | None:
        path = self.keys / name
        return keyfile.load(path, None) if os.access(path, os.R_OK) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.connection.close()
        if isinstance(error, sqlite3.Error):
            # SQLite reads rows as they are asked for, so damage shows anywhere; here it becomes words.
            raise in_words(self.home, error) from error


def _origin(home: Path, connection: sqlite3.Connection) -> str:
    try:
        row = connection.execute("SELECT value FROM registry_fact WHERE name = 'origin'").fetchone()
    except sqlite3.Error as error:
        raise in_words(home, error) from error
    if row is None:
        raise StoreError(f"{home}: the registry has no origin", hint="muniment init in another folder")
    return text(row[0], "the registry's origin")


def registry_home(path: str | None) -> Path:
    """Return the registry's folder: the one named, or the platform's user-data folder."""
    if path is not None and "://" in path:
        raise Usage(f"{path}: a registry is a folder on this machine", hint="name a folder with --registry")
    if path is not None:
        named = Path(path).expanduser()
        return named.parent if named.name == DATABASE else named
    from platformdirs import user_data_path  # noqa: PLC0415 - only when no folder is named

    return user_data_path("muniment")


def open_registry(
    path: str | Path | None, *, read_only: bool = False, clock: Callable[[], datetime] | None = None
) -> Registry:
    """Open the registry in the folder `path`; raise in words when there is none or it cannot be used."""
    home = registry_home(None if path is None else str(path))
    return Registry(home, open_database(home / DATABASE, read_only=read_only), clock)
