"""muniment show: all about one thing."""

import click

from tui.output import emit, json_option
from tui.session import opened
from tui.settings import Settings


@click.command("show")
@click.argument("reference", metavar="REF")
@json_option
@click.pass_obj
def command(settings: Settings, reference: str, as_json: bool) -> None:
    """Show all about one thing: what is known, what said it, and when.

    REF is a registered version (retail/credit-risk@7), a run's id (ID@NAMESPACE:JOB where several jobs ran
    under it), an event (sha256:DIGEST, or its first digits), or a dataset or job by name; dataset: or job:
    before the name says which of the two is meant.
    """
    from importers.openlineage.statements import read_statement
    from registry.acts.show import show
    from tui.show_text import show_lines

    with opened(settings, read_only=True) as registry:
        shown = show(registry, reference, settings.namespace, read_statement)
    emit(shown, as_json=as_json, text=lambda: show_lines(shown))
