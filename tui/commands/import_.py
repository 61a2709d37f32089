"""muniment import: what other tools recorded."""

import click

from tui.lazy import lazy_group

_SOURCES = {
    "openlineage": ("tui.commands.import_openlineage", "OpenLineage events: files, folders, gzip, stdin."),
    "evaluation": ("tui.commands.import_evaluation", "Results of Fairlearn, Aequitas, JUnit, SARIF, MLflow."),
    "monitoring": ("tui.commands.import_monitoring", "Reports of Evidently, NannyML, whylogs."),
    "modelcard": ("tui.commands.import_modelcard", "Hugging Face model cards, CycloneDX, Croissant."),
    "mlflow": ("tui.commands.import_mlflow", "An MLflow server, or an mlruns folder."),
}


@click.group("import", cls=lazy_group(_SOURCES))
def command() -> None:
    """Take in what other tools recorded; an import never grants an approval."""
