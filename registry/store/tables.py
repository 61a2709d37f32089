"""The projections of imported lineage: what sources reported, merged. All can be rebuilt from `event_block`.

What imports saw change in foreign registries (`foreign_change`, `foreign_missing`) cannot: see revision 0005.

| table | holds |
|---|---|
| source | where imports came from |
| event_block, event | exact bytes in compressed blocks; which event lies where, and what it is about |
| quarantine | what could not be taken, with the reason |
| node | datasets and jobs by name; `seen` is false for what is only mentioned (a parent job, an alias) |
| run | runs as reduced by `registry/rules/runs.py`; one without events is only mentioned |
| dataset_version | versions of datasets that events name |
| run_io | what each run read and wrote; `version` 0 says the version was not named |
| run_derivation | dataset to dataset within a run, from column lineage and lineage facets |
| edge | distinct edges between nodes, over all runs |
| declared, declared_derivation, declared_by | what static events say, the latest per job or dataset |
| alias | two names of one dataset, and the event that says so |
| facet_row, facet_head | the facet in force per node and facet name, tombstones included |
| foreign_model, foreign_version, foreign_tag, foreign_alias | what a foreign model registry says now |
| metric | the numbers that runs reported |

Integers stand for names, 32 bytes for digests: measured, text keys halve the speed and quadruple the file.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

_NO_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}


class Source(SQLModel, table=True):
    """One place imports came from."""

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("kind", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    name: str


class EventBlock(SQLModel, table=True):
    """Up to 64 observations, byte for byte: zstd over a msgpack array of binaries."""

    __tablename__ = "event_block"

    id: int | None = Field(default=None, primary_key=True)
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Event(SQLModel, table=True):
    """One observation taken; `slot` is its place in the block, `likeness` what equal observations share."""

    __tablename__ = "event"
    __table_args__ = (Index("event_by_run", "run", "likeness"),)

    id: int | None = Field(default=None, primary_key=True)
    raw_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    source: int
    block: int
    slot: int
    run: int | None = None
    likeness: int


class Quarantine(SQLModel, table=True):
    """Something that could not be taken; `raw` holds its bytes, zstd."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("source", "position", "raw_digest"),)

    id: int | None = Field(default=None, primary_key=True)
    source: int
    position: str
    reason: str
    raw_digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    size: int
    raw: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Node(SQLModel, table=True):
    """A dataset or a job; `kind` is `codes.Kind`."""

    __tablename__ = "node"
    __table_args__ = (UniqueConstraint("kind", "namespace", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: int
    namespace: str
    name: str
    seen: bool = False


class Run(SQLModel, table=True):
    """A run of a job; instants are nanoseconds since 1970, the texts have the source's digits."""

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("run_id", "job"),
        Index("run_by_time", "instant", "id"),
        Index("run_by_job", "job", "state", "state_instant"),
        Index("run_streaming", "job", sqlite_where=text("streaming")),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: str
    job: int
    source: int
    events: int = 0
    state: str = "OTHER"
    state_instant: int = Field(default=0, sa_type=BigInteger)
    state_time: str = ""
    started_instant: int | None = Field(default=None, sa_type=BigInteger)
    started_at: str | None = None
    instant: int = Field(default=0, sa_type=BigInteger)
    streaming: bool = False
    parent: int | None = None
    parent_instant: int = Field(default=0, sa_type=BigInteger)
    parent_rank: int = 0
    claimed_user: str | None = None
    parent_event: int | None = None


class DatasetVersion(SQLModel, table=True):
    """A version of a dataset as a source names it; empty text says not named."""

    __tablename__ = "dataset_version"
    __table_args__ = (UniqueConstraint("dataset", "version", "digest"),)

    id: int | None = Field(default=None, primary_key=True)
    dataset: int
    version: str
    digest: str


class RunIo(SQLModel, table=True):
    """A run read or wrote a dataset; `direction` is `codes.Direction`."""

    __tablename__ = "run_io"
    __table_args__ = (Index("run_io_by_dataset", "dataset", "direction", "run"), _NO_ROWID)

    run: int = Field(primary_key=True)
    direction: int = Field(primary_key=True)
    dataset: int = Field(primary_key=True)
    version: int = Field(primary_key=True)
    role: str = Field(primary_key=True)


class RunDerivation(SQLModel, table=True):
    """Within a run, `target` was made from `source`."""

    __tablename__ = "run_derivation"
    __table_args__ = (_NO_ROWID,)

    run: int = Field(primary_key=True)
    target: int = Field(primary_key=True)
    source: int = Field(primary_key=True)


class Edge(SQLModel, table=True):
    """An edge between two nodes, pointing downstream; `relation` is `codes.Relation`."""

    __tablename__ = "edge"
    __table_args__ = (Index("edge_by_target", "target", "source", "relation"), _NO_ROWID)

    source: int = Field(primary_key=True)
    target: int = Field(primary_key=True)
    relation: int = Field(primary_key=True)


class Declared(SQLModel, table=True):
    """An input or output that a static event declares for a job."""

    __tablename__ = "declared"
    __table_args__ = (Index("declared_by_dataset", "dataset", "direction", "job"), _NO_ROWID)

    job: int = Field(primary_key=True)
    direction: int = Field(primary_key=True)
    dataset: int = Field(primary_key=True)


class DeclaredBy(SQLModel, table=True):
    """The static event whose declarations are in force for a job or a dataset."""

    __tablename__ = "declared_by"

    node: int = Field(primary_key=True)
    instant: int = Field(sa_type=BigInteger)
    event: int


class DeclaredDerivation(SQLModel, table=True):
    """The static event in force for `said_by` says that `target` is made from `source`; also an edge."""

    __tablename__ = "declared_derivation"
    __table_args__ = (Index("declared_derivation_by_pair", "source", "target"), _NO_ROWID)

    said_by: int = Field(primary_key=True)
    source: int = Field(primary_key=True)
    target: int = Field(primary_key=True)


class Alias(SQLModel, table=True):
    """Two names of one dataset, `a` < `b`; `reason` is symlink or rename, `event` who said so first."""

    __tablename__ = "alias"
    __table_args__ = (Index("alias_by_b", "b"), _NO_ROWID)

    a: int = Field(primary_key=True)
    b: int = Field(primary_key=True)
    reason: str
    instant: int = Field(sa_type=BigInteger)
    rank: int
    event: int


class FacetHead(SQLModel, table=True):
    """Who made facets and by which schema, JSON: few of them stand in very many facets."""

    __tablename__ = "facet_head"

    id: int | None = Field(default=None, primary_key=True)
    value: str = Field(unique=True)


class FacetRow(SQLModel, table=True):
    """The facet in force; `value` is JSON without its head, or NULL when it was deleted.

    The view `facet` shows it whole.
    """

    __tablename__ = "facet_row"
    __table_args__ = (_NO_ROWID,)

    node: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    instant: int = Field(sa_type=BigInteger)
    rank: int
    event: int
    head: int
    value: bytes | None = Field(default=None, sa_column=Column(LargeBinary))


class ForeignModel(SQLModel, table=True):
    """A model of a foreign registry as it was last read."""

    __tablename__ = "foreign_model"
    __table_args__ = (UniqueConstraint("source", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    source: int
    name: str
    description: str
    created_at: str | None = None


class ForeignVersion(SQLModel, table=True):
    """A model version of a foreign registry as it was last read; `run` is the run that trained it."""

    __tablename__ = "foreign_version"
    __table_args__ = (UniqueConstraint("source", "model", "version"), Index("foreign_version_by_run", "run"))

    id: int | None = Field(default=None, primary_key=True)
    source: int
    model: str
    version: str
    created_at: str | None = None
    status: str
    run: int | None = None
    artifact_uri: str
    legacy_stage: str | None = None
    description: str
    claimed_user: str | None = None


class ForeignTag(SQLModel, table=True):
    """A tag of a foreign model, or of one of its versions when `version` is not empty."""

    __tablename__ = "foreign_tag"
    __table_args__ = (_NO_ROWID,)

    source: int = Field(primary_key=True)
    model: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str


class ForeignAlias(SQLModel, table=True):
    """An alias of a foreign model and the version it points to now."""

    __tablename__ = "foreign_alias"
    __table_args__ = (_NO_ROWID,)

    source: int = Field(primary_key=True)
    model: str = Field(primary_key=True)
    alias: str = Field(primary_key=True)
    version: str


class Metric(SQLModel, table=True):
    """A number a run reported; `value` is decimal text, `dataset` 0 when none was named."""

    __tablename__ = "metric"
    __table_args__ = (_NO_ROWID,)

    run: int = Field(primary_key=True)
    key: str = Field(primary_key=True)
    dataset: int = Field(primary_key=True)
    dataset_digest: str = Field(primary_key=True)
    model_id: str = Field(primary_key=True)
    value: str
    step: int
    time: str | None = None
