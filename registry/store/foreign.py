"""What a foreign model registry says now: each reading replaces what it said before."""

import sqlite3

from registry.store.codes import Kind
from registry.store.foreign_contents import put_contents
from registry.store.foreign_history import Change, note
from registry.store.ids import Ids
from schemas.observation import ContentsFact, MetricFact, ModelFact, VersionFact


class ForeignRegistry:
    """Upserts of models, versions, tags, aliases, files and metrics of one source; equal rows stay alone.

    `now` is when the source is read: MLflow gives no time to a move of an alias or a stage.
    """

    def __init__(self, connection: sqlite3.Connection, ids: Ids, source: int, now: str = "") -> None:
        self._connection = connection
        self._ids = ids
        self._source = source
        self._now = now

    def put(self, fact: ModelFact | VersionFact | MetricFact | ContentsFact) -> None:
        """Record one fact as the present truth of the source."""
        if isinstance(fact, ModelFact):
            self._put_model(fact)
        elif isinstance(fact, VersionFact):
            self._put_version(fact)
        elif isinstance(fact, ContentsFact):
            put_contents(self._connection, self._source, fact, self._now)
        else:
            self._put_metric(fact)

    def _put_model(self, fact: ModelFact) -> None:
        self._connection.execute(
            "INSERT INTO foreign_model (source, name, description, created_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (source, name) DO UPDATE SET description = excluded.description, "
            "created_at = excluded.created_at "
            "WHERE (description, created_at) IS NOT (excluded.description, excluded.created_at)",
            (self._source, fact.name, fact.description, fact.created_at),
        )
        self._put_tags(fact.name, "", fact.tags)
        owner = (self._source, fact.name)
        before = self._replace("foreign_alias", ("alias", "version"), owner, fact.aliases)
        for alias in sorted(before.keys() | fact.aliases.keys()):
            was, is_now = before.get(alias), fact.aliases.get(alias)
            self._note(Change(fact.name, "", "alias", alias, was, is_now, self._now))

    def _put_version(self, fact: VersionFact) -> None:
        run = None
        if fact.run is not None:
            job = self._ids.node(Kind.JOB, fact.run.job, seen=False)
            run = self._ids.run(fact.run, job, self._source)
        row = {
            "created_at": fact.created_at,
            "status": fact.status,
            "run": run,
            "artifact_uri": fact.artifact_uri,
            "legacy_stage": fact.legacy_stage,
            "description": fact.description,
            "claimed_user": fact.user,
        }
        stage = self._connection.execute(
            "SELECT legacy_stage FROM foreign_version WHERE source = ? AND model = ? AND version = ?",
            (self._source, fact.model, fact.version),
        ).fetchone()
        was = None if stage is None else stage[0]
        self._note(Change(fact.model, fact.version, "stage", "", was, fact.legacy_stage, self._now))
        names, fresh = ", ".join(row), ", ".join(f"excluded.{column}" for column in row)
        self._connection.execute(
            f"INSERT INTO foreign_version (source, model, version, {names}) "  # noqa: S608 - fixed names
            f"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (source, model, version) "
            f"DO UPDATE SET ({names}) = ({fresh}) WHERE ({names}) IS NOT ({fresh})",
            (self._source, fact.model, fact.version, *row.values()),
        )
        self._put_tags(fact.model, fact.version, fact.tags)

    def _note(self, change: Change) -> None:
        if change.before != change.after:
            note(self._connection, self._source, change)

    def _put_tags(self, model: str, version: str, tags: dict[str, str]) -> None:
        self._replace("foreign_tag", ("key", "value"), (self._source, model, version), tags)

    def _put_metric(self, fact: MetricFact) -> None:
        job = self._ids.node(Kind.JOB, fact.run.job, seen=False)
        run = self._ids.run(fact.run, job, self._source)
        dataset = self._ids.node(Kind.DATASET, fact.dataset, seen=True) if fact.dataset is not None else 0
        key = (run, fact.key, dataset, fact.dataset_digest or "", fact.model_id or "")
        self._connection.execute(
            "INSERT INTO metric (run, key, dataset, dataset_digest, model_id, value, step, time) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (run, key, dataset, dataset_digest, model_id) "
            "DO UPDATE SET value = excluded.value, step = excluded.step, time = excluded.time "
            "WHERE (value, step, time) IS NOT (excluded.value, excluded.step, excluded.time)",
            (*key, fact.value, fact.step, fact.time),
        )

    def _replace(
        self, table: str, pair: tuple[str, str], owner: tuple[object, ...], now: dict[str, str]
    ) -> dict[str, str]:
        """Make the rows of `owner` equal to `now`, touching only those that differ; return what was there."""
        columns = ("source", "model", "version")[: len(owner)]
        where = " AND ".join(f"{c} = ?" for c in columns)
        key, value = pair
        rows = self._connection.execute(f"SELECT {key}, {value} FROM {table} WHERE {where}", owner)  # noqa: S608
        before: dict[str, str] = dict(rows.fetchall())
        self._connection.executemany(
            f"DELETE FROM {table} WHERE {where} AND {key} = ?",  # noqa: S608 - fixed names
            [(*owner, name) for name in sorted(before.keys() - now.keys())],
        )
        marks = ", ".join("?" for _ in range(len(owner) + 2))
        self._connection.executemany(
            f"INSERT OR REPLACE INTO {table} ({', '.join((*columns, key, value))}) VALUES ({marks})",  # noqa: S608
            [(*owner, name, text) for name, text in sorted(now.items()) if before.get(name) != text],
        )
        return before
