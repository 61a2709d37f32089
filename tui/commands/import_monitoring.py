"""muniment import monitoring: what a monitoring tool saw of a version in use."""

import click

from tui.importing import Asked, import_options
from tui.input_file import read_input
from tui.progress import working
from tui.settings import Settings

_FORMATS = ("evidently", "nannyml", "whylogs")


@click.command("monitoring")
@import_options
@click.option("--format", "kind", type=click.Choice(_FORMATS), help="When the content does not tell.")
@click.pass_obj
def command(settings: Settings, file: str, asked: Asked, kind: str | None) -> int:
    """Record what FILE reports for M@V: numbers of columns, and what was alarming.

    Reads Evidently 0.7 (JSON), NannyML's wide table (CSV), whylogs 1.6 (column summaries and constraint
    reports as JSON). The tool's own verdicts are taken; no number is compared here.
    """
    from importers.evaluations.monitoring import read_monitoring
    from importers.evaluations.report import MAX_FILE
    from tui.importing_results import take_in

    name, data = read_input(file, MAX_FILE)
    with working(f"reading {name}"):
        found = read_monitoring(name, data, kind)
    return take_in(settings, asked, name, data, found, of="monitoring")
