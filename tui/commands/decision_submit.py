"""muniment decision: decisions that were signed elsewhere."""

from collections.abc import Iterator

import click

from tui.files import read_small, refuse_taken, write_new
from tui.output import emit, json_option
from tui.session import opened
from tui.settings import Settings

MAX_DECISION = 1 << 20


@click.group("decision")
def command() -> None:
    """Record a decision that was signed elsewhere."""


@command.command("submit")
@click.argument("envelope", metavar="ENVELOPE")
@click.option("--receipt", metavar="F", help="Write the receipt to this new file.")
@json_option
@click.pass_obj
def submit(settings: Settings, envelope: str, receipt: str | None, as_json: bool) -> None:
    """Check and record the decision in ENVELOPE, and give out the receipt that its signer keeps."""
    from registry.acts.travel import submit_decision

    data = read_small(envelope, MAX_DECISION)
    if receipt is not None:
        refuse_taken(receipt)
    with opened(settings) as registry:
        done = submit_decision(registry, data)
    if receipt is not None and done.proof is not None:
        write_new(receipt, done.proof.encode())
    found = done.receipt

    def lines() -> Iterator[str]:
        where = f"{done.subject} for {done.environment}"
        yield f"{found.decision}  {where}, leaf {found.seq}, status now {found.status}"
        yield f"envelope {found.envelope}"
        if done.proof is None:
            yield f"no receipt yet: leaf {found.seq} is unsigned; muniment audit checkpoint, audit prove"
        else:
            yield from [f"receipt  {receipt}"] if receipt is not None else done.proof.splitlines()

    value = {
        "decision": found.decision,
        "subject": done.subject,
        "environment": done.environment,
        "envelope": found.envelope,
        "leaf": found.seq,
        "status": found.status,
        "receipt": done.proof,
    }
    emit(value, as_json=as_json, text=lines)
