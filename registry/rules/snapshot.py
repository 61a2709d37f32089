"""The lineage a version had when it was trained: what its training runs read, and what made that.

1. Start from the training runs, each at its own start; a run without a start at its end; with neither its
   unpinned inputs are gaps.
2. A pinned input leads to exactly that version, and to every completed run known to have written it.
3. An unpinned input leads to the latest completed writer that ended no later, to all of them when they tie,
   and to streams that had started by then; marked inferred. No writer known: a gap.
4. Column lineage and lineage facets of a run enter as edges between datasets, also for datasets that the run
   does not list. Declared edges, parents and job dependencies do not enter.
5. A run never feeds itself; runs that failed or were aborted feed nobody; later runs never enter.

So facts that arrive late about earlier times change the answer, and facts about later times never do.
Source: RECORDS section 4.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec

from registry.rules.naming import dataset_member, escape, run_member
from registry.rules.snapshot_lines import MAX_SNAPSHOT, NO_TRAINING_RUN
from schemas.asset import VersionRef
from schemas.canonical import canonical
from schemas.digest import Digest
from schemas.errors import Refused
from schemas.observation import Name, RunKey

NO_WRITER = "no-known-writer"
NO_TIME = "consumer-time-unknown"
NO_RUN = "run-not-imported"

_LEVELS = ("absent", "inferred", "reported", "signed", "verified")
_NO_OUTPUT = ("FAIL", "ABORT")


class KnownRun(msgspec.Struct, frozen=True):
    """A run as the store knows it; instants are nanoseconds, None where no event says."""

    key: RunKey
    state: str
    started: int | None
    ended: int | None
    streaming: bool = False

    @property
    def moment(self) -> int | None:
        """When it read its inputs, as far as is known: its start, else its end."""
        return self.ended if self.started is None else self.started


class VersionUse(msgspec.Struct, frozen=True):
    """A dataset in the version a run named; both None when it named none."""

    dataset: Name
    version: str | None = None
    digest: str | None = None

    @property
    def pinned(self) -> bool:
        """Whether the run said which version it meant."""
        return self.version is not None or self.digest is not None


class Reader(Protocol):
    """What the walk asks of whoever holds the runs. Names are asked for with all their aliases."""

    def find_run(self, key: RunKey) -> KnownRun | None:
        """Return the run, or None when no event of it is here."""
        ...

    def inputs(self, run: KnownRun) -> Sequence[VersionUse]:
        """Return what the run read, a dataset without version only when none of its versions is named."""
        ...

    def outputs(self, run: KnownRun) -> Sequence[VersionUse]:
        """Return what the run wrote, likewise."""
        ...

    def derivations(self, run: KnownRun) -> Sequence[tuple[Name, Name]]:
        """Return (source, target) of the datasets the run made from others."""
        ...

    def writers_before(self, datasets: frozenset[Name], moment: int, but: RunKey) -> Sequence[KnownRun]:
        """Return runs other than `but` that wrote any of the datasets.

        May leave out batch runs that cannot count: those that did not complete, or ended after `moment`, or
        ended before another that ended no later than it.
        """
        ...

    def version_writers(self, datasets: frozenset[Name], use: VersionUse) -> Sequence[KnownRun]:
        """Return the runs that wrote any of the datasets in the version that `use` names."""
        ...

    def aliases(self, dataset: Name) -> Sequence[tuple[Name, Name]]:
        """Return every pair by which the dataset is, over any number of steps, called otherwise."""
        ...


class HistoricalLineage(msgspec.Struct, frozen=True):
    """The snapshot's bytes, its counts, and the members by which a later import finds it again."""

    body: bytes
    digest: Digest
    nodes: int
    edges: int
    gaps: int
    weakest: str
    members: frozenset[str]


def historical_lineage(reader: Reader, subject: VersionRef, runs: Iterable[RunKey]) -> HistoricalLineage:
    """Return the lineage of `subject` as of its training runs; without any it is one gap."""
    walk = _Walk(reader)
    training = sorted(set(runs))
    if not training:
        walk.gap(str(subject), NO_TRAINING_RUN)
    for key in training:
        walk.train(subject, key)
    walk.finish()
    return walk.result()


class _Walk:
    """Lines gathered so far, and runs still to be looked at."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._lines: dict[bytes, str] = {}
        self._queue: deque[KnownRun] = deque()
        self._entered: set[RunKey] = set()
        self._derived: set[tuple[RunKey, str]] = set()
        self._written: set[str] = set()
        self._unwritten: set[str] = set()
        self._components: dict[Name, frozenset[Name]] = {}
        self._members: set[str] = set()

    def train(self, subject: VersionRef, key: RunKey) -> None:
        """Start from one training run."""
        model = f"model:{subject.namespace}/{subject.name}"
        self._line("reported", kind="node", node="model", name=model, version=str(subject.version))
        run = self._reader.find_run(key)
        self._edge(run_member(key), f"{model}@{subject.version}", "trained", "reported")
        if run is None:
            self._line("absent", kind="node", node="run", name=run_member(key))
            self._members.add(run_member(key))
            self.gap(run_member(key), NO_RUN)
            return
        self._enter(run)
        for output in self._reader.outputs(run):
            self._write(run, output)
        self._drain()

    def gap(self, at: str, reason: str) -> None:
        """Say that something is not known."""
        self._line("absent", kind="gap", at=at, reason=reason)

    def finish(self) -> None:
        """Say of every dataset met that nobody is known to have written it."""
        for at in sorted(self._unwritten - self._written):
            self.gap(at, NO_WRITER)

    def result(self) -> HistoricalLineage:
        """Return what was gathered, in canonical order."""
        body = b"".join(line + b"\n" for line in sorted(self._lines))
        if len(body) > MAX_SNAPSHOT:
            raise Refused(
                f"the lineage fills {len(body)} bytes, at most {MAX_SNAPSHOT} can be part of a dossier",
                hint="name fewer training runs",
            )
        kinds = [msgspec.json.decode(line)["kind"] for line in self._lines]
        return HistoricalLineage(
            body,
            Digest.of(body),
            kinds.count("node"),
            kinds.count("edge"),
            kinds.count("gap"),
            min(self._lines.values(), key=_LEVELS.index, default="absent"),
            frozenset(self._members),
        )

    def _drain(self) -> None:
        while self._queue:
            run = self._queue.popleft()
            for use in self._reader.inputs(run):
                for node, level in self._sources(run, use):
                    self._edge(node, run_member(run.key), "input", level)

    def _enter(self, run: KnownRun) -> None:
        if run.key in self._entered:
            return
        self._entered.add(run.key)
        self._members.add(run_member(run.key))
        self._line("reported", kind="node", node="run", name=run_member(run.key))
        self._queue.append(run)

    def _sources(self, run: KnownRun, use: VersionUse) -> list[tuple[str, str]]:
        """Return the nodes that the run's use of a dataset leads to, with the level of that step."""
        names = self._component(use.dataset)
        if use.pinned:
            node = self._dataset(use)
            writers = self._pinned_writers(run, use, names)
            for writer in writers:
                self._follow(writer, node, names)
            (self._written if writers else self._unwritten).add(node)
            return [(node, "reported")]
        moment = run.moment
        latest = [] if moment is None else self._latest_writers(run, names, moment)
        if not latest:
            node = self._dataset(use)
            if moment is None:
                self.gap(node, NO_TIME)
            else:
                self._unwritten.add(node)
            return [(node, "inferred")]
        found: list[tuple[str, str]] = []
        for writer in latest:
            for output in self._reader.outputs(writer):
                if output.dataset in names:
                    node = self._write(writer, output)
                    self._written.add(node)
                    found.append((node, "inferred"))
        return found

    def _pinned_writers(self, run: KnownRun, use: VersionUse, names: frozenset[Name]) -> list[KnownRun]:
        found = self._reader.version_writers(names, use)
        return [w for w in found if w.key != run.key and _has_written(w) and not _is_later(w, run)]

    def _latest_writers(self, run: KnownRun, names: frozenset[Name], moment: int) -> list[KnownRun]:
        known = self._reader.writers_before(names, moment, run.key)
        others = [w for w in known if w.key != run.key and w.state not in _NO_OUTPUT]
        done = [w for w in others if w.state == "COMPLETE" and w.ended is not None and w.ended <= moment]
        latest = max((w.ended for w in done if w.ended is not None), default=None)
        found = [w for w in done if w.ended == latest]
        # A stream that still ran was writing all the while.
        running = [w for w in others if w.streaming and (w.ended is None or w.ended > moment)]
        return found + [w for w in running if w.started is not None and w.started <= moment]

    def _write(self, writer: KnownRun, output: VersionUse) -> str:
        """Add what a run wrote, in the version it named or as what that very run wrote."""
        names = self._component(output.dataset)
        node = self._dataset(output) if output.pinned else self._observed(output.dataset, writer.key.run_id)
        self._follow(writer, node, names)
        return node

    def _follow(self, writer: KnownRun, node: str, names: frozenset[Name]) -> None:
        self._enter(writer)
        self._edge(run_member(writer.key), node, "output", "reported")
        if (writer.key, node) in self._derived:
            return
        self._derived.add((writer.key, node))
        for source, target in self._reader.derivations(writer):
            if target in names:
                for made_from, level in self._derivation_sources(writer, source):
                    self._edge(made_from, node, "derivation", level)

    def _derivation_sources(self, run: KnownRun, source: Name) -> list[tuple[str, str]]:
        names = self._component(source)
        listed = [use for use in self._reader.inputs(run) if use.dataset in names]
        uses = listed or [VersionUse(source)]
        return [found for use in uses for found in self._sources(run, use)]

    def _component(self, name: Name) -> frozenset[Name]:
        found = self._components.get(name)
        if found is None:
            pairs = self._reader.aliases(name)
            for pair in pairs:
                a, b = sorted(dataset_member(n) for n in pair)
                self._line("verified", kind="alias", a=a, b=b)
            found = frozenset({name, *(n for pair in pairs for n in pair)})
            self._members.update(dataset_member(n) for n in found)
            for each in found:
                self._components[each] = found
        return found

    def _dataset(self, use: VersionUse) -> str:
        name = dataset_member(use.dataset)
        version = use.version if use.version is not None else use.digest
        extra = {"version": escape(version)} if version is not None else {}
        if use.digest is not None:
            extra["digest"] = escape(use.digest)
        self._line("reported", kind="node", node="dataset", name=name, **extra)
        return name if version is None else f"{name}@{escape(version, '@')}"

    def _observed(self, dataset: Name, run_id: str) -> str:
        name, version = dataset_member(dataset), f"~{run_id}"
        self._line("inferred", kind="node", node="dataset", name=name, version=escape(version))
        return f"{name}@{escape(version, '@')}"

    def _edge(self, source: str, target: str, relation: str, level: str) -> None:
        self._line(level, kind="edge", relation=relation, **{"from": source, "to": target})

    def _line(self, level: str, **members: Any) -> None:
        if members["kind"] != "alias":
            members["level"] = level
        self._lines[canonical(members)] = level


def _has_written(writer: KnownRun) -> bool:
    return writer.state == "COMPLETE" or (writer.streaming and writer.state not in _NO_OUTPUT)


def _is_later(writer: KnownRun, reader: KnownRun) -> bool:
    """Say whether the writer began after the reader did; what has no time cannot be said to be later."""
    return writer.moment is not None and reader.moment is not None and writer.moment > reader.moment
