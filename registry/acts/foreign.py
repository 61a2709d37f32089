"""Taking in a foreign model registry: what it holds, then what it no longer holds."""

import sqlite3
from typing import Protocol

from registry.acts.take_in import ImportReport, Progress, import_source
from registry.acts.writing import writing
from registry.registry import Registry
from registry.store.foreign_contents import listed_versions
from registry.store.foreign_history import Settled, find_source, known_models, settle
from registry.store.foreign_written import put_written
from schemas.ledger import time_text
from schemas.observation import Source


class RegistrySource(Source, Protocol):
    """A source that says, once collected, which models and versions it showed.

    `present` is None when the reading was not whole; `listed` are versions whose files need not be listed.
    """

    listed: frozenset[tuple[str, str]]

    @property
    def present(self) -> tuple[frozenset[str], frozenset[tuple[str, str]]] | None:
        """The models and the versions of a whole reading."""
        ...


def import_registry(
    registry: Registry, source: RegistrySource, progress: Progress | None = None
) -> tuple[ImportReport, Settled]:
    """Take in what `source` holds and settle what is renamed, missing or gone since the last reading."""
    before = begin_reading(registry.connection, source)
    report = import_source(registry, source, progress)
    if source.present is None:
        return report, Settled()
    with writing(registry, changes=False) as writer:
        return report, end_reading(registry.connection, source, before, time_text(writer.now))


def begin_reading(connection: sqlite3.Connection, source: RegistrySource) -> frozenset[str]:
    """Tell `source` whose files are known, and return the models known before it is read."""
    known = find_source(connection, source.kind, source.name)
    source.listed = listed_versions(connection, source.kind, source.name)
    return frozenset() if known is None else frozenset(known_models(connection, known))


def end_reading(
    connection: sqlite3.Connection, source: RegistrySource, before: frozenset[str], now: str
) -> Settled:
    """Settle what is renamed, missing or gone, once `source` is taken in; nothing after a partial reading."""
    number = find_source(connection, source.kind, source.name)
    if source.present is None or number is None:
        return Settled()
    return settle(connection, number, source.present, before, now)


def remember_tags(registry: Registry, source: str, pair: tuple[str, str], tags: dict[str, str]) -> None:
    """Keep which tags we set on a version in MLflow, so that an import notices when somebody changes them."""
    number = find_source(registry.connection, "mlflow", source)
    if tags and number is not None:
        with writing(registry, changes=False):
            put_written(registry.connection, number, *pair, tags)
