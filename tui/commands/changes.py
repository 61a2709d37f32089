"""muniment changes: what changed since the last approval."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option
from tui.session import opened, version_ref
from tui.settings import Settings


@click.command("changes")
@click.argument("version", metavar="M@V")
@click.option("--env", "environment", required=True, metavar="E", help="Where it was decided for.")
@json_option
@click.pass_obj
def command(settings: Settings, version: str, environment: str, as_json: bool) -> None:
    """Show what differs from the last approved dossier of M@V.

    Pinned changes make an approval stale; judged ones when a check's result got worse; noted ones never.
    """
    from registry.acts.changes import changes_since

    ref = version_ref(settings, version)
    with opened(settings, read_only=True) as registry:
        found = changes_since(registry, ref, environment)
    rows = [
        {"part": c.part, "kind": c.kind, "what": c.what, "materiality": c.materiality} for c in found.changes
    ]
    value = {
        "subject": str(ref),
        "environment": environment,
        "since": found.base,
        "approved": found.approved,
        "added": [r for r in rows if r["kind"].endswith(("added", "opened"))],
        "removed": [r for r in rows if r["kind"].endswith(("removed", "closed"))],
        "changed": [r for r in rows if not r["kind"].endswith(("added", "opened", "removed", "closed"))],
    }

    def lines() -> Iterator[str]:
        what = "the approved" if found.approved else "the last"
        yield f"{len(rows)} differences from {what} dossier {found.base}"
        yield from (f"  {r['materiality']:<7} {r['kind']}: {r['what']}" for r in rows)

    emit(value, as_json=as_json, text=lines)
