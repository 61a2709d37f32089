"""A database as an earlier revision of the schema made it."""

from pathlib import Path

from alembic import command
from alembic.config import Config

import registry.store


def make_at(path: Path, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(registry.store.__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    command.upgrade(config, revision)
