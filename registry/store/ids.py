"""Small integers for names: looked up or made once, remembered for the rest of an import."""

import sqlite3

from registry.store.codes import Kind
from schemas.observation import Name, RunKey

_REMEMBERED = 200_000


class Ids:
    """Ids of sources, nodes, runs and dataset versions; memory stays bounded in long imports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._nodes: dict[tuple[int, str, str], int] = {}
        self._runs: dict[tuple[str, int], int] = {}
        self._versions: dict[tuple[int, str, str], int] = {}
        self._seen: set[int] = set()
        self._now_seen: set[int] = set()
        self.batch_nodes: set[int] = set()
        self.new_runs: set[int] = set()

    def start_batch(self) -> None:
        """Begin to gather anew which nodes are asked for and which runs are made."""
        self.batch_nodes = set()
        self.new_runs = set()

    def source(self, kind: str, name: str) -> int:
        """Return the id of a source."""
        return self._find(
            "SELECT id FROM source WHERE kind = ? AND name = ?",
            "INSERT INTO source (kind, name) VALUES (?, ?)",
            (kind, name),
        )

    def node(self, kind: Kind, name: Name | None, *, seen: bool) -> int:
        """Return the id of a dataset or job; `seen` says that an event is about it or about its data."""
        if name is None:
            raise ValueError("a node has a name")
        key = (int(kind), name.namespace, name.name)
        found = self._nodes.get(key)
        if found is None:
            if len(self._nodes) >= _REMEMBERED:
                self._nodes.clear()
                self._seen.clear()
            found = self._find(
                "SELECT id FROM node WHERE kind = ? AND namespace = ? AND name = ?",
                "INSERT INTO node (kind, namespace, name, seen) VALUES (?, ?, ?, 0)",
                key,
            )
            self._nodes[key] = found
        self.batch_nodes.add(found)
        if seen and found not in self._seen:
            self._seen.add(found)
            self._now_seen.add(found)
        return found

    def run(self, key: RunKey, job: int, source: int) -> int:
        """Return the id of a run, made without events when it is new."""
        pair = (key.run_id, job)
        found = self._runs.get(pair)
        if found is None:
            if len(self._runs) >= _REMEMBERED:
                self._runs.clear()
            row = self._connection.execute("SELECT id FROM run WHERE run_id = ? AND job = ?", pair).fetchone()
            found = int(row[0]) if row else self._make_run(pair, source)
            self._runs[pair] = found
        return found

    def version(self, dataset: int, version: str | None, digest: str | None) -> int:
        """Return the id of a dataset's version; 0 when neither version nor digest is named."""
        if version is None and digest is None:
            return 0
        key = (dataset, version or "", digest or "")
        found = self._versions.get(key)
        if found is None:
            if len(self._versions) >= _REMEMBERED:
                self._versions.clear()
            found = self._versions[key] = self._find(
                "SELECT id FROM dataset_version WHERE dataset = ? AND version = ? AND digest = ?",
                "INSERT INTO dataset_version (dataset, version, digest) VALUES (?, ?, ?)",
                key,
            )
        return found

    def flush_seen(self) -> set[int]:
        """Mark the nodes seen since the last call and return them."""
        fresh, self._now_seen = self._now_seen, set()
        self._connection.executemany(
            "UPDATE node SET seen = 1 WHERE id = ? AND seen = 0", [(node,) for node in sorted(fresh)]
        )
        return fresh

    def _make_run(self, pair: tuple[str, int], source: int) -> int:
        made = self._connection.execute(
            "INSERT INTO run (run_id, job, source, events, state, state_instant, state_time, instant, "
            "streaming, parent_instant, parent_rank) VALUES (?, ?, ?, 0, 'OTHER', 0, '', 0, 0, 0, 0)",
            (*pair, source),
        )
        run = int(made.lastrowid or 0)
        self.new_runs.add(run)
        return run

    def _find(self, select: str, insert: str, key: tuple[object, ...]) -> int:
        row = self._connection.execute(select, key).fetchone()
        return int(row[0]) if row else int(self._connection.execute(insert, key).lastrowid or 0)
