"""Read a lineage snapshot: sorted canonical JSON Lines of nodes, edges, gaps and aliases."""

from typing import Any

import msgspec

from registry.rules.check_rules import LEVELS, Level
from registry.rules.checks import LineageSummary
from schemas.canonical import canonical, parse_canonical
from schemas.errors import VerificationError

MAX_LINE = 16 * 1024
MAX_SNAPSHOT = 64 * 1024 * 1024
NO_TRAINING_RUN = "training-run-unknown"


class Node(msgspec.Struct, frozen=True):
    """A dataset, job, run or model; `name` is the source's, escaped."""

    node: str
    name: str
    level: Level
    version: str | None = None
    digest: str | None = None


class Edge(msgspec.Struct, frozen=True, rename={"source": "from", "target": "to"}):
    """`source` fed `target`."""

    source: str
    target: str
    relation: str
    level: Level


class Gap(msgspec.Struct, frozen=True):
    """Something that is not known, at the name `at`."""

    at: str
    reason: str
    level: Level = "absent"


class Alias(msgspec.Struct, frozen=True):
    """Two names of one thing."""

    a: str
    b: str


class Snapshot(msgspec.Struct, frozen=True):
    """The lines of a snapshot by kind."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    gaps: tuple[Gap, ...] = ()
    aliases: tuple[Alias, ...] = ()

    def summary(self) -> LineageSummary:
        """Return what checks ask of it; an empty snapshot knows nothing."""
        levels = [n.level for n in self.nodes] + [e.level for e in self.edges] + [g.level for g in self.gaps]
        return LineageSummary(
            training_known=bool(self.nodes) and all(g.reason != NO_TRAINING_RUN for g in self.gaps),
            datasets=len({n.name for n in self.nodes if n.node == "dataset"}),
            gaps=len(self.gaps),
            weakest=min(levels, key=LEVELS.index, default="absent"),
        )


_KINDS: dict[str, type[Node | Edge | Gap | Alias]] = {"node": Node, "edge": Edge, "gap": Gap, "alias": Alias}


def parse_snapshot(data: bytes) -> Snapshot:
    """Return the lines of `data`; raise VerificationError SNAPSHOT_MALFORMED unless sorted and canonical."""
    if len(data) > MAX_SNAPSHOT:
        raise VerificationError("TOO_LARGE", f"a snapshot of {len(data)} bytes, at most {MAX_SNAPSHOT}")
    *raw, rest = data.split(b"\n")
    if raw != sorted(set(raw)) or rest:
        raise VerificationError("SNAPSHOT_MALFORMED", "the lines are not sorted, unique and ended")
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    for line in raw:
        value = parse_canonical(line, limit=MAX_LINE)
        kind = value.get("kind") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in _KINDS:
            raise VerificationError("SNAPSHOT_MALFORMED", f"unknown kind of line {canonical(kind)[:80]!r}")
        try:
            found[kind].append(msgspec.convert(value, _KINDS[kind]))
        except msgspec.ValidationError as error:
            raise VerificationError("SNAPSHOT_MALFORMED", str(error)[:200]) from error
    return Snapshot(*(tuple(found[kind]) for kind in _KINDS))
