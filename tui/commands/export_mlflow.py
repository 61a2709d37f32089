"""muniment export mlflow: a version's decision as tags on the same version in MLflow."""

import os
from collections.abc import Iterator
from typing import Any

import click

from tui.output import emit, json_option
from tui.session import opened, version_ref
from tui.settings import Settings


@click.command("mlflow")
@click.argument("version", metavar="M@V")
@click.option("--to", "uri", required=True, envvar="MLFLOW_TRACKING_URI", metavar="URI", help="The server.")
@click.option("--env", "environment", metavar="E", help="Whose decision; needed when there are several.")
@click.option("--dry-run", is_flag=True, help="Say what would be set and set nothing.")
@json_option
@click.pass_obj
def command(
    settings: Settings, version: str, uri: str, environment: str | None, dry_run: bool, as_json: bool
) -> None:
    """Set muniment.status, .decision_id, .decided_at and .evidence_sha256 on M@V in MLflow.

    M@V is found there by `muniment link M@V --to NAME@VERSION`. Nothing else is written: no stage, no alias.
    Anybody may change tags in MLflow: they tell people, `muniment gate` decides. Credentials come from the
    environment, as for `muniment import mlflow`.
    """
    from importers.mlflow.rest import parse_address
    from registry.acts.links import find_names
    from registry.exports.mlflow import decision_tags

    server = parse_address(uri).url
    ref = version_ref(settings, version)
    with opened(settings, read_only=dry_run) as registry:
        where, tags = decision_tags(registry, ref, environment)
        names = find_names(registry, ref, "mlflow", server)
        if not dry_run:
            _write(registry, uri, server, names, tags)
    versions = [{"model": model, "version": number} for model, number in names]
    value = {"subject": str(ref), "environment": where, "to": server, "versions": versions, "tags": tags}
    emit({**value, "set": not dry_run}, as_json=as_json, text=lambda: _lines({**value, "set": not dry_run}))


def _write(registry: Any, uri: str, server: str, names: list[tuple[str, str]], tags: dict[str, str]) -> None:
    from importers.mlflow.rest import Server
    from importers.mlflow.write_back import set_tags
    from registry.acts.foreign import remember_tags

    with Server(uri, os.environ) as client:
        for pair in names:
            taken: dict[str, str] = {}
            try:
                set_tags(client.fetch, server, pair, tags, taken.__setitem__)
            finally:
                # What the server took is known as ours even when it refuses the rest.
                remember_tags(registry, server, pair, taken)


def _lines(value: dict[str, Any]) -> Iterator[str]:
    word = "set on" if value["set"] else "would be set on"
    for item in value["versions"]:
        yield f"{word} version {item['version']} of {item['model']} in {value['to']}"
    for key, text in sorted(value["tags"].items()):
        yield f"  {key} = {text or '(empty)'}"
