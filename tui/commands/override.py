"""muniment override: end somebody's rejection by the root threshold."""

import click

from schemas.digest import Digest
from schemas.errors import Usage
from tui.commands.drafting import carry, draft_option
from tui.output import emit, json_option
from tui.session import Who, acting_person, opened, signer_options, version_ref
from tui.settings import Settings


@click.command("override")
@click.argument("version", metavar="M@V")
@click.option("--env", "environment", required=True, metavar="E", help="Where it was rejected for.")
@click.option("--decision", metavar="DIGEST", help="The rejection's envelope, when several stand.")
@click.option("--reason", required=True, metavar="T", help="Why, in words.")
@draft_option
@signer_options
@json_option
@click.pass_obj
def command(
    settings: Settings,
    version: str,
    environment: str,
    decision: str | None,
    reason: str,
    output: str | None,
    who: Who,
    as_json: bool,
) -> None:
    """End the rejection of M@V that stands; it takes as many root holders as the trust root asks for.

    It approves nothing: the quorum must still be full. Whoever rejected may reject anew.
    """
    from registry.acts.override import draft_override, override_rejection
    from registry.acts.propose import Proposal

    ref = version_ref(settings, version)
    with opened(settings) as registry:
        actor = acting_person(registry, who)
        if output is not None:
            statement, text = draft_override(registry, ref, environment, _digest(decision), reason)
            drafted = carry(registry, actor, Proposal((statement,), texts=(text,)), output)
            emit({"decision": "override", **drafted.members()}, as_json=as_json, text=drafted.lines)
            return
        receipt = override_rejection(registry, actor, ref, environment, _digest(decision), reason)
    value = {
        "decision": "override",
        "subject": str(ref),
        "environment": environment,
        "envelope": receipt.envelope,
        "leaf": receipt.seq,
        "status": receipt.status,
    }
    done = f"rejection overridden  {ref} for {environment}, leaf {receipt.seq}, status now {receipt.status}"
    emit(value, as_json=as_json, text=lambda: [done])


def _digest(text: str | None) -> Digest | None:
    try:
        return None if text is None else Digest(text)
    except ValueError as error:
        raise Usage(f"{text!r} is no digest", hint="--decision takes sha256:<64 hex>") from error
