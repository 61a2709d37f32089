"""What all events of a run say about it together, and which event says each part.

1. A facet is atomic: of several under one name on one thing the latest counts, whole; an event without it
   takes nothing away. Latest is by (instant, type, event id), never by arrival.
2. Facets of runs and of uses cannot be deleted; those of jobs and datasets can, and an older one that comes
   later stays deleted.
3. `parentRun` is an old name of `parent`.

Source: interop section 1.5.
"""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from registry.rules.facets import dependencies, find_parent, find_root, is_deleted
from schemas.observation import Facets, Name, RunKey
from schemas.run_statement import RunStatement

Order = tuple[int, int, bytes]


class KeptFacet(msgspec.Struct, frozen=True):
    """The facet in force; `said_by` is the place of the event among those given."""

    name: str
    value: dict[str, Any]
    said_by: int


class UseRecord(msgspec.Struct, frozen=True):
    """A dataset the run used, with what the run's events say about it and about this use of it."""

    dataset: Name
    facets: tuple[KeptFacet, ...]
    use_facets: tuple[KeptFacet, ...]
    said_by: tuple[int, ...]

    @property
    def assertions(self) -> list[dict[str, Any]]:
        """Return the data quality assertions, wherever the producer put them."""
        return [
            item
            for facet in (*self.facets, *self.use_facets)
            if facet.name == "dataQualityAssertions"
            for item in _dicts(facet.value.get("assertions"))
        ]


class RunRecord(msgspec.Struct, frozen=True):
    """A run from all its events. `parent` and `root` contain it; dependencies are control flow."""

    run_facets: tuple[KeptFacet, ...]
    job_facets: tuple[KeptFacet, ...]
    inputs: tuple[UseRecord, ...]
    outputs: tuple[UseRecord, ...]
    parent: RunKey | None
    root: RunKey | None
    upstream: tuple[Name, ...]
    downstream: tuple[Name, ...]


_Facets = dict[str, tuple[Order, KeptFacet]]


class _Use(NamedTuple):
    facets: _Facets
    use_facets: _Facets
    said_by: list[int]


class Recorder:
    """Takes the events of a run one after another, in any order, and keeps only what is in force."""

    def __init__(self) -> None:
        self._count = 0
        self._run: _Facets = {}
        self._job: _Facets = {}
        self._inputs: dict[Name, _Use] = {}
        self._outputs: dict[Name, _Use] = {}
        self._upstream: set[Name] = set()
        self._downstream: set[Name] = set()

    def add(self, said: RunStatement) -> None:
        """Take in what one event says."""
        place, order = self._count, said.order
        self._count += 1
        run_facets = _parent_renamed(said.run_facets)
        _keep(self._run, run_facets, order, place)
        _keep(self._job, said.job_facets, order, place)
        for known, uses in ((self._inputs, said.inputs), (self._outputs, said.outputs)):
            for name in {use.dataset for use in uses}:
                own = [use for use in uses if use.dataset == name]
                use = known.setdefault(name, _Use({}, {}, []))
                use.said_by.append(place)
                _keep(use.facets, _greater(u.facets for u in own), order, place)
                _keep(use.use_facets, _greater(u.use_facets for u in own), order, place)
        for upstream, downstream in dependencies(run_facets):
            if upstream is not None:
                self._upstream.add(upstream)
            if downstream is not None:
                self._downstream.add(downstream)

    def record(self) -> RunRecord:
        """Return what all of them say together."""
        run_facets = _in_force(self._run, deletable=False)
        values = {facet.name: facet.value for facet in run_facets}
        return RunRecord(
            run_facets,
            _in_force(self._job, deletable=True),
            _uses(self._inputs),
            _uses(self._outputs),
            find_parent(values),
            find_root(values),
            tuple(sorted(self._upstream)),
            tuple(sorted(self._downstream)),
        )


def record_run(statements: Iterable[RunStatement]) -> RunRecord:
    """Return what the events say together, in whatever order and however often they are given."""
    recorder = Recorder()
    for said in statements:
        recorder.add(said)
    return recorder.record()


def _keep(kept: _Facets, given: Facets, order: Order, place: int) -> None:
    for name, value in given.items():
        known = kept.get(name)
        if known is None or order > known[0]:
            kept[name] = (order, KeptFacet(name, value, place))


def _uses(known: dict[Name, _Use]) -> tuple[UseRecord, ...]:
    return tuple(
        UseRecord(
            name,
            _in_force(use.facets, deletable=True),
            _in_force(use.use_facets, deletable=False),
            tuple(use.said_by),
        )
        for name, use in sorted(known.items())
    )


def _in_force(kept: _Facets, *, deletable: bool) -> tuple[KeptFacet, ...]:
    facets = (facet for _, facet in kept.values() if not (deletable and is_deleted(facet.value)))
    return tuple(sorted(facets, key=lambda facet: facet.name))


def _greater(given: Iterable[Facets]) -> Facets:
    """Return the facets; where one event gives a name twice, the greater value counts."""
    found: dict[str, Any] = {}
    for facets in given:
        for facet, value in facets.items():
            known = found.get(facet)
            found[facet] = value if known is None else max(known, value, key=_spelled)
    return found


def _spelled(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True)


def _parent_renamed(facets: Facets) -> Facets:
    if "parentRun" not in facets:
        return facets
    rest = {name: value for name, value in facets.items() if name != "parentRun"}
    return {"parent": facets["parentRun"], **rest}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
