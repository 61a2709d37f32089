"""Which dataset was made from which, jobs left out, by the most exact thing that was said (interop 1.10).

For each job that wrote a dataset: (1) a `lineage` facet is the whole picture, also when it names no source;
(2) else column lineage counts, also where it names datasets that no run lists; (3) else everything the job
read may have gone into everything it wrote, and that is inferred. What static events state stands apart.
"""

import sqlite3
from collections.abc import Iterator

from registry.rules.lineage import Edge, Lineage
from registry.store.aliases import groups, with_aliases
from registry.store.codes import Relation
from registry.store.gaps import origin_gaps
from registry.store.neighbourhood import joined_names, nodes_of
from registry.store.node_facets import facet_with_event
from registry.store.nodes import neighbours

Made = tuple[int, int, str, str]
"""Source, target, relation, level."""

_WRITERS = (
    "SELECT DISTINCT run.job FROM run_io AS io JOIN run ON run.id = io.run "
    "WHERE io.dataset = ? AND io.direction = 2 AND io.role <> 'drop'"
)
_JOB_OF = "SELECT job FROM run WHERE id = ?"
_DERIVED = (
    "SELECT DISTINCT d.source FROM run CROSS JOIN run_derivation AS d ON d.run = run.id AND d.target = ?2 "
    "WHERE run.job = ?1"
)


def dataset_flow(connection: sqlite3.Connection, start: list[int], up: int, down: int) -> Lineage:
    """Return the datasets within so many steps of the datasets `start`, and what joins them."""
    flow = _Flow(connection)
    nodes: set[int] = set()
    made: set[Made] = set()
    for hops, upstream in ((up, True), (down, False)):
        frontier = flow.widened(set(start))
        reached = set(frontier)
        for _ in range(hops):
            fresh = {m for node in frontier for m in (flow.into(node) if upstream else flow.out_of(node))}
            made |= fresh
            frontier = flow.widened({m[0] if upstream else m[1] for m in fresh}) - reached
            if not frontier:
                break
            reached |= frontier
        nodes |= reached
    known = nodes_of(connection, nodes)
    pairs = [sorted((known[a].id, known[b].id)) for a, b in flow.aliases if a in known and b in known]
    edges = {Edge(known[s].id, known[t].id, relation, level) for s, t, relation, level in made}
    return Lineage(
        tuple(known[node].id for node in start),
        tuple(sorted(known.values())),
        tuple(sorted(edges | {Edge(a, b, "alias") for a, b in pairs})),
        tuple(sorted(origin_gaps(connection, known))),
        joined=tuple(sorted(joined_names(connection, known, groups(flow.aliases)))),
    )


class _Flow:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.aliases: set[tuple[int, int]] = set()

    def widened(self, nodes: set[int]) -> set[int]:
        return with_aliases(self._connection, nodes, self.aliases)

    def into(self, target: int) -> Iterator[Made]:
        """Yield what the dataset was made from."""
        near, connection = neighbours, self._connection
        for source in near(connection, target, "target", Relation.DECLARED_DERIVATION):
            yield source, target, "declared-derivation", "reported"
        unlisted = derived = near(connection, target, "target", Relation.DERIVATION)
        for job in self._rows(_WRITERS, target):
            said = self._rows(_DERIVED, job, target) if derived else set()
            unlisted = unlisted - said
            if said or self._is_complete(job, target):
                yield from ((source, target, "derivation", "reported") for source in said)
            else:
                for source in near(connection, job, "target", Relation.INPUT) - {target}:
                    yield source, target, "through-job", "inferred"
        # Said of a dataset that its run only reads, or does not list at all.
        yield from ((source, target, "derivation", "reported") for source in unlisted)

    def out_of(self, source: int) -> Iterator[Made]:
        """Yield what was made from the dataset."""
        near, connection = neighbours, self._connection
        targets = near(connection, source, "source", Relation.DERIVATION)
        targets |= near(connection, source, "source", Relation.DECLARED_DERIVATION)
        for job in near(connection, source, "source", Relation.INPUT):
            targets |= near(connection, job, "source", Relation.OUTPUT)
        for target in targets - {source}:
            yield from (made for made in self.into(target) if made[0] == source)

    def _is_complete(self, job: int, target: int) -> bool:
        """Tell whether the job's own statement, naming no source, is the whole picture."""
        facet = facet_with_event(self._connection, target, "lineage")
        if facet is not None and (facet.run is None or self._rows(_JOB_OF, facet.run) == {job}):
            return True
        stated = facet_with_event(self._connection, job, "lineage")
        return stated is not None and isinstance(stated.value.get("entries"), list)

    def _rows(self, sql: str, *values: int) -> set[int]:
        return {row[0] for row in self._connection.execute(sql, values)}
