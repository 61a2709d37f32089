"""What an importer yields: exact bytes it saw, and the neutral facts those bytes state.

An importer translates and never decides: merging (run states, unions, facet replacement, aliases)
belongs to `registry/rules`, writing to `registry/store`. Sources: RECORDS section 3, interop.md section 1.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Protocol

import msgspec

from schemas.identity import event_id

RANKS = {"START": 0, "RUNNING": 1, "OTHER": 2, "COMPLETE": 3, "ABORT": 4, "FAIL": 5}
"""The event types of OpenLineage, in the order in which they stand at one instant."""

Facets = dict[str, Any]
"""Facets by name. Equal facets may be one object, which nobody changes."""


class Name(msgspec.Struct, frozen=True, order=True):
    """A foreign name, kept byte-exact: a job or a dataset."""

    namespace: str
    name: str


class RunKey(msgspec.Struct, frozen=True, order=True):
    """A run is named by its id AND its job: some producers give one id to several jobs."""

    run_id: str
    job: Name


class DatasetUse(msgspec.Struct, frozen=True):
    """A dataset as one event states it: the version read or written, if stated, and its facets."""

    dataset: Name
    version: str | None = None
    role: str | None = None
    digest: str | None = None
    facets: Facets = {}
    use_facets: Facets = {}


class RunFact(msgspec.Struct, frozen=True):
    """One event of a run.

    `time` is RFC 3339 UTC with the source's digits; `instant` its nanoseconds since 1970.
    """

    run: RunKey
    state: str | None
    time: str
    instant: int
    inputs: tuple[DatasetUse, ...] = ()
    outputs: tuple[DatasetUse, ...] = ()
    run_facets: Facets = {}
    job_facets: Facets = {}
    user: str | None = None


class JobFact(msgspec.Struct, frozen=True):
    """A static statement about a job: its declared inputs and outputs."""

    job: Name
    time: str
    instant: int
    inputs: tuple[DatasetUse, ...] = ()
    outputs: tuple[DatasetUse, ...] = ()
    facets: Facets = {}


class DatasetFact(msgspec.Struct, frozen=True):
    """A static statement about a dataset."""

    dataset: Name
    time: str
    instant: int
    facets: Facets = {}


class ModelFact(msgspec.Struct, frozen=True, tag=True):
    """A registered model as a foreign registry describes it; `aliases` maps alias to version."""

    name: str
    description: str
    created_at: str | None
    tags: dict[str, str] = {}
    aliases: dict[str, str] = {}


class VersionFact(msgspec.Struct, frozen=True, tag=True):
    """A model version as a foreign registry describes it; `run` is the run that trained it, when stated."""

    model: str
    version: str
    created_at: str | None
    status: str
    run: RunKey | None = None
    artifact_uri: str = ""
    legacy_stage: str | None = None
    description: str = ""
    tags: dict[str, str] = {}
    user: str | None = None


class MetricFact(msgspec.Struct, frozen=True, tag=True):
    """A number a run reported; `value` is decimal text, `nan`, `inf` or `-inf`."""

    run: RunKey
    key: str
    value: str
    step: int
    time: str | None
    dataset: Name | None = None
    dataset_digest: str | None = None
    model_id: str | None = None


class ModelFile(msgspec.Struct, frozen=True):
    """One file of a model version; `digest` is the hex SHA-256 where somebody hashed it."""

    path: str
    size: int | None
    digest: str | None = None


class ContentsFact(msgspec.Struct, frozen=True, tag=True):
    """What a foreign model version is made of.

    `level` is `reported` for a list the source gave, `verified` for files that were hashed on this machine.
    `signature` holds inputs, outputs, params and flavours, None where none could be read.
    """

    model: str
    version: str
    level: str
    files: tuple[ModelFile, ...]
    signature: Facets | None = None


LineageFact = RunFact | JobFact | DatasetFact
ForeignFact = ModelFact | VersionFact | MetricFact | ContentsFact
Fact = LineageFact | ForeignFact


class Observation(msgspec.Struct, frozen=True):
    """One JSON value as the source gave it.

    `raw_digest` is what seals prove. Equal JSON values, however they are spelt, have equal `likeness`,
    32 bits: among observations that are alike the event id decides which are one.
    """

    raw: bytes
    raw_digest: bytes
    likeness: int
    position: str
    facts: tuple[Fact, ...]
    warnings: tuple[str, ...] = ()

    @property
    def event_id(self) -> bytes:
        """Return what deduplicates, worked out anew; local and never signed."""
        return event_id(self.raw)


class Unreadable(msgspec.Struct, frozen=True):
    """Something the importer could not take, with the reason a person reads."""

    raw: bytes
    raw_digest: bytes
    position: str
    reason: str


class Known(msgspec.Struct, frozen=True):
    """Bytes that were taken before, by their digest: not even decoded again."""

    raw_digest: bytes
    position: str


IsKnown = Callable[[Sequence[bytes]], Collection[bytes]]
"""Which of these exact bytes, by their SHA-256, were taken before."""


class Source(Protocol):
    """Where observations come from; one method, and it writes nothing.

    `kind` is `openlineage` or `mlflow`; `name` is what the source is called in this registry
    (a file's or folder's name, a server's URL without credentials).
    """

    kind: str
    name: str
    blind_spots: tuple[str, ...]

    def collect(self, known: IsKnown | None = None) -> Iterator[Observation | Unreadable | Known]:
        """Yield everything the source holds, in source order; raise SourceError when it does not answer.

        A source of exact bytes may ask `known` and pass over what it says was taken.
        """
        ...
