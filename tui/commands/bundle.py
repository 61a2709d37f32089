"""muniment bundle: signed audit bundles."""

import click

from tui.commands import bundle_compare, bundle_export, bundle_remembered, bundle_verifier, bundle_verify


@click.group("bundle")
def command() -> None:
    """Export and verify signed audit bundles."""


for more in (
    bundle_export.export,
    bundle_verify.verify,
    bundle_verifier.verifier,
    bundle_compare.compare,
    bundle_remembered.remembered,
):
    command.add_command(more)
