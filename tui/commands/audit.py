"""muniment audit: the trail."""

from collections.abc import Iterator

import click

from tui.commands import audit_proof, audit_review, audit_timestamp, audit_witness
from tui.output import emit, json_option, table
from tui.progress import progress
from tui.session import opened
from tui.settings import Settings


@click.group("audit")
def command() -> None:
    """Read and check the trail."""


command.add_command(audit_proof.prove)
command.add_command(audit_proof.verify)
command.add_command(audit_timestamp.timestamp)
command.add_command(audit_witness.checkpoint)
command.add_command(audit_witness.cosign)
command.add_command(audit_witness.witness)
command.add_command(audit_review.as_of)
command.add_command(audit_review.sample)
command.add_command(audit_review.coverage)


@command.command("log")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="At most so many."
)
@click.option(
    "--after", type=click.IntRange(-1, 1 << 53), default=-1, metavar="SEQ", help="Start behind this leaf."
)
@json_option
@click.pass_obj
def log(settings: Settings, limit: int, after: int, as_json: bool) -> None:
    """List the records of the log in order."""
    from registry.acts.trail import list_trail

    with opened(settings, read_only=True) as registry:
        rows = list_trail(registry, after, limit)
        size = registry.ledger.head().size
    more = bool(rows) and rows[-1].seq + 1 < size
    items = [
        {
            "seq": r.seq,
            "time": r.time,
            "type": r.type,
            "actor": r.actor,
            "subject": r.subject,
            "summary": r.summary,
            "body": r.body,
            "erased": r.erased,
        }
        for r in rows
    ]

    def lines() -> Iterator[str]:
        cells = [(r.seq, r.time, r.type, r.subject, r.actor, r.summary) for r in rows]
        yield from table(("SEQ", "TIME (CLAIMED)", "TYPE", "SUBJECT", "BY", "SAYS"), cells)
        if more:
            yield f"more: --after {rows[-1].seq}, {size} leaves in all"

    emit({"items": items, "size": size, "more": more}, as_json=as_json, text=lines)


@command.command("verify")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Share the leaves among so many processes; else 2 for more than 200,000 leaves.",
)
@json_option
@click.pass_obj
def verify(settings: Settings, jobs: int | None, as_json: bool) -> int:
    """Re-hash every record, recompute the tree, check every signed head, and decide everything again."""
    from registry.acts.audit import verify_log

    with opened(settings, read_only=True) as registry, progress("verifying") as step:
        found = verify_log(registry, step, jobs=jobs)

    def lines() -> Iterator[str]:
        kept = f"{found.bodies} records re-hashed, {found.absent} absent"
        yield f"{found.size} leaves, {kept}; {found.erased} bodies erased"
        yield f"signed up to {found.signed_size}" + (
            "" if found.signed_size == found.size else f"; {found.size - found.signed_size} unsigned"
        )
        if found.unchecked:
            yield f"{found.unchecked} timestamps not checked: pip install 'muniment[timestamp]'"
        yield from (f"problem  {problem}" for problem in found.problems)
        yield "the log holds" if not found.problems else f"{len(found.problems)} problems"

    value = {
        "size": found.size,
        "signed_size": found.signed_size,
        "bodies": found.bodies,
        "absent": found.absent,
        "erased": found.erased,
        "timestamps_not_checked": found.unchecked,
        "problems": list(found.problems),
    }
    emit(value, as_json=as_json, text=lines)
    return 1 if found.problems else 0
