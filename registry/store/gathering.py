"""From facts to rows: a batch merged in memory, before any database, under numbers of its own.

Every merge is decided by event time and at last by event id, so that the order and the number of imports
do not matter. The id of an event is worked out only where everything else is equal.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import msgspec

from registry.rules import facets, runs
from registry.rules.runs import RunState
from registry.store.codes import Direction, Kind, Relation
from registry.store.gathered import NOBODY, Declared, FacetText, Gathered, Key, Said, Weight, weight_of
from schemas.identity import compact
from schemas.observation import (
    RANKS,
    DatasetFact,
    DatasetUse,
    Facets,
    JobFact,
    LineageFact,
    Name,
    RunFact,
    RunKey,
)

# Plain numbers: SQLite takes a subclass of int only after a detour.
_DATASET, _JOB = int(Kind.DATASET), int(Kind.JOB)
_INPUT, _OUTPUT = int(Direction.INPUT), int(Direction.OUTPUT)
_REL_INPUT, _REL_OUTPUT, _PARENT = int(Relation.INPUT), int(Relation.OUTPUT), int(Relation.PARENT)
_DERIVATION, _DEPENDENCY = int(Relation.DERIVATION), int(Relation.DEPENDENCY)
_TIES = {(False, True): _REL_INPUT, (True, False): _REL_OUTPUT, (True, True): _DEPENDENCY}
_HEAD = ("_producer", "_schemaURL")


class _Given(msgspec.Struct, gc=False):
    """Facets of one node, and the first and last statement of exactly these.

    `about` keeps the object alive under whose identity this is remembered. For the use of a dataset there
    are also the version it names, its role, and the datasets it was made from.
    """

    about: object
    node: int
    facets: Facets
    first: Key
    last: Key
    version: int = 0
    role: str = ""
    sources: tuple[int, ...] = ()


class Gathering:
    """Takes the facts of one event after the other; `finish` gives the rows."""

    def __init__(self, find_id: Callable[[int], bytes]) -> None:
        """Ask `find_id` for the id of the event at a place when a tie needs it."""
        self._find_id = find_id
        self._nodes: dict[tuple[int, str, str], int] = {}
        self._seen: set[int] = set()
        self._runs: dict[tuple[str, int], int] = {}
        self._versions: dict[tuple[int, str, str], int] = {}
        self._about: list[int] = []
        self._states: dict[int, RunState] = {}
        self._parents: dict[int, tuple[Key, int]] = {}
        self._io: set[tuple[int, int, int, int, str]] = set()
        self._edges: set[tuple[int, int, int]] = set()
        self._derivations: set[tuple[int, int, int]] = set()
        self._declared: dict[int, tuple[Key, set[tuple[int, int]], set[tuple[int, int]]]] = {}
        self._jobs: dict[tuple[int, int], _Given] = {}
        self._uses: dict[int, _Given] = {}
        self._named_parents: dict[int, tuple[Any, tuple[int, int] | None]] = {}

    def start_event(self) -> Said:
        """Begin the next event; its facts are added with what this returns."""
        self._about.append(NOBODY)
        return Said(len(self._about) - 1, self._find_id)

    def add(self, fact: LineageFact, said: Said) -> None:
        """Gather one fact of the event."""
        if isinstance(fact, RunFact):
            self._add_run_event(fact, said)
        elif isinstance(fact, JobFact):
            self._add_job_event(fact, said)
        else:
            self._add_dataset_event(fact, said)

    def finish(self) -> Gathered:
        """Return everything gathered."""
        aliases = self._aliases()
        return Gathered(
            list(self._nodes),
            self._seen,
            list(self._runs),
            list(self._versions),
            self._about,
            self._states,
            {run: (weight_of(key), parent) for run, (key, parent) in self._parents.items()},
            self._io,
            self._edges,
            self._derivations,
            aliases,
            self._facets(),
            {n: Declared(weight_of(key), uses, made) for n, (key, uses, made) in self._declared.items()},
        )

    def _add_run_event(self, fact: RunFact, said: Said) -> None:
        key = (fact.instant, RANKS[fact.state or "OTHER"], said)
        job = self._seen_node(_JOB, fact.run.job)
        run = self._about[said.place] = self._run(fact.run.run_id, job)
        state, known = runs.of_event(fact), self._states.get(run)
        self._states[run] = state if known is None else runs.merge(known, state)
        if fact.job_facets:
            self._give(job, fact.job_facets, key)
        stated = self._stated_by(fact.job_facets)
        for use in fact.inputs:
            found = self._use(use, key)
            self._io.add((run, _INPUT, found.node, found.version, found.role))
            self._edges.add((found.node, job, _REL_INPUT))
            if found.sources and found.node not in stated:
                self._derive(run, found.sources, found.node)
        for use in fact.outputs:
            found = self._use(use, key)
            self._io.add((run, _OUTPUT, found.node, found.version, found.role))
            self._edges.add((job, found.node, _REL_OUTPUT))
            if found.sources and found.node not in stated:
                self._derive(run, found.sources, found.node)
        for made, sources in stated.items():
            self._derive(run, sources, made)
        if "lineage" in fact.job_facets:
            self._edges |= self._ties(fact)
        if fact.run_facets:
            self._relate(fact, run, job, key)

    def _add_job_event(self, fact: JobFact, said: Said) -> None:
        """Gather a static event of a job: what it declares replaces what an earlier one declared."""
        key = (fact.instant, runs.STATIC_RANK, said)
        job = self._seen_node(_JOB, fact.job)
        self._give(job, fact.facets, key)
        stated = self._stated_by(fact.facets)
        declared: set[tuple[int, int]] = set()
        made = {(source, target) for target, sources in stated.items() for source in sources}
        for direction, uses in ((_INPUT, fact.inputs), (_OUTPUT, fact.outputs)):
            for use in uses:
                found = self._use(use, key)
                declared.add((direction, found.node))
                if found.node not in stated:
                    made |= {(source, found.node) for source in found.sources}
        for tie in facets.job_ties(fact.facets, fact.job):
            if tie.is_job == (False, True) and tie.target == fact.job:
                declared.add((_INPUT, self._seen_node(_DATASET, tie.source)))
            elif tie.is_job == (True, False) and tie.source == fact.job:
                declared.add((_OUTPUT, self._seen_node(_DATASET, tie.target)))
        self._declare(job, key, declared, made)

    def _add_dataset_event(self, fact: DatasetFact, said: Said) -> None:
        """Gather a static event of a dataset: what it says it is made from replaces what was said earlier."""
        key = (fact.instant, runs.STATIC_RANK, said)
        found = self._use(DatasetUse(fact.dataset, facets=fact.facets), key)
        if facets.tells_sources(fact.facets):
            self._declare(found.node, key, set(), {(source, found.node) for source in found.sources})

    def _declare(self, node: int, key: Key, uses: set[tuple[int, int]], made: set[tuple[int, int]]) -> None:
        known = self._declared.get(node)
        if known is None or key > known[0]:
            self._declared[node] = (key, uses, made)

    def _ties(self, fact: RunFact) -> set[tuple[int, int, int]]:
        """Return the edges from and to jobs that the `lineage` facet of a run's job states."""
        edges = set()
        for tie in facets.job_ties(fact.job_facets, fact.run.job):
            source, target = self._end(tie.source, tie.is_job[0]), self._end(tie.target, tie.is_job[1])
            edges.add((source, target, _TIES[tie.is_job]))
        return edges

    def _end(self, name: Name, is_job: bool) -> int:
        return self._node(_JOB, name) if is_job else self._seen_node(_DATASET, name)

    def _stated_by(self, job_facets: Facets) -> dict[int, tuple[int, ...]]:
        """Return what the `lineage` facet of a job says its datasets were made from: the whole of it."""
        if "lineage" not in job_facets:
            return {}
        return {
            self._seen_node(_DATASET, made): tuple([self._seen_node(_DATASET, s) for s in sorted(sources)])
            for made, sources in facets.stated_by_job(job_facets).items()
        }

    def _node(self, kind: int, name: Name) -> int:
        nodes = self._nodes
        return nodes.setdefault((kind, name.namespace, name.name), len(nodes))

    def _seen_node(self, kind: int, name: Name) -> int:
        """Return the node of a name that an event is about, or about whose data it is."""
        node = self._node(kind, name)
        self._seen.add(node)
        return node

    def _run(self, run_id: str, job: int) -> int:
        return self._runs.setdefault((run_id, job), len(self._runs))

    def _use(self, use: DatasetUse, key: Key) -> _Given:
        found = self._uses.get(id(use))
        if found is None:
            found = self._uses[id(use)] = self._first_use(use, key)
        elif key > found.last:
            found.last = key
        elif key < found.first:
            found.first = key
        return found

    def _first_use(self, use: DatasetUse, key: Key) -> _Given:
        dataset, version = self._seen_node(_DATASET, use.dataset), 0
        if use.version is not None or use.digest is not None:
            named = (dataset, use.version or "", use.digest or "")
            version = self._versions.setdefault(named, len(self._versions) + 1)
        sources: tuple[int, ...] = ()
        if facets.tells_sources(use.facets):
            names = facets.sources_of(use.facets) - {use.dataset}
            sources = tuple([self._seen_node(_DATASET, name) for name in names])
        return _Given(use, dataset, use.facets, key, key, version, use.role or "", sources)

    def _derive(self, run: int, sources: tuple[int, ...], made: int) -> None:
        for source in sources:
            self._edges.add((source, made, _DERIVATION))
            self._derivations.add((run, made, source))

    def _give(self, job: int, given: Facets, key: Key) -> None:
        found = self._jobs.get((job, id(given)))
        if found is None:
            self._jobs[job, id(given)] = _Given(given, job, given, key, key)
        elif key > found.last:
            found.last = key
        elif key < found.first:
            found.first = key

    def _relate(self, fact: RunFact, run: int, job: int, key: Key) -> None:
        facet = facets.parent_facet(fact.run_facets)
        if facet is not None:
            self._set_parent(facet, run, job, key)
        if "jobDependencies" in fact.run_facets:
            for upstream, downstream in facets.dependencies(fact.run_facets):
                other = self._node(_JOB, upstream or downstream or fact.run.job)
                if other != job:
                    pair = (other, job) if upstream is not None else (job, other)
                    self._edges.add((*pair, _DEPENDENCY))

    def _set_parent(self, facet: Any, run: int, job: int, key: Key) -> None:
        if id(facet) not in self._named_parents:
            self._named_parents[id(facet)] = (facet, self._parent(facets.find_parent({"parent": facet})))
        parent = self._named_parents[id(facet)][1]
        if parent is None or parent[0] == run:
            return
        known = self._parents.get(run)
        if known is None or not key < known[0]:
            self._parents[run] = (key, parent[0])
        if parent[1] != job:
            self._edges.add((parent[1], job, _PARENT))

    def _parent(self, key: RunKey | None) -> tuple[int, int] | None:
        if key is None:
            return None
        job = self._node(_JOB, key.job)
        return self._run(key.run_id, job), job

    def _facets(self) -> list[tuple[int, str, Weight, FacetText]]:
        """Return the last statement of every facet.

        An event that gives one dataset the same facet twice, as input and output, means the greater value.
        """
        best: dict[tuple[int, str], tuple[Key, Any]] = {}
        for given in chain(self._jobs.values(), self._uses.values()):
            for name, value in given.facets.items():
                place = (given.node, name)
                known = best.get(place)
                if known is None or given.last > known[0]:
                    best[place] = (given.last, value)
                elif value is not known[1] and given.last == known[0]:
                    best[place] = (given.last, max(known[1], value, key=compact))
        written: dict[int, FacetText] = {}
        for _, value in best.values():
            if id(value) not in written:
                written[id(value)] = FacetText(None) if facets.is_deleted(value) else _text(value)
        return [(node, name, weight_of(key), written[id(v)]) for (node, name), (key, v) in best.items()]

    def _aliases(self) -> dict[tuple[int, int], tuple[Weight, str]]:
        """Return who first said of two names that they are one dataset."""
        found: dict[tuple[int, int], tuple[Key, str]] = {}
        for node, first, name, reason in self._other_names():
            other = self._node(_DATASET, name)
            if other != node:
                pair = (min(node, other), max(node, other))
                found[pair] = min((first, reason), found.get(pair, (first, reason)))
        return {pair: (weight_of(key), reason) for pair, (key, reason) in found.items()}

    def _other_names(self) -> Iterator[tuple[int, Key, Name, str]]:
        for given in self._uses.values():
            if "symlinks" in given.facets or "lifecycleStateChange" in given.facets:
                for name, reason in facets.aliases(given.facets):
                    yield given.node, given.first, name, reason


def _text(facet: Facets) -> FacetText:
    """Return a facet in two parts: few producers and schemas stand in very many facets."""
    head = {name: facet[name] for name in _HEAD if isinstance(facet.get(name), str)}
    rest = {name: value for name, value in facet.items() if name not in head}
    return FacetText(compact(rest), compact(head).decode() if head else "")
