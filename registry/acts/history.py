"""The historical lineage of a version: over its training runs, each at its own start (RECORDS section 4)."""

from collections.abc import Iterator
from typing import Any

from registry.registry import Registry
from registry.rules.snapshot import HistoricalLineage, historical_lineage
from registry.store.lineage import LineageReader
from registry.trust.state import State, Version
from schemas.observation import Name, RunKey


def history_of(registry: Registry, state: State, version: Version) -> HistoricalLineage:
    """Return the lineage of `version`; without a training run it is one gap."""
    return historical_lineage(LineageReader(registry.connection), version.ref, runs_of(state, version))


def runs_of(state: State, version: Version) -> Iterator[RunKey]:
    """Yield the runs that trained `version`: as registered, then as linked since."""
    for run in version.runs:
        yield _key(str(run.get("runId", "")), run.get("job", {}))
    for linked in state.runs.get(version.manifest, ()):
        if not state.is_void(linked.by):
            yield _key(linked.run_id, linked.job)


def _key(run_id: str, job: dict[str, Any]) -> RunKey:
    return RunKey(run_id, Name(str(job.get("namespace", "")), str(job.get("name", ""))))
