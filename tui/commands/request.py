"""muniment request: freeze the dossier and ask for a decision."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option
from tui.session import Who, acting, opened, signer_options, version_ref
from tui.settings import Settings


@click.command("request")
@click.argument("version", metavar="M@V")
@click.option("--env", "environment", required=True, metavar="E", help="Where it shall run.")
@click.option("--service", is_flag=True, help="Sign with the registry's service key, as pipelines do.")
@signer_options
@json_option
@click.pass_obj
def command(
    settings: Settings,
    version: str,
    environment: str,
    service: bool,
    who: Who,
    as_json: bool,
) -> None:
    """Freeze the dossier of M@V for an environment and ask for a decision."""
    from registry.acts.request import request_review

    ref = version_ref(settings, version)
    with opened(settings) as registry:
        actor = acting(registry, who, service=service)
        asked = request_review(registry, actor, ref, environment)
    item = {
        "subject": str(ref),
        "environment": environment,
        "dossier": asked.dossier,
        "leaf": asked.seq,
        "checks": [{"rule": c.rule, "result": c.result, "message": c.message} for c in asked.parts.checks],
        "lineage": {
            "nodes": asked.parts.lineage.nodes,
            "edges": asked.parts.lineage.edges,
            "gaps": asked.parts.lineage.gaps,
            "weakest": asked.parts.lineage.weakest,
        },
    }

    def lines() -> Iterator[str]:
        yield f"requested  {ref} for {environment}"
        yield f"dossier    {asked.dossier}"
        for check in asked.parts.checks:
            yield f"check      {check.result:<14} {check.rule}  {check.message}"
        yield "next: somebody who did not make it decides: muniment, or muniment approve"

    emit({"items": [item]}, as_json=as_json, text=lines)
