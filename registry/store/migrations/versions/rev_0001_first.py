"""The ledger, the inbox, names, and the projections.

| table | holds | truth or projection |
|---|---|---|
| leaf, leaf_subject, tile | the log: entries, what each is about, full 256-wide hash tiles | truth |
| body, redaction | envelopes and documents by digest; which were erased, and by which leaf | truth |
| checkpoint | every signed head | truth |
| head | size, frontier and time of the log's end | cache, recomputed from leaf |
| inbox, seal_item | items the service key has still to seal; sealed items and their seals | truth |
| received | events as posted, until they are projected and sealed | truth |
| receiver_token | who may post events, by the hash of a token | outside the log |
| registry_fact | the origin | truth |
| person_name | display names of pseudonymous persons | outside the log, erasable |
| governed_version | model versions by name | projection of leaf |
| closure | which lineage names a frozen dossier rests on | projection of snapshots |
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

# CHECK (typeof …) rather than STRICT tables: Python 3.11 is also built against SQLite before 3.37.
LEDGER = (
    "CREATE TABLE leaf (seq INTEGER PRIMARY KEY, data BLOB NOT NULL CHECK (typeof(data) = 'blob'))",
    "CREATE TABLE leaf_subject (subject TEXT NOT NULL CHECK (typeof(subject) = 'text'), "
    "seq INTEGER NOT NULL REFERENCES leaf (seq), "
    "PRIMARY KEY (subject, seq)) WITHOUT ROWID",
    "CREATE INDEX leaf_subject_by_seq ON leaf_subject (seq)",
    "CREATE TABLE tile (level INTEGER NOT NULL, position INTEGER NOT NULL, hashes BLOB NOT NULL, "
    "CHECK (typeof(level) = 'integer' AND typeof(position) = 'integer' AND typeof(hashes) = 'blob'), "
    "PRIMARY KEY (level, position)) WITHOUT ROWID",
    "CREATE TABLE body (digest TEXT PRIMARY KEY CHECK (typeof(digest) = 'text'), "
    "bytes BLOB CHECK (typeof(bytes) IN ('blob', 'null')))",
    "CREATE TABLE redaction (digest TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL CHECK (typeof(note) = 'text'))",
    "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, "
    "frontier BLOB NOT NULL, time TEXT NOT NULL, CHECK (typeof(size) = 'integer' AND "
    "typeof(frontier) = 'blob' AND typeof(time) = 'text'))",
    "CREATE TABLE registry_fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, "
    "digest TEXT NOT NULL CHECK (typeof(digest) = 'text'), "
    "received_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting')",
    "CREATE INDEX inbox_waiting ON inbox (kind, id) WHERE state = 'waiting'",
    "CREATE TABLE seal_item (seq INTEGER NOT NULL REFERENCES leaf (seq), position INTEGER NOT NULL, "
    "digest TEXT NOT NULL CHECK (typeof(digest) = 'text'), PRIMARY KEY (seq, position)) WITHOUT ROWID",
    "CREATE TABLE received (id INTEGER PRIMARY KEY AUTOINCREMENT, event_id BLOB UNIQUE, raw BLOB NOT NULL, "
    "sender TEXT NOT NULL, reason TEXT, received_at TEXT NOT NULL)",
    "CREATE TABLE receiver_token (id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, "
    "namespaces TEXT NOT NULL, made_at TEXT NOT NULL, revoked_at TEXT)",
    "CREATE UNIQUE INDEX receiver_token_in_use ON receiver_token (name) WHERE revoked_at IS NULL",
    "CREATE TABLE person_name (person TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) WITHOUT ROWID",
    "CREATE TABLE governed_version (namespace TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, "
    "manifest TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, CHECK (typeof(version) = 'integer' AND "
    "typeof(manifest) = 'text' AND typeof(seq) = 'integer'), PRIMARY KEY (namespace, name, version)) "
    "WITHOUT ROWID",
    "CREATE TABLE closure (member TEXT NOT NULL, manifest TEXT NOT NULL, environment TEXT NOT NULL, "
    "PRIMARY KEY (member, manifest, environment)) WITHOUT ROWID",
)

_KEPT = ("leaf", "leaf_subject", "tile", "redaction", "checkpoint", "seal_item", "registry_fact")


def _triggers() -> list[str]:
    """Stop accidents: only `body.bytes` may become NULL, and only where a redaction names it."""
    refuse = "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    statements = []
    for table in _KEPT:
        for verb in ("UPDATE", "DELETE"):
            body = refuse.format(table=table)
            statements.append(f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {body}")
    statements.append("CREATE TRIGGER body_no_delete BEFORE DELETE ON body " + refuse.format(table="body"))
    statements.append(
        "CREATE TRIGGER body_only_redacted BEFORE UPDATE ON body WHEN NOT (NEW.bytes IS NULL "
        "AND NEW.digest = OLD.digest AND EXISTS (SELECT 1 FROM redaction WHERE digest = OLD.digest)) "
        + refuse.format(table="body")
    )
    return statements


def upgrade() -> None:
    """Create everything."""
    for statement in (*LEDGER, *_triggers()):
        op.execute(statement)
    _projections()


def _projections() -> None:
    text = Path(__file__).with_name("rev_0001_projections.sql").read_text("utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Refuse: a registry is never downgraded, restore the backup that `migrate` makes."""
    raise NotImplementedError
