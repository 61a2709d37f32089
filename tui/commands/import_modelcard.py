"""muniment import modelcard: a description of a version, kept as evidence, its numbers as a report."""

import click

from tui.importing import Asked, import_options
from tui.input_file import read_input
from tui.progress import working
from tui.settings import Settings

_FORMATS = ("croissant", "cyclonedx", "huggingface")


@click.command("modelcard")
@import_options
@click.option("--format", "kind", type=click.Choice(_FORMATS), help="When the content does not tell.")
@click.pass_obj
def command(settings: Settings, file: str, asked: Asked, kind: str | None) -> int:
    """Keep FILE as evidence for M@V and record the numbers in it.

    Reads Hugging Face model cards (README.md), CycloneDX 1.5 to 1.7 with a machine-learning model (JSON) and
    Croissant (JSON-LD). Where its hashes contradict the files of the version, it says so.
    """
    from importers.evaluations.report import MAX_FILE
    from importers.modelcards.read import read_card
    from tui.importing_results import take_in

    name, data = read_input(file, MAX_FILE)
    with working(f"reading {name}"):
        card = read_card(name, data, kind)
    return take_in(settings, asked, name, data, card.results, card)
