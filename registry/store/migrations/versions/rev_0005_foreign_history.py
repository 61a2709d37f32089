"""What foreign registries said before, what their versions are made of, and what we wrote back to them.

| table | holds |
|---|---|
| foreign_change | moves of aliases and stages, renames, disappearances, as imports saw them |
| foreign_missing | how many full readings in a row lacked a model (`version` empty) or a version |
| foreign_file | files of a version; `level` is reported, or verified when they were hashed here |
| foreign_signature | inputs, outputs and flavours of a version, JSON |
| foreign_written | tags that we set there, so that a change by others is noticed |
"""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = (
    "CREATE TABLE foreign_change (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, model TEXT NOT NULL, "
    "version TEXT NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, before TEXT, after TEXT, "
    "seen_at TEXT NOT NULL)",
    "CREATE INDEX foreign_change_by_model ON foreign_change (source, model)",
    "CREATE TABLE foreign_missing (source INTEGER NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, "
    "readings INTEGER NOT NULL, PRIMARY KEY (source, model, version)) WITHOUT ROWID",
    "CREATE TABLE foreign_file (source INTEGER NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, "
    "path TEXT NOT NULL, size INTEGER, digest TEXT, level TEXT NOT NULL, "
    "PRIMARY KEY (source, model, version, path)) WITHOUT ROWID",
    "CREATE TABLE foreign_signature (source INTEGER NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, "
    "value BLOB NOT NULL, PRIMARY KEY (source, model, version)) WITHOUT ROWID",
    "CREATE TABLE foreign_written (source INTEGER NOT NULL, model TEXT NOT NULL, version TEXT NOT NULL, "
    "key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (source, model, version, key)) WITHOUT ROWID",
)


def upgrade() -> None:
    """Add the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: a registry is never downgraded, restore the backup that `migrate` makes."""
    raise NotImplementedError
