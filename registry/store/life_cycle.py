"""Whether a dataset is still there: dropped when a drop completed, there again when written later.

The last `lifecycleStateChange` in force decides; a drop that failed was only attempted. Source: interop 1.8.
"""

import sqlite3
from typing import Any

import msgspec

from registry.store.aliases import with_aliases
from registry.store.node_facets import facet_with_event
from registry.store.nodes import node_names
from registry.store.said import moment
from registry.store.written import DONE
from schemas.observation import Name

_FACET = "lifecycleStateChange"
_DROPS = (
    "SELECT run.state_instant, run.state_time FROM run_io AS io JOIN run ON run.id = io.run "
    "WHERE io.dataset IN ({marks}) AND io.direction = 2 AND io.role = 'drop' "
    "AND run.state = 'COMPLETE' AND run.state_instant >= ? ORDER BY 1 DESC, 2 DESC LIMIT 1"
)
_WRITTEN_SINCE = (
    "SELECT 1 FROM run_io AS io JOIN run ON run.id = io.run "  # noqa: S608 - fixed words
    f"WHERE io.dataset IN ({{marks}}) AND io.direction = 2 AND io.role <> 'drop' "
    f"AND {DONE} AND run.state_instant > ? AND NOT EXISTS (SELECT 1 FROM run_io AS d WHERE d.run = io.run "
    "AND d.direction = io.direction AND d.dataset = io.dataset AND d.role = 'drop') LIMIT 1"
)


class LifeCycle(msgspec.Struct, frozen=True):
    """The last change of a dataset, as events say; `dropped_at` while nothing has written it since.

    `attempted` is true of a drop that no run completed.
    """

    change: str
    at: str
    previous: Name | None = None
    dropped_at: str | None = None
    attempted: bool = False


def life_cycle(connection: sqlite3.Connection, dataset: int) -> LifeCycle | None:
    """Return the last change of the dataset under any of its names, or None when no event names one."""
    nodes = sorted(with_aliases(connection, {dataset}, set()))
    changes = [found for node in nodes if (found := facet_with_event(connection, node, _FACET)) is not None]
    if not changes:
        return None
    names = node_names(connection, nodes)
    last = max(changes, key=lambda facet: (facet.instant, facet.rank, names[facet.node]))
    change, at = str(last.value.get(_FACET) or ""), moment(last.instant)
    if change == "RENAME":
        return LifeCycle(change, at, _name(last.value.get("previousIdentifier")))
    if change != "DROP":
        return LifeCycle(change, at)
    marks = ", ".join("?" * len(nodes))
    drop = connection.execute(_DROPS.format(marks=marks), (*nodes, last.instant)).fetchone()
    if drop is None and last.run is not None:
        return LifeCycle(change, at, attempted=True)
    # Said without a run, the statement itself is all there is.
    instant, dropped = (last.instant, at) if drop is None else drop
    since = connection.execute(_WRITTEN_SINCE.format(marks=marks), (*nodes, instant)).fetchone()
    return LifeCycle(change, at, dropped_at=None if since is not None else str(dropped))


def _name(value: Any) -> Name | None:
    if not isinstance(value, dict):
        return None
    namespace, name = value.get("namespace"), value.get("name")
    return Name(namespace, name) if isinstance(namespace, str) and isinstance(name, str) else None
