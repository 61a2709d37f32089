"""muniment key: people and their keys."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tui.commands import key_new
from tui.output import emit, json_option, table
from tui.people import person_row
from tui.session import Who, acting_person, ask_new_passphrase, opened, signer_options
from tui.settings import Settings

if TYPE_CHECKING:
    from registry.acts.enrol import Enrolled


@click.group("key")
def command() -> None:
    """Make and enrol keys."""


command.add_command(key_new.new)
command.add_command(key_new.prove)


@command.command("enrol")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, metavar="ROLE", help="A role to grant.")
@click.option("--in", "namespaces", multiple=True, default=("*",), metavar="NAMESPACE", help="Where.")
@click.option("--env", "environments", multiple=True, default=("*",), metavar="E", help="For what.")
@click.option("--no-passphrase", is_flag=True, help="Leave the new key unprotected.")
@click.option("--new-passphrase-file", metavar="FILE", help="Read the new key's passphrase from this file.")
@click.option("--public", metavar="FILE", help="The public key of a pair that was made elsewhere.")
@click.option("--proof", metavar="FILE", help="What `key prove` wrote with that pair.")
@signer_options
@json_option
@click.pass_obj
def enrol(
    settings: Settings,
    name: str,
    roles: tuple[str, ...],
    namespaces: tuple[str, ...],
    environments: tuple[str, ...],
    no_passphrase: bool,
    new_passphrase_file: str | None,
    public: str | None,
    proof: str | None,
    who: Who,
    as_json: bool,
) -> None:
    """Enrol NAME and grant roles, signed by the root threshold.

    Makes a key in the registry's key folder; with --public and --proof, enrols one made elsewhere.
    """
    from registry.acts.enrol import enrol_key, enrol_person
    from registry.trust.trust_root import Role

    granted = tuple(Role(role, namespaces, environments) for role in roles)
    with opened(settings) as registry:
        if public is not None and proof is not None:
            key, shown = key_new.read_offered(public, proof)
            enrolled = enrol_key(registry, acting_person(registry, who), name, granted, key, shown)
        elif public is not None or proof is not None:
            raise click.UsageError("--public and --proof belong together")
        else:
            actor = acting_person(registry, who)
            passphrase = (
                None
                if no_passphrase
                else ask_new_passphrase(new_passphrase_file, "--new-passphrase-file", f"the key of {name}")
            )
            enrolled = enrol_person(registry, actor, name, granted, passphrase)

    _show_enrolled(enrolled, roles, public, as_json=as_json)


def _show_enrolled(
    enrolled: "Enrolled", roles: tuple[str, ...], public: str | None, *, as_json: bool
) -> None:
    def lines() -> Iterator[str]:
        yield f"enrolled  {enrolled.name} as {enrolled.person}"
        yield f"roles     {', '.join(roles)}"
        yield f"key       {enrolled.key or public}"
        yield f"keyid     {enrolled.keyid}"

    value = {
        "person": enrolled.person,
        "name": enrolled.name,
        "keyid": enrolled.keyid,
        "key": None if enrolled.key is None else str(enrolled.key),
        "leaf": enrolled.seq,
    }
    emit(value, as_json=as_json, text=lines)


@command.command("revoke")
@click.argument("revoked", metavar="KEY")
@click.option("--reason", required=True, metavar="R", help="superseded, left or compromised.")
@click.option("--from-index", type=click.IntRange(0), metavar="SEQ", help="Compromised since this leaf.")
@signer_options
@json_option
@click.pass_obj
def revoke(
    settings: Settings, revoked: str, reason: str, from_index: int | None, who: Who, as_json: bool
) -> None:
    """Revoke a key by its id or its person's name, signed by the root threshold."""
    from registry.acts.revoke import revoke_key

    with opened(settings) as registry:
        done = revoke_key(registry, acting_person(registry, who), revoked, reason, from_index)
    value = {"keyid": done.keyid, "reason": done.reason, "from_index": done.from_index, "leaf": done.seq}
    emit(value, as_json=as_json, text=lambda: [f"revoked  {done.keyid}  {done.reason}, leaf {done.seq}"])


@command.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List enrolled people, their roles and keys."""
    from registry.acts.state import get_trust_root, read_state

    with opened(settings, read_only=True) as registry:
        root = get_trust_root(read_state(registry))
        names = registry.names.all()
    items = [person_row(p, names) for p in root.persons]
    rows = [
        (
            names.get(p.id, p.id),
            p.id,
            ", ".join(r.role for r in p.roles),
            " ".join(k.keyid[:16] for k in p.keys),
        )
        for p in root.persons
    ]

    def lines() -> Iterator[str]:
        yield from table(("NAME", "PERSON", "ROLES", "KEYS"), rows)

    emit({"items": items}, as_json=as_json, text=lines)
