"""muniment key enrol, key add, key rotate: keys that come to be trusted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from tui.commands.drafting import Carried, carry, draft_option
from tui.commands.key_new import new_key_options, read_offer
from tui.output import emit, json_option
from tui.session import Who, acting_person, opened, signer_options
from tui.settings import Settings

if TYPE_CHECKING:
    from registry.acts.enrol import Enrolment
    from registry.trust.trust_root import Role


@click.command("enrol")
@click.argument("name")
@click.option(
    "--role", "roles", multiple=True, metavar="ROLE", help="A role to grant: ROLE[@NAMESPACE[/ENV]]."
)
@click.option("--in", "namespaces", multiple=True, metavar="NAMESPACE", help="Where the roles hold.")
@click.option("--env", "environments", multiple=True, metavar="E", help="For what the roles hold.")
@click.option("--service", is_flag=True, help="NAME is a service: it imports and gates, and fills no role.")
@new_key_options
@draft_option
@signer_options
@json_option
@click.pass_obj
def enrol(
    settings: Settings,
    name: str,
    roles: tuple[str, ...],
    namespaces: tuple[str, ...],
    environments: tuple[str, ...],
    service: bool,
    no_passphrase: bool,
    new_passphrase_file: str | None,
    public: str | None,
    proof: str | None,
    output: str | None,
    who: Who,
    as_json: bool,
) -> None:
    """Enrol NAME and grant roles, signed by the root threshold.

    Makes a key in the registry's key folder; with --public and --proof, enrols one made elsewhere.
    """
    from registry.acts.enrol import propose_person, propose_service

    if service == bool(roles):
        raise click.UsageError("a person needs a --role; a --service has none")
    granted = _roles(roles, namespaces, environments)
    with opened(settings) as registry:
        actor = acting_person(registry, who)
        offer = read_offer(name, public, proof, new_passphrase_file, no_passphrase=no_passphrase or service)
        made = (
            propose_service(registry, name, offer)
            if service
            else propose_person(registry, name, granted, offer)
        )
        done = carry(registry, actor, made.proposal, output)
    _show(made, done, tuple(roles), public, as_json=as_json)


@click.command("add")
@click.argument("name")
@new_key_options
@draft_option
@signer_options
@json_option
@click.pass_obj
def add(
    settings: Settings,
    name: str,
    no_passphrase: bool,
    new_passphrase_file: str | None,
    public: str | None,
    proof: str | None,
    output: str | None,
    who: Who,
    as_json: bool,
) -> None:
    """Enrol a further key of NAME, who is enrolled already: one person, several keys."""
    from registry.acts.enrol import is_service, propose_further_key

    with opened(settings) as registry:
        actor = acting_person(registry, who)
        bare = no_passphrase or is_service(registry, name)
        offer = read_offer(name, public, proof, new_passphrase_file, no_passphrase=bare)
        made = propose_further_key(registry, name, offer)
        done = carry(registry, actor, made.proposal, output)
    _show(made, done, (), public, as_json=as_json)


@click.command("rotate")
@click.argument("name")
@click.option("--old", metavar="KEYID", help="The key to replace, when there are several.")
@new_key_options
@draft_option
@signer_options
@json_option
@click.pass_obj
def rotate(
    settings: Settings,
    name: str,
    old: str | None,
    no_passphrase: bool,
    new_passphrase_file: str | None,
    public: str | None,
    proof: str | None,
    output: str | None,
    who: Who,
    as_json: bool,
) -> None:
    """Give NAME a new key and revoke the old one as superseded; what the old one signed stands."""
    from registry.acts.enrol import is_service
    from registry.acts.rotate import propose_rotation

    with opened(settings) as registry:
        actor = acting_person(registry, who)
        bare = no_passphrase or is_service(registry, name)
        offer = read_offer(name, public, proof, new_passphrase_file, no_passphrase=bare)
        made, dead = propose_rotation(registry, name, offer, old)
        done = carry(registry, actor, made.proposal, output)
    _show(made, done, (), public, old=dead, as_json=as_json)


def _roles(
    roles: tuple[str, ...], namespaces: tuple[str, ...], environments: tuple[str, ...]
) -> "tuple[Role, ...]":
    from registry.acts.roles import parse_role
    from registry.trust.trust_root import Role

    if not namespaces and not environments:
        return tuple(parse_role(role) for role in roles)
    if any("@" in role for role in roles):
        raise click.UsageError("--in and --env belong to roles written without @")
    return tuple(Role(role, namespaces or ("*",), environments or ("*",)) for role in roles)


def _show(
    made: "Enrolment",
    done: Carried,
    roles: tuple[str, ...],
    public: str | None,
    *,
    old: str | None = None,
    as_json: bool,
) -> None:
    def lines() -> Iterator[str]:
        verb = "enrolled" if done.draft is None else "to enrol"
        yield f"{verb}  {made.name} as {made.person}"
        if roles:
            yield f"roles     {', '.join(roles)}"
        yield f"key       {made.key or public}"
        yield f"keyid     {made.keyid}"
        if old is not None:
            yield f"replaces  {old}, superseded"
        yield from done.lines()

    value = {
        "person": made.person,
        "name": made.name,
        "keyid": made.keyid,
        "key": None if made.key is None else str(made.key),
        **({} if old is None else {"old": old}),
        **done.members(),
    }
    emit(value, as_json=as_json, text=lines)
