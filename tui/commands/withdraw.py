"""muniment withdraw: take one's own decision back."""

import click

from tui.output import emit, json_option
from tui.session import Who, acting_person, opened, signer_options, version_ref
from tui.settings import Settings


@click.command("withdraw")
@click.argument("version", metavar="M@V")
@click.option("--env", "environment", required=True, metavar="E", help="Where it was decided for.")
@click.option("--reason", required=True, metavar="T", help="Why, in words.")
@signer_options
@json_option
@click.pass_obj
def command(
    settings: Settings,
    version: str,
    environment: str,
    reason: str,
    who: Who,
    as_json: bool,
) -> None:
    """Take back your own latest decision about M@V in an environment."""
    from registry.acts.decide import withdraw_decision

    ref = version_ref(settings, version)
    with opened(settings) as registry:
        actor = acting_person(registry, who)
        receipt = withdraw_decision(registry, actor, ref, environment, reason)
    value = {
        "decision": "withdraw",
        "subject": str(ref),
        "environment": environment,
        "envelope": receipt.envelope,
        "leaf": receipt.seq,
        "status": receipt.status,
    }
    done = f"withdrawn  {ref} for {environment}, leaf {receipt.seq}, status now {receipt.status}"
    emit(value, as_json=as_json, text=lambda: [done])
