"""muniment dossier: exactly what is signed."""

import json
import sys

import click

from tui.diagnostics import say
from tui.files import write_new
from tui.output import emit, json_option, safe, safe_lines
from tui.session import opened, version_ref
from tui.settings import Settings


@click.command("dossier")
@click.argument("version", metavar="M@V")
@click.option("--env", "environment", required=True, metavar="E", help="Where it shall run.")
@click.option("--packet", metavar="F", help="Write the open dossier and what it names to this new file.")
@json_option
@click.pass_obj
def command(settings: Settings, version: str, environment: str, packet: str | None, as_json: bool) -> None:
    """Print the frozen dossier of M@V, or a draft when no decision was asked for.

    With --json these are the signed bytes, verbatim; a draft is marked and no command signs it. A packet
    is decided on where there is no registry: approve --packet.
    """
    if packet is not None:
        _carry_out(settings, version, environment, packet, as_json=as_json)
        return
    from registry.acts.dossier import read_dossier
    from registry.acts.exceptions import read_exceptions

    with opened(settings, read_only=True) as registry:
        ref = version_ref(settings, version)
        data = read_dossier(registry, ref, environment)
        made = read_exceptions(registry, ref, environment)
    # The document is signed as it is: what was done beside it is said beside it.
    for row in made:
        say(f"noted: {safe(row.said)}: {row.state}")
    if as_json:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(safe_lines(json.dumps(json.loads(data), indent=2, ensure_ascii=False)) + "\n")


def _carry_out(settings: Settings, version: str, environment: str, packet: str, *, as_json: bool) -> None:
    from registry.acts.travel import carry_out
    from schemas.digest import Digest

    ref = version_ref(settings, version)
    with opened(settings, read_only=True) as registry:
        data = carry_out(registry, ref, environment)
    write_new(packet, data)
    value = {"subject": str(ref), "environment": environment, "packet": packet, "digest": Digest.of(data)}
    emit(value, as_json=as_json, text=lambda: [f"packet   {packet}", f"digest   {value['digest']}"])
