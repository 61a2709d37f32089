"""The ledger, the inbox, names, and the projections.

| table | holds | truth or projection |
|---|---|---|
| leaf, leaf_subject, tile | the log: entries, what each is about, full 256-wide hash tiles | truth |
| body, redaction | envelopes and documents by digest; which were erased, and by which leaf | truth |
| checkpoint | every signed head | truth |
| head | size, frontier and time of the log's end | cache, recomputed from leaf |
| inbox, seal_item | items the service key has still to seal; sealed items and their seals | truth |
| registry_fact | the origin | truth |
| person_name | display names of pseudonymous persons | outside the log, erasable |
| governed_version | model versions by name | projection of leaf |
| closure | which lineage names a frozen dossier rests on | projection of snapshots |
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

LEDGER = (
    "CREATE TABLE leaf (seq INTEGER PRIMARY KEY, data BLOB NOT NULL)",
    "CREATE TABLE leaf_subject (subject TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES leaf (seq), "
    "PRIMARY KEY (subject, seq)) WITHOUT ROWID",
    "CREATE INDEX leaf_subject_by_seq ON leaf_subject (seq)",
    "CREATE TABLE tile (level INTEGER NOT NULL, position INTEGER NOT NULL, hashes BLOB NOT NULL, "
    "PRIMARY KEY (level, position)) WITHOUT ROWID",
    "CREATE TABLE body (digest TEXT PRIMARY KEY, bytes BLOB)",
    "CREATE TABLE redaction (digest TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE checkpoint (size INTEGER PRIMARY KEY, note TEXT NOT NULL)",
    "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, "
    "frontier BLOB NOT NULL, time TEXT NOT NULL)",
    "CREATE TABLE registry_fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, digest TEXT NOT NULL, "
    "received_at TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting')",
    "CREATE INDEX inbox_waiting ON inbox (kind, id) WHERE state = 'waiting'",
    "CREATE TABLE seal_item (seq INTEGER NOT NULL REFERENCES leaf (seq), position INTEGER NOT NULL, "
    "digest TEXT NOT NULL, PRIMARY KEY (seq, position)) WITHOUT ROWID",
    "CREATE TABLE person_name (person TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) WITHOUT ROWID",
    "CREATE TABLE governed_version (namespace TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, "
    "manifest TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, PRIMARY KEY (namespace, name, version)) "
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
    """A registry is never downgraded; restore the backup that `migrate` makes."""
    raise NotImplementedError
