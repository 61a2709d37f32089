"""What a person decided about names of datasets, and the names that count once that is taken in.

| table | holds | truth or projection |
|---|---|---|
| alias_edit | the latest decision about two names: one dataset or not, and its leaf | projection of leaf |
| same_name | a view: what events say, less and more what was decided | derived |
"""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "CREATE TABLE alias_edit (a INTEGER NOT NULL, b INTEGER NOT NULL, same INTEGER NOT NULL, "
    "seq INTEGER NOT NULL REFERENCES leaf (seq), CHECK (a < b AND same IN (0, 1)), "
    "PRIMARY KEY (a, b)) WITHOUT ROWID",
    "CREATE INDEX alias_edit_by_b ON alias_edit (b)",
    "CREATE VIEW same_name AS SELECT a, b FROM alias WHERE NOT EXISTS (SELECT 1 FROM alias_edit AS edit "
    "WHERE edit.a = alias.a AND edit.b = alias.b AND edit.same = 0) "
    "UNION SELECT a, b FROM alias_edit WHERE same = 1",
)


def upgrade() -> None:
    """Add the table and the view."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Refuse: a registry is never downgraded, restore the backup that `migrate` makes."""
    raise NotImplementedError
