"""muniment import evaluation: what another tool measured about a version."""

import click

from tui.importing import Asked, import_options
from tui.input_file import read_input
from tui.progress import working
from tui.settings import Settings

_FORMATS = ("aequitas", "fairlearn", "junit", "metrics", "sarif")


@click.command("evaluation")
@import_options
@click.option("--format", "kind", type=click.Choice(_FORMATS), help="When the content does not tell.")
@click.option("--favourable/--unfavourable", default=True, help="Do people want the outcome of the counts?")
@click.option("--outcome", default="selected", show_default=True, metavar="TEXT", help="What was counted.")
@click.pass_obj
def command(
    settings: Settings, file: str, asked: Asked, kind: str | None, favourable: bool, outcome: str
) -> int:
    """Record what FILE reports for M@V: metrics, outcomes of checks, counts of groups.

    Reads Fairlearn's MetricFrame (JSON), Aequitas' crosstab (CSV), JUnit (XML), SARIF, MLflow's metrics.json
    and any JSON object of numbers. Bias checks are computed here from the counts.
    """
    from importers.evaluations.report import MAX_FILE
    from importers.evaluations.results import read_results
    from schemas.evaluation import Polarity
    from tui.importing_results import take_in

    name, data = read_input(file, MAX_FILE)
    with working(f"reading {name}"):
        found = read_results(name, data, Polarity(outcome, favourable), kind)
    return take_in(settings, asked, name, data, found)
