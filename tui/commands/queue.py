"""muniment queue: what waits for a decision."""

from collections.abc import Iterator

import click

from tui.output import emit, json_option, table
from tui.session import opened
from tui.settings import Settings


@click.command("queue")
@json_option
@click.pass_obj
def command(settings: Settings, as_json: bool) -> None:
    """List the open requests."""
    from registry.acts.queue import open_requests

    with opened(settings, read_only=True) as registry:
        items = open_requests(registry)

    def lines() -> Iterator[str]:
        if not items:
            yield "nothing waits for a decision"
            return
        rows = [
            (
                o.item.subject,
                o.item.environment,
                o.item.tier or "-",
                f"{o.item.checks_met}/{o.item.checks_total}",
                ", ".join(f"{q.role} {q.have}/{q.need}" for q in o.item.quorum),
                o.item.requested_at,
            )
            for o in items
        ]
        yield from table(("VERSION", "ENVIRONMENT", "TIER", "CHECKS", "APPROVALS", "REQUESTED"), rows)

    value = [
        {
            "subject": o.item.subject,
            "environment": o.item.environment,
            "dossier": o.dossier,
            "status": o.item.status,
            "tier": o.item.tier or None,
            "requested_at": o.item.requested_at,
            "checks": {"met": o.item.checks_met, "total": o.item.checks_total},
            "quorum": [{"role": q.role, "have": q.have, "need": q.need} for q in o.item.quorum],
        }
        for o in items
    ]
    emit({"items": value}, as_json=as_json, text=lines)
