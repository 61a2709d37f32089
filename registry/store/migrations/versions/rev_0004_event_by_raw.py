"""Find an event by its exact bytes, so that what was imported before is not even decoded."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Index the first eight bytes of the raw digest: a third of the size, and the rest is compared."""
    op.execute("CREATE INDEX event_by_raw ON event (substr(raw_digest, 1, 8))")


def downgrade() -> None:
    """Refuse: a registry is never downgraded, restore the backup that `migrate` makes."""
    raise NotImplementedError
