"""muniment root update: the next trust root, made here or signed elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.commands.drafting import carry, draft_option
from tui.files import read_small
from tui.output import emit, json_option
from tui.session import Who, acting_person, opened, signer_options
from tui.settings import Settings

if TYPE_CHECKING:
    from registry.acts.root_change import RootChange

_MAX_CERTIFICATE = 65_536
_PAIR = (str, str)
_GRANT = "Give a role: PERSON ROLE[@NAMESPACE[/ENV]]."


@click.command("update")
@click.argument("drafts", nargs=-1, metavar="[DRAFT]...")
@click.option("--threshold", type=click.IntRange(1), metavar="N", help="How many root persons must sign.")
@click.option("--expires", metavar="DATE", help="Last day of the root, YYYY-MM-DD; `never` takes it away.")
@click.option("--grant", nargs=2, type=_PAIR, multiple=True, metavar="PERSON ROLE", help=_GRANT)
@click.option(
    "--ungrant", nargs=2, type=_PAIR, multiple=True, metavar="PERSON ROLE", help="Take a role back."
)
@click.option("--remove", multiple=True, metavar="NAME", help="Remove a person or a service.")
@click.option("--rotate-log-key", is_flag=True, help="Make a new log key; old heads stay valid.")
@click.option("--add-log-key", "add_log_keys", multiple=True, metavar="VKEY", help="Let a key sign heads.")
@click.option("--remove-log-key", "remove_log_keys", multiple=True, metavar="VKEY", help="Retire a log key.")
@click.option("--add-witness", "add_witnesses", multiple=True, metavar="VKEY", help="Name a witness.")
@click.option("--remove-witness", "remove_witnesses", multiple=True, metavar="VKEY", help="Drop a witness.")
@click.option("--witness-quorum", type=click.IntRange(0), metavar="K", help="How many must confirm a head.")
@click.option("--add-tsa-root", "tsa_roots", multiple=True, metavar="FILE", help="Certificate, PEM or DER.")
@draft_option
@signer_options
@json_option
@click.pass_obj
def update(
    settings: Settings,
    /,
    drafts: tuple[str, ...],
    expires: str | None,
    tsa_roots: tuple[str, ...],
    output: str | None,
    who: Who,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Make the next trust root, or submit a DRAFT that root persons signed; several copies are joined."""
    given = (expires, output, *tsa_roots, *wanted.values())
    asked = any(value is not None and value is not False and value != () for value in given)
    if drafts:
        if asked:
            raise click.UsageError("a DRAFT says already what changes")
        _submit(settings, drafts, as_json=as_json)
        return
    change = _change(expires, tsa_roots, wanted)
    with opened(settings) as registry:
        from registry.acts.root_change import propose_change

        actor = acting_person(registry, who)
        proposal = propose_change(registry, change)
        done = carry(registry, actor, proposal, output)
        version = proposal.statements[0].predicate["version"]

    def lines() -> Iterator[str]:
        yield f"trust root {version}" + (" is in force" if done.draft is None else " is drafted")
        yield from done.lines()

    emit({"version": version, **done.members()}, as_json=as_json, text=lines)


def _change(expires: str | None, tsa_roots: tuple[str, ...], wanted: dict[str, Any]) -> "RootChange":
    from registry.acts.days import end_of_day
    from registry.acts.root_change import RootChange

    never = expires == "never"
    return RootChange(
        expires=None if never or expires is None else end_of_day(expires),
        never_expires=never,
        add_tsa_roots=tuple(_certificate(file) for file in tsa_roots),
        **wanted,
    )


def _submit(settings: Settings, files: tuple[str, ...], *, as_json: bool) -> None:
    from registry.acts.propose import submit_draft
    from registry.trust.root_draft import MAX_DRAFT, merge_drafts, read_root_draft

    draft = merge_drafts(*(read_root_draft(read_small(file, MAX_DRAFT)) for file in files))
    with opened(settings) as registry:
        done = submit_draft(registry, draft)
    written = list(zip(done.kinds, done.leaves, strict=True))

    def lines() -> Iterator[str]:
        for kind, leaf in written:
            yield f"{kind} is recorded, leaf {leaf}"

    rows = [{"type": kind, "leaf": leaf} for kind, leaf in written]
    emit({"leaf": done.leaves[0], "items": rows}, as_json=as_json, text=lines)


def _certificate(file: str) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    from schemas.errors import Usage

    data = read_small(file, _MAX_CERTIFICATE)
    reader = x509.load_pem_x509_certificate if b"-----BEGIN" in data else x509.load_der_x509_certificate
    try:
        return reader(data).public_bytes(Encoding.DER)
    except ValueError as error:
        raise Usage(f"{Path(file).name} is no certificate", hint="give an X.509 file, PEM or DER") from error
