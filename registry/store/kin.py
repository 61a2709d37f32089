"""Jobs that count as one in lineage: a dbt node under several names, and the statements inside a job.

Nothing says directly which jobs share a unit: they are looked for among those that write the same datasets,
or read the same where they write none, so that the cost grows with the neighbourhood.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from registry.rules.job_identity import STATEMENT, TRAITS, Traits, is_phantom, traits_of
from registry.store.codes import Kind
from registry.store.node_facets import named_facets
from registry.store.nodes import node_names
from registry.store.written import PHANTOM, output_state
from schemas.observation import Name

_PART = 400
_PARENTS = "SELECT target, source FROM edge WHERE relation = 4 AND target IN ({marks})"
_WRITE_THE_SAME = (
    "SELECT other.source FROM edge AS mine JOIN edge AS other ON other.target = mine.target "
    "AND other.relation = 2 WHERE mine.source = ? AND mine.relation = 2"
)
_READ_THE_SAME = (
    "SELECT other.target FROM edge AS mine JOIN edge AS other ON other.source = mine.source "
    "AND other.relation = 1 WHERE mine.target = ? AND mine.relation = 1"
)
_INSIDE = "SELECT source, target FROM edge WHERE relation = 4 AND source IN ({marks})"
_INNER_RUNS = (  # by job: there is no index by parent
    "SELECT id, job, state, streaming FROM run WHERE parent = ?1 AND events > 0 "
    "AND job IN (SELECT target FROM edge WHERE relation = 4 "
    "AND source = (SELECT job FROM run WHERE id = ?1) UNION SELECT job FROM run WHERE id = ?1) ORDER BY id"
)
_OUTER_RUN = (
    "SELECT run.job, run.parent, parent.events > 0 FROM run "
    "LEFT JOIN run AS parent ON parent.id = run.parent WHERE run.id = ?"
)
JobRow = tuple[int, str, str]


class Folded(msgspec.Struct, frozen=True, order=True):
    """The job `member` is shown as `into`; `why` is how that is known."""

    member: int
    into: int
    why: str


class Kin:
    """Answers which jobs are one, and remembers what it read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._traits: dict[int, Traits] = {}
        self._names: dict[int, Name] = {}
        self._inside: dict[int, int | None] = {}

    def traits(self, jobs: Iterable[int]) -> dict[int, Traits]:
        """Return what each job is."""
        wanted = set(jobs)
        fresh = wanted - self._traits.keys()
        if fresh:
            facets = named_facets(self._connection, fresh, TRAITS)
            names = node_names(self._connection, fresh)
            self._names |= names
            self._traits |= {job: traits_of(name, facets.get(job, {})) for job, name in names.items()}
        return {job: self._traits[job] for job in wanted}

    def is_statement(self, job: int) -> bool:
        """Tell whether the job is a single SQL statement."""
        known = self._traits.get(job)
        return (self.traits([job])[job] if known is None else known).statement

    def became(self, job: int, dataset: int) -> str:
        """Return what became of an output of the job: as for any job, or `phantom` of a dbt test's."""
        if self.traits([job])[job].test and is_phantom(
            self._traits[job], node_names(self._connection, [dataset])[dataset]
        ):
            return PHANTOM
        return output_state(self._connection, job, dataset)

    def ahead(self, rows: Iterable[JobRow]) -> Iterator[JobRow]:
        """Yield the rows of jobs, id first; what they are is read many at a time."""
        waiting = iter(rows)
        while part := list(islice(waiting, _PART)):
            self.traits(row[0] for row in part)
            yield from part

    def with_kin(self, jobs: Iterable[int]) -> set[int]:
        """Return the jobs and every job that counts as one with any of them."""
        found, fresh = set(jobs), set(jobs)
        while fresh:
            reached = self._around(fresh)
            fresh = reached - found
            found |= fresh
        return found

    def folded(self, jobs: Iterable[int]) -> list[Folded]:
        """Return which of the jobs are shown as which other: the first, by name, of those that are one."""
        jobs = set(jobs)
        traits = self.traits(jobs)
        groups: dict[object, list[int]] = {}
        for job, is_a in traits.items():
            if is_a.unit is not None:
                groups.setdefault(is_a.unit, []).append(job)
        into: dict[int, tuple[int, str]] = {}
        for group in groups.values():
            first = min(group, key=lambda job: self._names[job])
            for job in group:
                if job != first:
                    into[job] = (first, self.why(job))
        for job in self._statements(jobs):
            outer = self.outermost(job)
            if outer in jobs and outer != job:
                into[job] = (into.get(outer, (outer, ""))[0], STATEMENT)
        return sorted(Folded(job, first, why) for job, (first, why) in into.items())

    def outermost(self, job: int) -> int:
        """Return the job that a statement, at any depth, ran inside of; any other job is itself."""
        seen: set[int] = set()
        while job not in seen and self.is_statement(job):
            seen.add(job)
            outer = self._parent(job)
            if outer is None:
                break
            job = outer
        return job

    def siblings(self, job: int) -> set[int]:
        """Return the other jobs that are the same dbt node."""
        unit = self.traits([job])[job].unit
        if unit is None:
            return set()
        kin = self.traits(self.with_kin({job}))
        return {other for other, is_a in kin.items() if is_a.unit == unit} - {job}

    def why(self, job: int) -> str:
        """Return how the job's dbt node is known, and which it is."""
        is_a = self.traits([job])[job]
        return f"{is_a.why} {_id(is_a)}".strip()

    def _around(self, jobs: set[int]) -> set[int]:
        traits = self.traits(jobs)
        reached: set[int] = set()
        units = {is_a.unit for is_a in traits.values() if is_a.unit is not None}
        if units:
            near = self._sharing_data({job for job, is_a in traits.items() if is_a.unit is not None})
            reached |= {job for job, is_a in self.traits(near).items() if is_a.unit in units}
        for _, inner in self._pairs(_INSIDE, {job for job in jobs if not traits[job].statement}):
            if self.traits([inner])[inner].statement:
                reached.add(inner)
        reached |= {self.outermost(job) for job, is_a in traits.items() if is_a.statement}
        return reached

    def _sharing_data(self, jobs: set[int]) -> set[int]:
        near: set[int] = set()
        for job in jobs:
            near |= self._column(_WRITE_THE_SAME, job) or self._column(_READ_THE_SAME, job)
        return near

    def _statements(self, jobs: set[int]) -> set[int]:
        return {job for job, is_a in self.traits(jobs).items() if is_a.statement}

    def _parent(self, job: int) -> int | None:
        if job not in self._inside:
            parents = {outer for _, outer in self._pairs(_PARENTS, {job})}
            # Shared by several jobs, it is a job of its own.
            self._inside[job] = parents.pop() if len(parents) == 1 else None
        return self._inside[job]

    def _pairs(self, sql: str, jobs: set[int]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        ordered = sorted(jobs)
        for start in range(0, len(ordered), _PART):
            part = ordered[start : start + _PART]
            found += self._connection.execute(sql.format(marks=", ".join("?" * len(part))), part).fetchall()
        return found

    def _column(self, sql: str, job: int) -> set[int]:
        return {row[0] for row in self._connection.execute(sql, (job,))}


def _id(traits: Traits) -> str:
    return "" if traits.unit is None else traits.unit.unique_id


def is_inside_another(connection: sqlite3.Connection, run: int, kin: Kin) -> bool:
    """Tell whether the run is a statement inside another that is here to show it; circles are shown."""
    seen: set[int] = set()
    at = run
    while at not in seen:
        seen.add(at)
        job, parent, imported = connection.execute(_OUTER_RUN, (at,)).fetchone()
        if not kin.is_statement(job) or not imported:
            return at != run
        at = parent
    return False


def jobs_among(connection: sqlite3.Connection, nodes: Iterable[int]) -> set[int]:
    """Return those of the nodes that are jobs."""
    found: set[int] = set()
    ordered = sorted(set(nodes))
    for start in range(0, len(ordered), _PART):
        part = ordered[start : start + _PART]
        marks = ", ".join("?" * len(part))
        sql = f"SELECT id FROM node WHERE id IN ({marks}) AND kind = {int(Kind.JOB)}"  # noqa: S608 - only marks
        found |= {row[0] for row in connection.execute(sql, part)}
    return found


class StatementRun(msgspec.Struct, frozen=True):
    """The run of one statement, by its local id."""

    id: int
    state: str
    streaming: bool


def statement_runs(connection: sqlite3.Connection, run: int, kin: Kin) -> list[StatementRun]:
    """Return the runs of single statements that ran inside the run, at any depth."""
    found: dict[int, StatementRun] = {}
    fresh = [run]
    while fresh:
        outer = fresh.pop()
        for inner, job, state, streaming in connection.execute(_INNER_RUNS, (outer,)).fetchall():
            if kin.is_statement(job) and inner not in found and inner != run:
                found[inner] = StatementRun(inner, state, bool(streaming))
                fresh.append(inner)
    return list(found.values())
