"""muniment evidence: documents about a version."""

import mimetypes
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tui.output import emit, json_option, table
from tui.session import Who, acting, opened, signer_options, version_ref
from tui.settings import Settings


@click.group("evidence")
def command() -> None:
    """Add, list and read evidence."""


@command.command("add")
@click.argument("file", metavar="FILE")
@click.option("--for", "version", required=True, metavar="M@V", help="The version it is about.")
@click.option("--kind", required=True, metavar="KIND", help="For example validation_report.")
@click.option("--title", metavar="TEXT", help="What it is called; the file's name when left out.")
@click.option("--valid-until", metavar="D", help="Last day it holds, YYYY-MM-DD.")
@click.option("--replaces", metavar="DIGEST", help="The document whose place it takes.")
@click.option("--service", is_flag=True, help="Sign with the registry's service key, as pipelines do.")
@signer_options
@json_option
@click.pass_obj
def add(
    settings: Settings,
    file: str,
    version: str,
    kind: str,
    title: str | None,
    valid_until: str | None,
    replaces: str | None,
    service: bool,
    who: Who,
    as_json: bool,
) -> None:
    """Keep FILE as evidence for a version; its bytes are hashed here, so its level is verified."""
    from registry.acts.evidence import Description, add_evidence, parse_digest

    ref = version_ref(settings, version)
    path = Path(file).expanduser()
    with opened(settings) as registry:
        recorded = add_evidence(
            registry,
            acting(registry, who, service=service),
            ref,
            path,
            Description(
                kind=kind,
                title=title or path.name,
                media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
                valid_until=valid_until,
                replaces=parse_digest(replaces) if replaces else None,
            ),
        )
    item = {"subject": str(ref), "kind": kind, "digest": recorded.digest, "level": "verified"}
    done = f"evidence  {recorded.digest}  {kind} for {ref}, leaf {recorded.seq}"
    emit({"evidence": [item], "leaf": recorded.seq}, as_json=as_json, text=lambda: [done])


@command.command("withdraw")
@click.argument("digest")
@click.option("--for", "version", required=True, metavar="M@V", help="The version it was added for.")
@click.option("--reason", required=True, metavar="T", help="Why, in words.")
@signer_options
@json_option
@click.pass_obj
def withdraw(settings: Settings, digest: str, version: str, reason: str, who: Who, as_json: bool) -> None:
    """Withdraw a document: approvals whose dossier lists it become stale."""
    from registry.acts.evidence import parse_digest, withdraw_evidence

    ref = version_ref(settings, version)
    with opened(settings) as registry:
        actor = acting(registry, who, service=False)
        done = withdraw_evidence(registry, actor, ref, parse_digest(digest), reason)
    value = {"subject": str(ref), "digest": done.digest, "leaf": done.seq}
    emit(value, as_json=as_json, text=lambda: [f"withdrawn  {done.digest} for {ref}, leaf {done.seq}"])


@command.command("list")
@click.argument("version", metavar="M@V")
@json_option
@click.pass_obj
def list_(settings: Settings, version: str, as_json: bool) -> None:
    """List the evidence of a version."""
    from registry.acts.evidence import list_evidence

    with opened(settings, read_only=True) as registry:
        found = list_evidence(registry, version_ref(settings, version))
    items = [
        {"kind": e.kind, "digest": e.digest, "level": e.level, "valid_until": e.valid_until, "leaf": e.by.seq}
        for e in found
    ]

    def lines() -> Iterator[str]:
        rows = [(e.kind, e.level, e.valid_until or "-", e.digest) for e in found]
        yield from table(("KIND", "LEVEL", "VALID UNTIL", "DIGEST"), rows)

    emit({"items": items}, as_json=as_json, text=lines)


@command.command("get")
@click.argument("digest")
@click.pass_obj
def get(settings: Settings, digest: str) -> None:
    """Write the bytes of a document to stdout, re-hashed."""
    from registry.acts.evidence import parse_digest

    with opened(settings, read_only=True) as registry:
        data = registry.ledger.get_body(parse_digest(digest))
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
