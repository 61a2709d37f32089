"""muniment export: standard formats out."""

import click

from tui.lazy import lazy_group

_COMMANDS = {
    "openlineage": (
        "tui.commands.export_openlineage",
        "Training, bias checks and decisions as OpenLineage events.",
    ),
    "mlflow": ("tui.commands.export_mlflow", "A decision as tags on the linked version in MLflow."),
}


@click.group("export", cls=lazy_group(_COMMANDS))
def command() -> None:
    """Give what the registry knows to other tools."""
