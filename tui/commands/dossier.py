"""muniment dossier: exactly what is signed."""

import json
import sys

import click

from tui.cli import Settings
from tui.output import json_option, safe
from tui.session import opened, version_ref


@click.command("dossier")
@click.argument("version", metavar="M@V")
@click.option("--env", "environment", required=True, metavar="E", help="Where it shall run.")
@json_option
@click.pass_obj
def command(settings: Settings, version: str, environment: str, as_json: bool) -> None:
    """Print the frozen dossier of M@V, or a draft when no decision was asked for.

    With --json these are the signed bytes, verbatim; a draft is marked and no command signs it.
    """
    from registry.acts.dossier import read_dossier

    with opened(settings, read_only=True) as registry:
        data = read_dossier(registry, version_ref(settings, version), environment)
    if as_json:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(safe(json.dumps(json.loads(data), indent=2, ensure_ascii=False)) + "\n")
