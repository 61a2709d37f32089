"""muniment root: who may sign what."""

from collections.abc import Iterator

import click

from tui.diagnostics import say
from tui.output import emit, json_option
from tui.people import person_row
from tui.session import opened
from tui.settings import Settings


@click.group("root")
def command() -> None:
    """Show who may sign what."""


@command.command("show")
@json_option
@click.pass_obj
def show(settings: Settings, as_json: bool) -> None:
    """Show the trust root in force, its thresholds and keys, and what is weak about it."""
    from registry.acts.root import read_root

    with opened(settings, read_only=True) as registry:
        found = read_root(registry)
        names = registry.names.all()
    root = found.root
    value = {
        "origin": root.origin,
        "anchor": found.anchor,
        "version": root.version,
        "leaf": found.seq,
        "root_threshold": root.root_threshold,
        "persons": [person_row(p, names) for p in root.persons],
        "services": [{"id": s.id, "keys": [k.keyid for k in s.keys]} for s in root.services],
        "log_keys": list(root.log_keys),
        "witnesses": list(root.witnesses),
        "witness_quorum": root.witness_quorum,
        "expires": root.expires,
        "revoked": list(found.revoked),
        "warnings": list(found.warnings),
    }

    def lines() -> Iterator[str]:
        holders = set(root.root_holders().values())
        yield f"origin     {root.origin}"
        yield f"anchor     {found.anchor}"
        yield f"version    {root.version}, in force from leaf {found.seq}"
        yield f"threshold  {root.root_threshold} of {len(holders)} root holders"
        for person in root.persons:
            roles = ", ".join(r.role for r in person.roles)
            yield f"person     {names.get(person.id, person.id)}  {roles}"
        for service in root.services:
            yield f"service    {service.id}"
        for key in root.log_keys:
            yield f"log key    {key}"
        yield f"witnesses  {root.witness_quorum} of {len(root.witnesses)}"

    emit(value, as_json=as_json, text=lines)
    for warning in found.warnings:
        say(f"warning: {warning}")
