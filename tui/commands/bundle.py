"""muniment bundle: signed audit bundles."""

from collections.abc import Iterator
from pathlib import Path

import click

from tui.output import emit, json_option
from tui.session import opened, version_ref
from tui.settings import Settings


@click.group("bundle")
def command() -> None:
    """Export and verify signed audit bundles."""


@command.command("export")
@click.argument("version", metavar="M@V")
@click.option("-o", "--output", "target", required=True, metavar="F", help="The file to write.")
@click.option(
    "--head",
    type=click.IntRange(1, 1 << 53),
    metavar="SIZE",
    help="Take it at this signed head; it is reproduced.",
)
@click.option("--with-evidence", is_flag=True, help="Enclose the evidence files too.")
@json_option
@click.pass_obj
def export(
    settings: Settings, version: str, target: str, head: int | None, with_evidence: bool, as_json: bool
) -> None:
    """Write the signed audit bundle of M@V."""
    from registry.acts.export import export_bundle

    ref = version_ref(settings, version)
    with opened(settings) as registry:
        done = export_bundle(registry, ref, Path(target).expanduser(), head=head, with_evidence=with_evidence)

    def lines() -> Iterator[str]:
        yield f"bundle  {done.path}"
        yield f"digest  {done.digest}"
        yield f"taken   at a signed head of {done.tree_size} leaves; {done.size} bytes"

    value = {
        "bundle": done.path,
        "digest": done.digest,
        "bytes": done.size,
        "tree_size": done.tree_size,
        "leaf": done.leaf,
    }
    emit(value, as_json=as_json, text=lines)


@command.command("verify")
@click.argument("file", metavar="F")
@click.option("--anchor", metavar="A", help="SHA-256 of the registry's first trust root.")
@click.option("--prior", metavar="SIZE:ROOT", help="A head you have seen before; ROOT in base64.")
@click.option("--at", metavar="TIME", help="Decide as of this time, YYYY-MM-DDTHH:MM:SSZ.")
@json_option
def verify(file: str, anchor: str | None, prior: str | None, at: str | None, as_json: bool) -> int:
    """Check a bundle with no network and no registry, and decide everything in it again."""
    from tui.verifying import answer_lines, verify_file

    answer = verify_file(Path(file).expanduser(), anchor, prior, at)
    emit(answer.to_json(), as_json=as_json, text=lambda: answer_lines(answer))
    return answer.exit_code
