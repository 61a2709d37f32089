"""muniment key: people and their keys."""

from collections.abc import Iterator

import click

from tui.commands import key_enrol, key_new, key_recovery, key_revoke
from tui.output import emit, json_option, table
from tui.people import person_row
from tui.session import opened
from tui.settings import Settings


@click.group("key")
def command() -> None:
    """Make, enrol, rotate, suspend and revoke keys."""


for part in (
    *(key_new.new, key_new.prove, key_enrol.enrol, key_enrol.add, key_enrol.rotate),
    *(key_revoke.revoke, key_revoke.suspend, key_revoke.reinstate, key_recovery.recovery),
):
    command.add_command(part)


@command.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List enrolled people, their roles and keys."""
    from registry.acts.state import get_trust_root, read_state
    from registry.trust.root_words import role_text

    with opened(settings, read_only=True) as registry:
        state = read_state(registry)
        names = registry.names.all()
    root = get_trust_root(state)
    dead = {**dict.fromkeys(state.suspended, "suspended"), **dict.fromkeys(state.revoked, "revoked")}
    items = [person_row(p, names, dead) for p in root.persons]
    rows = [
        (
            names.get(p.id, p.id),
            p.id,
            ", ".join(role_text(r) for r in p.roles),
            " ".join(f"{k.keyid[:16]}{f' ({dead[k.keyid]})' if k.keyid in dead else ''}" for k in p.keys),
        )
        for p in root.persons
    ]

    def lines() -> Iterator[str]:
        yield from table(("NAME", "PERSON", "ROLES", "KEYS"), rows)

    emit({"items": items}, as_json=as_json, text=lines)
