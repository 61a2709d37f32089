"""Small integers for names: looked up or made once, many at a time, remembered for the rest of an import."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from registry.store.codes import Kind
from registry.store.many_rows import insert_rows, select_each
from schemas.observation import Name, RunKey

_REMEMBERED = 100_000

_FIND_NODE = (
    "SELECT n, node.id FROM asked "
    "CROSS JOIN node ON node.kind = k1 AND node.namespace = k2 AND node.name = k3"
)
_FIND_RUN = "SELECT n, run.id FROM asked CROSS JOIN run ON run.run_id = k1 AND run.job = k2"
_FIND_VERSION = (
    "SELECT n, v.id FROM asked CROSS JOIN dataset_version AS v "
    "ON v.dataset = k1 AND v.version = k2 AND v.digest = k3"
)


class Known(msgspec.Struct, frozen=True):
    """The ids of some keys, and the places of those that had none before."""

    ids: list[int]
    new: set[int]


class Ids:
    """Ids of sources, nodes, runs and dataset versions; memory stays bounded in long imports."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._nodes: dict[tuple[int, str, str], int] = {}
        self._runs: dict[tuple[str, int], int] = {}
        self._versions: dict[tuple[int, str, str], int] = {}
        self._seen: set[int] = set()
        self._heads: dict[str, int] = {"": 0}

    def source(self, kind: str, name: str) -> int:
        """Return the id of a source."""
        row = self._connection.execute(
            "SELECT id FROM source WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        if row is not None:
            return int(row[0])
        made = self._connection.execute("INSERT INTO source (kind, name) VALUES (?, ?)", (kind, name))
        return int(made.lastrowid or 0)

    def nodes(self, keys: Sequence[tuple[int, str, str]], seen: set[int]) -> list[int]:
        """Return the ids of nodes; those at the places `seen` are ones an event is about."""
        known = self._known(self._nodes, keys, _FIND_NODE, "node")
        rows = [(known.ids[place], *keys[place], place in seen) for place in sorted(known.new)]
        insert_rows(self._connection, "INSERT INTO node (id, kind, namespace, name, seen)", 5, rows)
        self._seen.update(known.ids[place] for place in known.new & seen)
        fresh = {known.ids[place] for place in seen} - self._seen
        self._connection.executemany(
            "UPDATE node SET seen = 1 WHERE id = ? AND seen = 0", [(node,) for node in sorted(fresh)]
        )
        self._seen = fresh if len(self._seen) >= _REMEMBERED else self._seen | fresh
        return known.ids

    def runs(self, keys: Sequence[tuple[str, int]]) -> Known:
        """Return the ids of runs, given by run id and job; rows for the new ones are the caller's to make."""
        return self._known(self._runs, keys, _FIND_RUN, "run")

    def versions(self, keys: Sequence[tuple[int, str, str]]) -> list[int]:
        """Return the ids of dataset versions, given by dataset, version and digest."""
        known = self._known(self._versions, keys, _FIND_VERSION, "dataset_version")
        rows = [(known.ids[place], *keys[place]) for place in sorted(known.new)]
        insert_rows(self._connection, "INSERT INTO dataset_version (id, dataset, version, digest)", 4, rows)
        return known.ids

    def facet_heads(self, values: set[str]) -> dict[str, int]:
        """Return the ids of heads of facets; 0 stands for none."""
        if len(self._heads) >= _REMEMBERED:
            self._heads = {"": 0}
        for value in sorted(values - self._heads.keys()):
            self._connection.execute("INSERT OR IGNORE INTO facet_head (value) VALUES (?)", (value,))
            row = self._connection.execute("SELECT id FROM facet_head WHERE value = ?", (value,)).fetchone()
            self._heads[value] = int(row[0])
        return self._heads

    def node(self, kind: Kind, name: Name, *, seen: bool) -> int:
        """Return the id of a dataset or job; `seen` says that an event is about it or about its data."""
        return self.nodes([(int(kind), name.namespace, name.name)], {0} if seen else set())[0]

    def run(self, key: RunKey, job: int, source: int) -> int:
        """Return the id of a run, made without events when it is new."""
        known = self.runs([(key.run_id, job)])
        if known.new:
            self._connection.execute(
                "INSERT INTO run (id, run_id, job, source, events, state, state_instant, state_time, "
                "instant, streaming, parent_instant, parent_rank) "
                "VALUES (?, ?, ?, ?, 0, 'OTHER', 0, '', 0, 0, 0, 0)",
                (known.ids[0], key.run_id, job, source),
            )
        return known.ids[0]

    def _known(self, remembered: dict[Any, int], keys: Sequence[Any], select: str, table: str) -> Known:
        ids = [remembered.get(key, 0) for key in keys]
        missing = [place for place, found in enumerate(ids) if not found]
        if len(remembered) + len(missing) >= _REMEMBERED:
            remembered.clear()
        width = len(keys[0]) if keys else 0
        for n, found, *_ in select_each(self._connection, select, width, (keys[p] for p in missing)):
            ids[missing[n]] = found
        new = {place for place in missing if not ids[place]}
        if new:
            row = self._connection.execute(f"SELECT max(id) FROM {table}").fetchone()  # noqa: S608 - ours
            for number, place in enumerate(sorted(new), (row[0] or 0) + 1):
                ids[place] = number
        remembered.update((keys[place], ids[place]) for place in missing)
        return Known(ids, new)
