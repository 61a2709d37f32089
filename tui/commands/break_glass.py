"""muniment break-glass: let a denied version through for some hours."""

import click

from tui.output import emit, json_option
from tui.session import Who, acting_person, opened, signer_options, version_ref
from tui.settings import Settings


@click.command("break-glass")
@click.argument("version", metavar="M@V")
@click.option("--env", "environment", required=True, metavar="E", help="Where it shall run.")
@click.option("--role", required=True, metavar="R", help="The role the policy set lets do this.")
@click.option("--reason", required=True, metavar="T", help="Why it cannot wait, in words.")
@click.option("--hours", type=int, required=True, metavar="N", help="How long; the policy set has a limit.")
@signer_options
@json_option
@click.pass_obj
def command(
    settings: Settings,
    version: str,
    environment: str,
    role: str,
    reason: str,
    hours: int,
    who: Who,
    as_json: bool,
) -> None:
    """Let the gate allow M@V for N hours although it is not approved; you answer for it by name.

    Only where the policy set says breakGlass, never over a rejection. It approves nothing: the status stays,
    and gate, status, queue and every bundle name it. muniment withdraw --break-glass ends it early.
    """
    from registry.acts.break_glass import break_glass, find_own_glass

    ref = version_ref(settings, version)
    with opened(settings) as registry:
        actor = acting_person(registry, who)
        receipt, expires_at = break_glass(registry, actor, ref, environment, role, reason, hours)
        by_author = find_own_glass(registry, ref, environment, actor.person or "").by_author
    value = {
        "decision": "break-glass",
        "subject": str(ref),
        "environment": environment,
        "role": role,
        "expires_at": expires_at,
        "by_author": by_author,
        "envelope": receipt.envelope,
        "leaf": receipt.seq,
        "status": receipt.status,
    }
    where = f"{ref} --env {environment}"
    lines = [
        f"BREAK GLASS  {ref} for {environment} until {expires_at}, leaf {receipt.seq}",
        *(("its own author broke it, and every answer says so",) if by_author else ()),
        f"status stays {receipt.status}",
        f"to end it early: muniment withdraw {where} --break-glass --reason TEXT",
        f"next: muniment request {where}",
    ]
    emit(value, as_json=as_json, text=lambda: lines)
