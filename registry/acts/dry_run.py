"""Saying what an import would do: all of it happens within one transaction, which is then undone.

Nothing is signed, sealed or kept. While it lasts nobody else can write to the registry.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from registry.acts.foreign import RegistrySource, begin_reading, end_reading
from registry.acts.take_in import ImportReport, Progress, expected
from registry.registry import Registry
from registry.store.foreign_history import Settled
from registry.store.take_in import Batch, take_in
from registry.store.transaction import begin, undo
from schemas.ledger import time_text
from schemas.observation import Source


def try_sources(
    registry: Registry, sources: Iterable[Source], progress: Progress | None = None
) -> list[ImportReport]:
    """Return what importing each of `sources` in turn would report."""
    with _undone(registry):
        return [_try(registry, source, progress) for source in sources]


def try_registry(
    registry: Registry, source: RegistrySource, progress: Progress | None = None
) -> tuple[ImportReport, Settled]:
    """Return what importing a foreign model registry would report and settle."""
    with _undone(registry):
        before = begin_reading(registry.connection, source)
        report = _try(registry, source, progress)
        return report, end_reading(registry.connection, source, before, time_text(registry.clock()))


def _try(registry: Registry, source: Source, progress: Progress | None) -> ImportReport:
    done = 0

    def heard(batch: Batch) -> None:
        nonlocal done
        done += batch.taken + batch.duplicate + batch.quarantined
        if progress is not None:
            progress(done, expected(source, done))

    return ImportReport(take_in(registry.connection, source, on_batch=heard), (), None)


@contextmanager
def _undone(registry: Registry) -> Iterator[None]:
    begin(registry.connection, registry.home)
    try:
        yield
    finally:
        undo(registry.connection)
