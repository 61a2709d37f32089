"""muniment withdraw: take one's own decision back, or end one's own break-glass."""

import click

from tui.output import emit, json_option
from tui.session import Who, acting_person, opened, signer_options, version_ref
from tui.settings import Settings


@click.command("withdraw")
@click.argument("version", metavar="M@V")
@click.option("--env", "environment", required=True, metavar="E", help="Where it was decided for.")
@click.option("--reason", required=True, metavar="T", help="Why, in words.")
@click.option("--break-glass", "glass", is_flag=True, help="End your break-glass instead of a decision.")
@signer_options
@json_option
@click.pass_obj
def command(
    settings: Settings,
    version: str,
    environment: str,
    reason: str,
    glass: bool,
    who: Who,
    as_json: bool,
) -> None:
    """Take back your own latest decision about M@V in an environment, or end your break-glass there."""
    from registry.acts.break_glass import find_own_glass
    from registry.acts.decide import withdraw_decision, withdraw_envelope

    ref = version_ref(settings, version)
    with opened(settings) as registry:
        actor = acting_person(registry, who)
        if glass:
            own = find_own_glass(registry, ref, environment, actor.person or "")
            receipt = withdraw_envelope(registry, actor, ref, environment, reason, own.event.envelope)
        else:
            receipt = withdraw_decision(registry, actor, ref, environment, reason)
    value = {
        "decision": "withdraw",
        "withdrawn": "break-glass" if glass else "decision",
        "subject": str(ref),
        "environment": environment,
        "envelope": receipt.envelope,
        "leaf": receipt.seq,
        "status": receipt.status,
    }
    what = "break-glass ended" if glass else "withdrawn"
    done = f"{what}  {ref} for {environment}, leaf {receipt.seq}, status now {receipt.status}"
    emit(value, as_json=as_json, text=lambda: [done])
