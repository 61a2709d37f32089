"""muniment bundle export: the signed audit bundle of what was asked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from tui.output import counted, emit, json_option
from tui.progress import progress
from tui.session import opened, version_ref
from tui.settings import Settings
from tui.verifying import parse_at

_DAY = len("2026-01-01")


@click.command("export")
@click.argument("versions", metavar="[M@V]...", nargs=-1)
@click.option(
    "--namespace", "namespaces", multiple=True, metavar="NS", help="Every version in NS; repeatable."
)
@click.option("--whole", is_flag=True, help="Every version of the registry.")
@click.option("--env", "environments", multiple=True, metavar="E", help="Only for E; repeatable.")
@click.option(
    "--since", default="", metavar="D", help="Only versions registered, or decided about, from D on."
)
@click.option("--until", default="", metavar="D", help="Only versions registered, or decided about, up to D.")
@click.option("-o", "--output", "target", required=True, metavar="F", help="The file to write.")
@click.option(
    "--head",
    type=click.IntRange(1, 1 << 53),
    metavar="SIZE",
    help="Take it at this signed head; it is reproduced.",
)
@click.option("--with-evidence", is_flag=True, help="Enclose the evidence files too.")
@click.option(
    "--withhold",
    multiple=True,
    metavar="DIGEST=REASON",
    help="Keep this record or document out, and say why in a word; repeatable.",
)
@click.option("--names", is_flag=True, help="Say what the people in it are called.")
@click.option(
    "--extract", is_flag=True, help="Only the records in scope, each with its proof: shows no absence."
)
@json_option
@click.pass_obj
def export(
    settings: Settings,
    /,
    target: str,
    head: int | None,
    as_json: bool,
    names: bool,
    extract: bool,
    **words: Any,
) -> None:
    """Write the signed audit bundle of versions, of namespaces, or of the whole registry.

    --since and --until read the time in the log (UTC) of a version's registration and of decisions about it;
    a day is meant whole, or write YYYY-MM-DDTHH:MM:SSZ. What is left out is named in the bundle.
    """
    from registry.acts.enclosing import Packing
    from registry.acts.export import export_bundle

    packing = Packing(
        with_evidence=words["with_evidence"],
        withhold=_withheld(words["withhold"]),
        names=names,
        extract=extract,
    )
    asked = _asked(settings, **words)
    with opened(settings) as registry, progress("packing") as step:
        done = export_bundle(
            registry, asked, Path(target).expanduser(), head=head, packing=packing, progress=step
        )

    emit(_row(done), as_json=as_json, text=lambda: _lines(done))


def _row(done: Any) -> dict[str, Any]:
    return {
        "bundle": done.path,
        "digest": done.digest,
        "bytes": done.size,
        "tree_size": done.tree_size,
        "leaf": done.leaf,
        "versions": done.versions,
        "claims": done.claims,
    }


def _lines(done: Any) -> Iterator[str]:
    yield f"bundle  {done.path}"
    yield f"digest  {done.digest}"
    yield f"holds   {counted(done.versions, 'versions')}, {counted(done.claims, 'claims')}"
    yield f"taken   at a signed head of {done.tree_size} leaves; {done.size} bytes"


def _asked(settings: Settings, **words: Any) -> Any:
    from registry.bundle.summary import Asked
    from schemas.asset import check_environment, check_namespace

    named = bool(words["versions"] or words["namespaces"])
    if named == words["whole"]:
        raise click.UsageError("name versions or a --namespace, or say --whole for the whole registry")
    for environment in words["environments"]:
        check_environment(environment)
    for namespace in words["namespaces"]:
        check_namespace(namespace)
    since, until = _time(words["since"], "--since", "00:00:00"), _time(words["until"], "--until", "23:59:59")
    if until and since > until:
        raise click.UsageError(f"--since {since} is after --until {until}")
    return Asked(
        subjects=_sorted(str(version_ref(settings, text)) for text in words["versions"]),
        namespaces=_sorted(words["namespaces"]),
        environments=_sorted(words["environments"]),
        since=since,
        until=until,
    )


def _sorted(items: Any) -> tuple[str, ...]:
    return tuple(sorted(set(items)))


def _time(text: str, what: str, clock: str) -> str:
    if not text:
        return ""
    return parse_at(f"{text}T{clock}Z" if len(text) == _DAY else text, what=what)


def _withheld(texts: tuple[str, ...]) -> dict[Any, str]:
    from registry.bundle.summary import is_reason
    from schemas.digest import Digest

    found = {}
    for text in texts:
        digest, _, reason = text.partition("=")
        try:
            known = Digest(digest)
        except ValueError as error:
            raise click.UsageError(f"--withhold: {error}") from error
        if not is_reason(reason):
            raise click.UsageError(
                f"--withhold: expected DIGEST=REASON, a word of a-z 0-9 -, found {text[72:152]!r}"
            )
        found[known] = reason
    return found
