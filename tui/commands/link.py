"""muniment link: the run that trained a registered version, or its name elsewhere."""

import click

from schemas.errors import Usage
from tui.output import emit, json_option
from tui.session import Who, acting, opened, signer_options, version_ref
from tui.settings import Settings


@click.command("link")
@click.argument("version", metavar="M@V")
@click.option("--run", "runs", multiple=True, metavar="REF", help="The run that trained it: its id.")
@click.option("--to", "links", multiple=True, metavar="SOURCE:NAME@V", help="The same version elsewhere.")
@click.option("--service", is_flag=True, help="Sign with the registry's service key, as pipelines do.")
@signer_options
@json_option
@click.pass_obj
def command(
    settings: Settings,
    version: str,
    runs: tuple[str, ...],
    links: tuple[str, ...],
    service: bool,
    who: Who,
    as_json: bool,
) -> None:
    """Link imported facts to M@V; its lineage then includes them."""
    from registry.acts.link import link_version
    from registry.acts.links import get_link
    from registry.acts.run_links import get_training_run

    if not runs and not links:
        raise Usage("nothing to link", hint="add --run ID or --to SOURCE:NAME@VERSION")
    ref = version_ref(settings, version)
    with opened(settings) as registry:
        registry.get_manifest(ref)
        done = link_version(
            registry,
            acting(registry, who, service=service),
            ref,
            tuple(get_training_run(registry, text) for text in runs),
            tuple(get_link(registry, text) for text in links),
        )
    value = {"subject": str(ref), "leaves": list(done.leaves)}
    where = ", ".join(map(str, done.leaves))
    emit(value, as_json=as_json, text=lambda: [f"linked  {ref}, leaves {where}"])
