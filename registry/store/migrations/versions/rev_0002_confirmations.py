"""What others say about heads.

| table | holds | truth or projection |
|---|---|---|
| cosignature | witnesses' lines on signed heads, in the order they came | truth |
| timestamp_token | RFC 3161 tokens over signed heads, in the order they came | truth |
"""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = (
    "CREATE TABLE cosignature (id INTEGER PRIMARY KEY, size INTEGER NOT NULL REFERENCES checkpoint (size), "
    "witness TEXT NOT NULL, line TEXT NOT NULL, UNIQUE (size, witness), "
    "CHECK (typeof(size) = 'integer' AND typeof(witness) = 'text' AND typeof(line) = 'text'))",
    "CREATE TABLE timestamp_token (id INTEGER PRIMARY KEY, size INTEGER NOT NULL "
    "REFERENCES checkpoint (size), token BLOB NOT NULL, UNIQUE (size, token), "
    "CHECK (typeof(size) = 'integer' AND typeof(token) = 'blob'))",
)


def upgrade() -> None:
    """Add both tables, append-only like the log's own."""
    for statement in TABLES:
        op.execute(statement)
    for table in ("cosignature", "timestamp_token"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )


def downgrade() -> None:
    """Refuse: a registry is never downgraded, restore the backup that `migrate` makes."""
    raise NotImplementedError
