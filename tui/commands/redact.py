"""muniment redact: erase the bytes of a record or a document, and say so in the log."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from schemas.errors import Refused, Usage
from tui.diagnostics import say
from tui.output import emit, json_option
from tui.session import opened
from tui.settings import Settings

if TYPE_CHECKING:
    from registry.acts.redact import Plan, Redacted

_LEFT = "old bytes may still stand in the files: another process uses them, or the disk is full"
_AGAIN = "muniment redact --sweep"


@click.command("redact")
@click.argument("target", metavar="DIGEST|LEAF", required=False)
@click.option("--reason", metavar="R", help="erasure-request, retention, secret or mistake.")
@click.option("--dry-run", is_flag=True, help="Only say what would become unprovable.")
@click.option("--yes", is_flag=True, help="Do it without asking, even when an open review reads it.")
@click.option(
    "--sweep", "sweep_only", is_flag=True, help="Overwrite what earlier erasures left in the files."
)
@json_option
@click.pass_obj
def command(
    settings: Settings,
    target: str | None,
    reason: str | None,
    dry_run: bool,
    yes: bool,
    sweep_only: bool,
    as_json: bool,
) -> int:
    """Erase a body by its digest, or the record at a leaf; what becomes unprovable is shown first.

    The log keeps the digest and the reason, so that everything else stays proved.
    """
    from registry.acts.redact import plan_redaction, redact
    from registry.store.erasures import sweep

    if sweep_only == (target is not None):
        raise Usage("expected DIGEST or LEAF, or --sweep alone", hint="muniment redact --help")
    if target is None:
        with opened(settings) as registry:
            swept = sweep(registry.connection)
        emit({"swept": swept}, as_json=as_json, text=lambda: ["swept" if swept else _LEFT])
        return 0 if swept else 6
    if reason is None and not dry_run:
        raise Usage("--reason is missing", hint="erasure-request, retention, secret or mistake")
    done = None
    with opened(settings, read_only=dry_run) as registry:
        plan = plan_redaction(registry, target)
        if not dry_run:
            _agree(plan, yes=yes)
            done = redact(registry, plan, str(reason))
    emit(_value(plan, done), as_json=as_json, text=lambda: _lines(plan, done))
    if done is None or done.swept:
        return 0
    say(f"muniment: {_LEFT}")
    say(f"  next: {_AGAIN}")
    return 6


def _agree(plan: "Plan", *, yes: bool) -> None:
    """Return when the person wants it; raise Refused or Usage otherwise."""
    if yes:
        return
    if plan.needed:
        said = f"an open review reads it: {', '.join(plan.needed)}"
        raise Refused(said, hint="decide or ask anew first, or add --yes")
    if not sys.stdin.isatty():
        raise Usage(
            "an erasure is asked about on the terminal, and there is none",
            hint="look with --dry-run, then add --yes",
        )
    for line in _lines(plan, None):
        say(line)
    click.confirm("Erase it for good?", abort=True, err=True)


def _value(plan: "Plan", done: "Redacted | None") -> dict[str, Any]:
    record = plan.uses.record
    return {
        "digest": plan.digest,
        "what": plan.uses.what,
        "record": None if record is None else {"leaf": record.seq, "type": record.type},
        "named_by": [{"leaf": leaf.seq, "type": leaf.type} for leaf in plan.uses.named],
        "unproven": [
            {
                "subject": loss.name,
                "environment": loss.environment or None,
                "status": loss.status,
                "verdict": loss.verdict,
                "why": loss.why,
            }
            for loss in plan.losses
        ],
        "open_reviews": list(plan.needed),
        "notes": list(plan.notes),
        "erased": done is not None,
        "leaf": None if done is None else done.leaf,
        "swept": None if done is None else done.swept,
    }


def _lines(plan: "Plan", done: "Redacted | None") -> Iterator[str]:
    record = plan.uses.record
    what = plan.uses.what if record is None else f"the {record.type} at leaf {record.seq}"
    yield f"body      {plan.digest}  {plan.size} bytes, {what}"
    if plan.uses.named:
        yield "named by  " + ", ".join(f"{leaf.type} at leaf {leaf.seq}" for leaf in plan.uses.named)
    for loss in plan.losses:
        where = f"{loss.name} for {loss.environment}" if loss.environment else loss.name
        yield f"unproven  {where}, now {loss.status} ({loss.verdict}): {loss.why}"
    if not plan.losses:
        yield "unproven  nothing: no verdict changes"
    yield from (f"needed    an open review reads it: {where}" for where in plan.needed)
    yield from (f"note      {note}" for note in plan.notes)
    yield "nothing was erased" if done is None else f"erased    by the record at leaf {done.leaf}"
