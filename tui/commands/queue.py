"""muniment queue: what waits for a decision."""

from collections.abc import Iterator

import click

from tui.cli import Settings
from tui.output import emit, json_option, table
from tui.session import opened


@click.command("queue")
@json_option
@click.pass_obj
def command(settings: Settings, as_json: bool) -> None:
    """List the open requests."""
    from registry.acts.queue import open_requests  # noqa: PLC0415

    with opened(settings, read_only=True) as registry:
        items = open_requests(registry)

    def lines() -> Iterator[str]:
        if not items:
            yield "nothing waits for a decision"
            return
        rows = [
            (
                i.subject,
                i.environment,
                i.tier or "-",
                f"{i.checks_met}/{i.checks_total}",
                ", ".join(f"{q.role} {q.have}/{q.need}" for q in i.quorum),
                i.requested_at,
            )
            for i in items
        ]
        yield from table(("VERSION", "ENVIRONMENT", "TIER", "CHECKS", "APPROVALS", "REQUESTED"), rows)

    value = [
        {
            "subject": i.subject,
            "environment": i.environment,
            "dossier": i.dossier,
            "status": i.status,
            "tier": i.tier or None,
            "requested_at": i.requested_at,
            "checks": {"met": i.checks_met, "total": i.checks_total},
            "quorum": [{"role": q.role, "have": q.have, "need": q.need} for q in i.quorum],
        }
        for i in items
    ]
    emit({"items": value}, as_json=as_json, text=lines)
