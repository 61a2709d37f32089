"""muniment register: a model version by its files."""

from collections.abc import Iterator
from pathlib import Path

import click

from tui.output import emit, json_option
from tui.session import Who, acting, opened, signer_options, version_ref
from tui.settings import Settings


@click.command("register")
@click.argument("version", metavar="M@V")
@click.option("--artifact", "artifacts", multiple=True, required=True, metavar="PATH", help="File or folder.")
@click.option("--run", "runs", multiple=True, metavar="REF", help="The run that trained it: its id.")
@click.option("--link", "links", multiple=True, metavar="SOURCE:NAME@V", help="The same version elsewhere.")
@click.option("--parent", "parents", multiple=True, metavar="M@V", help="A registered version it builds on.")
@click.option("--author", "authors", multiple=True, metavar="NAME", help="Somebody else who made it.")
@click.option("--service", is_flag=True, help="Sign with the registry's service key, as pipelines do.")
@signer_options
@json_option
@click.pass_obj
def command(
    settings: Settings,
    version: str,
    artifacts: tuple[str, ...],
    runs: tuple[str, ...],
    links: tuple[str, ...],
    parents: tuple[str, ...],
    authors: tuple[str, ...],
    service: bool,
    who: Who,
    as_json: bool,
) -> None:
    """Register model version M@V by its files, hashed here."""
    from registry.acts.files import hash_files
    from registry.acts.links import get_link
    from registry.acts.register import register_version
    from registry.acts.run_links import get_training_run

    ref = version_ref(settings, version)
    with opened(settings) as registry:
        files = hash_files([Path(a).expanduser() for a in artifacts])
        linked = [get_link(registry, text) for text in links]
        trained = [get_training_run(registry, text) for text in runs]
        trained += [link.run for link in linked if link.run is not None]
        registered = register_version(
            registry,
            acting(registry, who, service=service),
            ref,
            files,
            runs=tuple(dict.fromkeys(trained)),
            links=tuple(link.to_predicate() for link in linked),
            parents=tuple(registry.get_manifest(version_ref(settings, p)) for p in parents),
            authors=tuple(registry.names.get_person(a) for a in authors),
        )
    value = {
        "subject": str(ref),
        "manifest": registered.manifest.digest,
        "artifact": registered.manifest.artifact,
        "leaf": registered.seq,
        "files": [{"path": f.path, "sha256": f.digest.hex, "size": f.size} for f in files],
    }

    def lines() -> Iterator[str]:
        yield f"registered  {ref}"
        yield f"manifest    {registered.manifest.digest}"
        for file in files:
            yield f"file        {file.digest.hex[:16]}  {file.size:>10}  {file.path}"

    emit(value, as_json=as_json, text=lines)
