-- The projections of revision 0001 as they were released; registry/store/tables.py says what each holds.

CREATE TABLE alias (
    a INTEGER NOT NULL,
    b INTEGER NOT NULL,
    reason VARCHAR NOT NULL,
    event_id BLOB NOT NULL,
    PRIMARY KEY (a, b)
)
 WITHOUT ROWID;

CREATE INDEX alias_by_b ON alias (b);

CREATE TABLE dataset_version (
    id INTEGER NOT NULL,
    dataset INTEGER NOT NULL,
    version VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (dataset, version, digest)
);

CREATE TABLE declared (
    job INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    dataset INTEGER NOT NULL,
    PRIMARY KEY (job, direction, dataset)
)
 WITHOUT ROWID;

CREATE INDEX declared_by_dataset ON declared (dataset, direction, job);

CREATE TABLE declared_by (
    job INTEGER NOT NULL,
    instant BIGINT NOT NULL,
    event_id BLOB NOT NULL,
    PRIMARY KEY (job)
);

CREATE TABLE edge (
    source INTEGER NOT NULL,
    target INTEGER NOT NULL,
    relation INTEGER NOT NULL,
    PRIMARY KEY (source, target, relation)
)
 WITHOUT ROWID;

CREATE INDEX edge_by_target ON edge (target, source, relation);

CREATE TABLE event (
    id INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    raw_digest BLOB NOT NULL,
    source INTEGER NOT NULL,
    block INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    run INTEGER,
    PRIMARY KEY (id),
    UNIQUE (event_id)
);

CREATE INDEX ix_event_run ON event (run);

CREATE TABLE event_block (
    id INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE facet (
    node INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    instant BIGINT NOT NULL,
    rank INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    value BLOB,
    PRIMARY KEY (node, name)
)
 WITHOUT ROWID;

CREATE TABLE foreign_alias (
    source INTEGER NOT NULL,
    model VARCHAR NOT NULL,
    alias VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    PRIMARY KEY (source, model, alias)
)
 WITHOUT ROWID;

CREATE TABLE foreign_model (
    id INTEGER NOT NULL,
    source INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    created_at VARCHAR,
    PRIMARY KEY (id),
    UNIQUE (source, name)
);

CREATE TABLE foreign_tag (
    source INTEGER NOT NULL,
    model VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    "key" VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    PRIMARY KEY (source, model, version, "key")
)
 WITHOUT ROWID;

CREATE TABLE foreign_version (
    id INTEGER NOT NULL,
    source INTEGER NOT NULL,
    model VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    created_at VARCHAR,
    status VARCHAR NOT NULL,
    run INTEGER,
    artifact_uri VARCHAR NOT NULL,
    legacy_stage VARCHAR,
    description VARCHAR NOT NULL,
    claimed_user VARCHAR,
    PRIMARY KEY (id),
    UNIQUE (source, model, version)
);

CREATE INDEX foreign_version_by_run ON foreign_version (run);

CREATE TABLE metric (
    run INTEGER NOT NULL,
    "key" VARCHAR NOT NULL,
    dataset INTEGER NOT NULL,
    dataset_digest VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    value VARCHAR NOT NULL,
    step INTEGER NOT NULL,
    time VARCHAR,
    PRIMARY KEY (run, "key", dataset, dataset_digest, model_id)
)
 WITHOUT ROWID;

CREATE TABLE node (
    id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    namespace VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    seen BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (kind, namespace, name)
);

CREATE TABLE quarantine (
    id INTEGER NOT NULL,
    source INTEGER NOT NULL,
    position VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    raw_digest BLOB NOT NULL,
    size INTEGER NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (source, position, raw_digest)
);

CREATE TABLE run (
    id INTEGER NOT NULL,
    run_id VARCHAR NOT NULL,
    job INTEGER NOT NULL,
    source INTEGER NOT NULL,
    events INTEGER NOT NULL,
    state VARCHAR NOT NULL,
    state_instant BIGINT NOT NULL,
    state_time VARCHAR NOT NULL,
    started_instant BIGINT,
    started_at VARCHAR,
    instant BIGINT NOT NULL,
    streaming BOOLEAN NOT NULL,
    parent INTEGER,
    parent_instant BIGINT NOT NULL,
    parent_rank INTEGER NOT NULL,
    parent_event BLOB,
    claimed_user VARCHAR,
    PRIMARY KEY (id),
    UNIQUE (run_id, job)
);

CREATE INDEX run_by_job ON run (job, state, state_instant);

CREATE INDEX run_streaming ON run (job) WHERE streaming;

CREATE INDEX run_by_time ON run (instant, id);

CREATE TABLE run_derivation (
    run INTEGER NOT NULL,
    target INTEGER NOT NULL,
    source INTEGER NOT NULL,
    PRIMARY KEY (run, target, source)
)
 WITHOUT ROWID;

CREATE TABLE run_io (
    run INTEGER NOT NULL,
    direction INTEGER NOT NULL,
    dataset INTEGER NOT NULL,
    version INTEGER NOT NULL,
    role VARCHAR NOT NULL,
    PRIMARY KEY (run, direction, dataset, version, role)
)
 WITHOUT ROWID;

CREATE INDEX run_io_by_dataset ON run_io (dataset, direction, run);

CREATE TABLE source (
    id INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (kind, name)
);
