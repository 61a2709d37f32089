"""muniment root: who may sign what."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tui.commands import root_sign, root_update
from tui.diagnostics import say
from tui.output import emit, json_option
from tui.people import person_row
from tui.session import opened
from tui.settings import Settings

if TYPE_CHECKING:
    from registry.acts.root import RootView


@click.group("root")
def command() -> None:
    """Show and change who may sign what."""


command.add_command(root_update.update)
command.add_command(root_sign.sign)


@command.command("show")
@json_option
@click.pass_obj
def show(settings: Settings, as_json: bool) -> None:
    """Show the trust root in force, its thresholds and keys, and what is weak about it."""
    from registry.acts.root import read_root

    with opened(settings, read_only=True) as registry:
        found = read_root(registry)
        names = registry.names.all()
    emit(_row(found, names), as_json=as_json, text=lambda: _lines(found, names))
    for warning in found.warnings:
        say(f"warning: {warning}")


def _row(found: "RootView", names: dict[str, str]) -> dict[str, Any]:
    from schemas.digest import Digest

    root, dead = found.root, _dead(found)
    return {
        "origin": root.origin,
        "anchor": found.anchor,
        "version": root.version,
        "leaf": found.seq,
        "root_threshold": root.root_threshold,
        "persons": [person_row(p, names, dead) for p in root.persons],
        "services": [{"id": s.id, "keys": [k.keyid for k in s.keys]} for s in root.services],
        "recovery": list(root.recovery),
        "log_keys": list(root.log_keys),
        "witnesses": list(root.witnesses),
        "witness_quorum": root.witness_quorum,
        "tsa_roots": [Digest.of(certificate) for certificate in root.tsa_roots],
        "expires": root.expires,
        "revoked": list(found.revoked),
        "suspended": list(found.suspended),
        "warnings": list(found.warnings),
    }


def _lines(found: "RootView", names: dict[str, str]) -> Iterator[str]:
    from registry.trust.root_words import role_text

    root, dead = found.root, _dead(found)
    holders = set(root.root_holders().values())
    yield f"origin     {root.origin}"
    yield f"anchor     {found.anchor}"
    yield f"version    {root.version}, in force from leaf {found.seq}"
    yield f"threshold  {root.root_threshold} of {len(holders)} root holders"
    yield f"expires    {root.expires or 'never'}"
    for person in root.persons:
        roles = ", ".join(role_text(r) for r in person.roles)
        kept = "  (recovery, kept offline)" if person.id in root.recovery else ""
        yield f"person     {names.get(person.id, person.id)}  {roles}{kept}"
        for key in person.keys:
            yield f"  key      {key.keyid}{f'  {dead[key.keyid]}' if key.keyid in dead else ''}"
    for service in root.services:
        yield f"service    {service.id}"
        for key in service.keys:
            yield f"  key      {key.keyid}{f'  {dead[key.keyid]}' if key.keyid in dead else ''}"
    for text in root.log_keys:
        yield f"log key    {text}"
    yield f"witnesses  {root.witness_quorum} of {len(root.witnesses)}"
    yield from (f"witness    {key}" for key in root.witnesses)


def _dead(found: "RootView") -> dict[str, str]:
    return {**dict.fromkeys(found.suspended, "suspended"), **dict.fromkeys(found.revoked, "revoked")}
