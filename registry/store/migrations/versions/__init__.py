"""Alembic's numbered steps; each is frozen once released."""
