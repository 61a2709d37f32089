"""muniment queue: what waits for a decision."""

from collections.abc import Iterator
from typing import Any

import click

from tui.output import emit, json_option, table
from tui.session import opened
from tui.settings import Settings


@click.command("queue")
@json_option
@click.pass_obj
def command(settings: Settings, as_json: bool) -> None:
    """List the open requests, and what a break-glass lets through meanwhile."""
    from registry.acts.queue import read_queue
    from registry.acts.unsealed import read_unsealed

    with opened(settings, read_only=True) as registry:
        queue = read_queue(registry)
        unsealed = read_unsealed(registry)

    rows = [
        (
            o.item.subject,
            o.item.environment,
            o.item.tier or "-",
            f"{o.item.checks_met}/{o.item.checks_total}",
            ", ".join(f"{q.role} {q.have}/{q.need}" for q in o.item.quorum),
            o.item.requested_at,
        )
        for o in queue.open
    ]

    def lines() -> Iterator[str]:
        for item in queue.alarms:
            yield f"! {item.subject} for {item.environment}: {item.alarm}"
        if rows:
            yield from table(("VERSION", "ENVIRONMENT", "TIER", "CHECKS", "APPROVALS", "REQUESTED"), rows)
        else:
            yield "nothing waits for a decision"
        yield str(unsealed)

    waiting: list[dict[str, Any]] = [
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
        for o in queue.open
    ]
    alarms = [
        {"subject": i.subject, "environment": i.environment, "status": i.status, "alarm": i.alarm}
        for i in queue.alarms
    ]
    value = {"items": waiting, "attention": alarms, "unsealed": unsealed.to_json()}
    emit(value, as_json=as_json, text=lines)
