"""Where a foreign registry keeps what a governed version is linked to."""

import sqlite3
from collections.abc import Iterable

import msgspec

from registry.store.foreign_history import find_source, present_name
from schemas.observation import Name, RunKey

_KIND = "mlflow"
_PLACE = (
    "SELECT node.namespace, f.artifact_uri, f.description FROM foreign_version AS f "
    "LEFT JOIN run ON run.id = f.run LEFT JOIN node ON node.id = run.job "
    "WHERE f.source = ? AND f.model = ? AND f.version = ?"
)
_MEASURED_ON = (
    "SELECT DISTINCT node.namespace, node.name FROM metric JOIN node ON node.id = metric.dataset "
    "JOIN run ON run.id = metric.run JOIN node AS job ON job.id = run.job "
    "WHERE run.run_id = ? AND job.namespace = ? AND job.name = ? AND metric.dataset_digest = ? ORDER BY 1, 2"
)


class ForeignPlace(msgspec.Struct, frozen=True):
    """A foreign version: the name its model has as a dataset, where its files lie, what is said of it."""

    model: Name
    artifact_uri: str
    description: str


def find_place(
    connection: sqlite3.Connection, source: str, model: str, version: str, since: str
) -> ForeignPlace | None:
    """Return the foreign version that was called so at `since`, None for one that is not known here."""
    number = find_source(connection, _KIND, source)
    if number is None:
        return None
    called = present_name(connection, number, model, since)
    row = connection.execute(_PLACE, (number, called, version)).fetchone()
    if row is None:
        return None
    # Its run's job has the server's namespace; a server is named there by its address.
    scheme, _, address = source.partition("://")
    namespace = row[0] or (f"mlflow://{address}" if scheme in ("http", "https") else None)
    return None if namespace is None else ForeignPlace(Name(namespace, called), row[1], row[2])


def find_measured(connection: sqlite3.Connection, runs: Iterable[RunKey], digest: str) -> Name | None:
    """Return the dataset of this digest that metrics of any of the runs were measured on, if it is one."""
    found = {
        Name(namespace, name)
        for run in runs
        for namespace, name in connection.execute(
            _MEASURED_ON, (run.run_id, run.job.namespace, run.job.name, digest)
        )
    }
    return found.pop() if len(found) == 1 else None
