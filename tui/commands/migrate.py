"""muniment migrate: bring the tables up to date."""

import click

from tui.output import emit, json_option
from tui.settings import Settings


@click.command("migrate")
@json_option
@click.pass_obj
def command(settings: Settings, as_json: bool) -> None:
    """Bring the registry's tables to this program's revision, after a backup beside the file."""
    from registry.registry import DATABASE, registry_home
    from registry.store.database import REVISIONS, back_up, revision_of, upgrade

    path = registry_home(settings.registry) / DATABASE
    found = revision_of(path)
    backup = path.with_suffix(f".{found}.backup")
    changed = found != REVISIONS[-1]
    if changed:
        back_up(path, backup)
        upgrade(path)
    value = {"from": found, "to": REVISIONS[-1], "backup": str(backup) if changed else None}
    done = f"migrated {found} to {REVISIONS[-1]}; backup at {backup}" if changed else f"{path} is current"
    emit(value, as_json=as_json, text=lambda: [done])
